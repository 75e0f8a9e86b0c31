using System.Net;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The comparison of runs, case by case: which runs can be compared, what is counted, and what a row opens.</summary>
public sealed class ComparePageTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private Tenant _tenant = null!;
    private EvaluationRun _baseline = null!;
    private EvaluationRun _other = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _visitor = new Visitor(_server.Url);
        var some = _server.Some;
        _tenant = await some.TenantAsync("acme");
        await some.SuiteAsync(_tenant, cases: 30);
        await some.PendingRunAsync(_tenant);
        await some.PendingRunAsync(_tenant, genome: Some.Genome("""{"type":"scripted","note":"<b>another</b> wording"}"""));
        var runs = await some.ClaimAsync(await some.LiveBatchAsync(_tenant));
        (_baseline, _other) = (runs[0], runs[1]);
        await CompleteAsync(_baseline, ordinal => ordinal == 2 ? CaseVerdict.Failed : CaseVerdict.Passed, "the first reply");
        await CompleteAsync(_other, ordinal => ordinal is 3 or 4 ? CaseVerdict.Failed : CaseVerdict.Passed, "the second reply");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Compare_TwoRuns_CountsWhatChangedAndSaysWhereTheGenomesDiffer()
    {
        var page = await TextAsync($"/compare?runs={_baseline.Id}&runs={_other.Id}");

        page.Should().Contain("All 30").And.Contain("Newly failing 2").And.Contain("Newly passing 1").And.Contain("Different verdicts 3").And.Contain("Not in every run 0")
            .And.Contain("2, 1 of 30 shared cases").And.Contain("Page 1 of 2")
            .And.Contain("target.note").And.Contain("&lt;b&gt;another&lt;/b&gt; wording").And.NotContain("<b>another</b>");
        (await TextAsync($"/compare?runs={_other.Id},{_baseline.Id}")).Should().Contain("Newly failing 1").And.Contain("Newly passing 2", "the first run is the baseline");
        (await TextAsync($"/compare?runs={_other.Id}&runs={_baseline.Id}")).Should().Contain("Newly failing 2").And.Contain("Newly passing 1", "a list has the newest run on top, so the oldest of the ticked runs is the baseline");
    }

    [Test]
    public async Task Compare_Filtered_ShowsOnlyThoseCases()
    {
        var page = await TextAsync($"/compare?runs={_baseline.Id},{_other.Id}&show=fixed");

        page.Should().Contain("newly passing").And.NotContain("newly failing").And.NotContain("Page 1 of");
        (await TextAsync($"/compare?runs={_baseline.Id},{_other.Id}&search=nothing-has-this-name")).Should().Contain("No case matches");
    }

    [Test]
    public async Task Compare_CaseThatOneRunDoesNotHave_IsListedAsMissingAndNotAsDifferent()
    {
        var some = _server.Some;
        var tenant = await some.TenantAsync("revised");
        var suite = await some.SuiteAsync(tenant, cases: 3);
        await some.PendingRunAsync(tenant);
        await some.Suites.ReviseAsync(suite.Id, new SuiteEdit
        {
            FromRevision = 1,
            Draft = new SuiteDraft { Name = suite.Name, BasedOn = 1, IsDefault = true },
            Removed = [1],
            Added = [new TestCase { Ordinal = 0, CaseKey = "added", Name = "added", Input = "?" }],
        }, "test", default);
        await some.PendingRunAsync(tenant);
        var runs = await some.ClaimAsync(await some.LiveBatchAsync(tenant));
        foreach (var run in runs)
            await CompleteAsync(run, _ => CaseVerdict.Passed, "a reply");

        var page = await TextAsync($"/compare?runs={runs[0].Id},{runs[1].Id}");
        var missing = await TextAsync($"/compare?runs={runs[0].Id},{runs[1].Id}&show=missing");

        page.Should().Contain("All 4").And.Contain("Different verdicts 0").And.Contain("Not in every run 2");
        missing.Should().Contain("no result").And.Contain("2 cases").And.Contain("case=added&").And.NotContain("newly passing ·").And.NotContain("newly failing ·");
        (await TextAsync($"/compare?runs={runs[0].Id},{runs[1].Id}&show=different")).Should().Contain("No case matches");
    }

    [Test]
    public async Task Case_OfAComparison_ShowsBothRepliesWithTheWordThatDiffers()
    {
        var cases = await _server.Some.Runs.ListResultsAsync(_baseline, null, 0, 1, default);

        var part = await TextAsync($"/compare/case?runs={_baseline.Id},{_other.Id}&case={cases[0].CaseKey}&part=yes");

        part.Should().Contain("the first reply").And.Contain("<ins>second</ins>").And.NotContain("<html");
        (await TextAsync($"/compare/case?runs={_baseline.Id},{_other.Id}&case={cases[0].CaseKey}")).Should().Contain("<html").And.Contain("<ins>second</ins>");
    }

    [TestCase("runs=")]
    [TestCase("runs=1")]
    [TestCase("runs=1,1")]
    [TestCase("runs=1,x")]
    [TestCase("runs=1,2,3,4,5,6,7")]
    public async Task Compare_NotTwoToSixRuns_SaysHowToChoose(string query)
    {
        var answer = await _visitor.GetAsync($"{Pages}/compare?{query}");

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("Select 2 to 6 runs");
    }

    [Test]
    public async Task Compare_RunOfAnotherTenant_IsRejected()
    {
        var other = await _server.Some.TenantWithRunsAsync(1);
        var run = (await _server.RunsAsync(other)).Single();

        (await TextAsync($"/compare?runs={_baseline.Id},{run.Id}")).Should().Contain("only runs of one tenant are compared");
    }

    [Test]
    public async Task Compare_TwoVersions_LeadsToTheirLatestRuns()
    {
        var answer = await _visitor.GetAsync($"{Pages}/compare?version={_other.VersionId}&baseline={_baseline.VersionId}");

        answer.Headers.Location!.ToString().Should().EndWith($"/evaluations/compare?runs={_baseline.Id},{_other.Id}");
    }

    private async Task CompleteAsync(EvaluationRun run, Func<int, CaseVerdict> verdict, string output)
    {
        var some = _server.Some;
        await some.Claims.SaveResultsAsync(
            run, [.. (await some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id, verdict(each.Ordinal)) with { Output = output })], default);
        await some.Claims.CompleteAsync(run, default);
    }

    private async Task<string> TextAsync(string path) => WebUtility.HtmlDecode((await (await _visitor.GetAsync(Pages + path)).Content.ReadAsStringAsync()).Replace("&lt;", "&amp;lt;").Replace("&gt;", "&amp;gt;"));
}
