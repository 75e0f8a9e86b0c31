using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The history of a suite and of a version, and the difference between two revisions.</summary>
public sealed partial class RevisionPageTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private EvaluationSuite _suite = null!;
    private EvaluationRun _run = null!;
    private AgentVersion _version = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _visitor = new Visitor(_server.Url);
        var some = _server.Some;
        var tenant = await some.TenantAsync("acme");
        await some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "sums", IsDefault = true, PassThreshold = 0.5, Description = "first", Tags = ["old"] }, Some.Cases(30), "web:alice", default);
        _suite = await some.Suites.FindAsync(tenant.Id, "sums", default);
        var before = await some.Suites.ListCasesAsync(_suite.Id, 1, 0, 10, default);
        await some.Suites.ReviseAsync(
            _suite.Id,
            new SuiteEdit
            {
                FromRevision = 1,
                Draft = new SuiteDraft { Name = "sums", BasedOn = 1, IsDefault = true, PassThreshold = 0.9, Description = "second", Tags = ["new"] },
                Removed = [2],
                Replaced = [before[2] with { Input = "question 3, the sum of two and one", ExpectedOutput = "five" }],
                Added = [new TestCase { Ordinal = 0, CaseKey = "brand-new", Name = "Brand new", Input = "new question" }],
            },
            "web:bob", default);
        await some.Suites.ReviseAsync(
            _suite.Id, new SuiteEdit { FromRevision = 2, Draft = new SuiteDraft { Name = "sums", BasedOn = 2, IsDefault = true, PassThreshold = 0.9, Description = "third", Tags = ["new"] } }, "web:carol", default);
        _version = await some.VersionAsync(tenant);
        await some.Versions.TransitionAsync(_version.Id, LifecycleState.Testing, null, 0, "web:dora", default);
        _run = (await _server.RunsAsync(tenant)).Single();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Difference_OfTwoRevisions_ShowsSettingsAndCasesWithTheirWords()
    {
        var page = await TextAsync($"/suites/{_suite.Id}/difference?old=1&new=2");

        page.Should().Contain("1 added, 1 removed, 1 changed.").And.MatchRegex("<del[^>]*>50 %</del>").And.MatchRegex("<ins[^>]*>90 %</ins>")
            .And.MatchRegex("<del[^>]*>first</del>").And.MatchRegex("<ins[^>]*>second</ins>").And.MatchRegex("<del[^>]*>old</del>").And.Contain("web:alice").And.Contain("web:bob");
        page.Should().Contain("ADDED").And.Contain("brand-new").And.Contain("REMOVED").And.Contain("case-2").And.Contain("CHANGED").And.MatchRegex("<ins[^>]*>[^<]*sum");
        page.Should().Contain("Expected, revision 1").And.Contain("Input, revision 2");
        page.Split("<details class=\"ej-case\"").Single(each => each.Contains("CHANGED", StringComparison.Ordinal)).Should().NotContain("Scoring, revision", "only what differs is shown of a changed case");
    }

    [Test]
    public async Task OldRevision_ShowsItsCasesAndNothingOfTheCurrentOne()
    {
        var page = await TextAsync($"/suites/{_suite.Id}?revision=1");

        page.Should().Contain("sums, revision 1").And.Contain("old revision").And.Contain("To the current revision 3").And.Contain($"/suites/{_suite.Id}/difference?old=1&amp;new=3").And.Contain("30 cases");
        page.Should().NotContain("90 %").And.NotContain("third").And.NotContain("DEFAULT").And.NotContain("New cases from a file").And.NotContain("Create run").And.NotContain("New schedule").And.NotContain("id=\"ej-history\"");
        (await TextAsync($"/suites/{_suite.Id}")).Should().Contain("30 cases: 1 added, 1 replaced, 1 removed", "the history shows what a revision changed").And.Contain("30 cases, none changed", "the last revision changed only settings");
    }

    [Test]
    public async Task Difference_PastTheLastPage_ShowsTheLastAndSaysSo() =>
        (await TextAsync($"/suites/{_suite.Id}/difference?old=1&new=2&page=9&part=3")).Should().Contain("1 added, 1 removed, 1 changed.").And.Contain("brand-new")
            .And.Contain("There is no page 9: this is the only one.").And.Contain("There is no part 3: this is the only one.");

    [Test]
    public async Task Difference_OfSettingsAlone_SaysThatNoCaseDiffers()
    {
        var page = await TextAsync($"/suites/{_suite.Id}/difference");

        page.Should().Contain("revisions 2 and 3").And.Contain("0 added, 0 removed, 0 changed.").And.MatchRegex("<del[^>]*>second</del>").And.MatchRegex("<ins[^>]*>third</ins>");
        (await TextAsync($"/suites/{_suite.Id}/difference?old=2&new=2")).Should().Contain("Both are the same revision.");
    }

    [Test]
    public async Task Difference_WithTheRevisionsSwapped_IsPutInOrder() =>
        (await TextAsync($"/suites/{_suite.Id}/difference?old=2&new=1")).Should().Contain("1 added, 1 removed, 1 changed.").And.MatchRegex("<del[^>]*>90 %</del>");

    [TestCase("page=99999999999&part=7", 200)]
    [TestCase("old=0", 404)]
    [TestCase("new=99", 404)]
    [TestCase("old=x", 400)]
    [TestCase("new=-1", 400)]
    public async Task Difference_OfRevisionsThatDoNotExistOrAreNoNumber_IsNotFoundOrRejected(string query, int status) =>
        ((int)(await _visitor.GetAsync($"{Pages}/suites/{_suite.Id}/difference?{query}")).StatusCode).Should().Be(status);

    [Test]
    public async Task Difference_OfAnUnknownSuite_IsNotFound() =>
        (await _visitor.GetAsync($"{Pages}/suites/999999/difference")).StatusCode.Should().Be(HttpStatusCode.NotFound);

    [Test]
    public async Task History_OfASuite_ListsRevisionsAndRunsNewestFirstWithLinks()
    {
        var page = await TextAsync($"/suites/{_suite.Id}");

        What(page).Should().Equal($"Run {_run.Id} created", "Revision 3 stored difference", "Revision 2 stored difference", "Created");
        page.Should().Contain($"/evaluations/runs/{_run.Id}").And.Contain($"/evaluations/suites/{_suite.Id}/difference?old=2&amp;new=3").And.Contain("web:carol").And.Contain("web:dora");
    }

    [Test]
    public async Task History_OfAVersion_ListsItsChangesAndRuns()
    {
        await new PromotionRepository(_server.Database.Database).SetPolicyAsync(_version.TenantId, "", """{"requirements":[{"suite":"sums","threshold":0.5}]}""", null, "web:eve", default);

        What(await TextAsync($"/versions/{_version.Id}")).Should().Contain("Created").And.Contain("Moved from DRAFT to TESTING").And.Contain($"Run {_run.Id} created").And.Contain("Requirements stored").And.HaveElementAt(0, "Policy revision 1 set");
        var page = await TextAsync($"/versions/{_version.Id}");
        var words = RequirementWords().Matches(page).Select(match => Spaces().Replace(Tags().Replace(match.Value, ""), " ")).ToList();
        words.Should().HaveCount(2, "the list of requirements and the record").And.OnlyContain(each => each == words[0]).And.Contain(each => each.StartsWith("sums revision ", StringComparison.Ordinal));
        words[0].Should().EndWith(" %");
        Tags().Replace(page, "").Should().NotContain("suiteRevision").And.NotContain("tagLimits");
    }

    [Test]
    public async Task History_WithMoreRecordsThanAPage_IsPagedWithoutGaps()
    {
        var tenant = await _server.Some.TenantAsync("many");
        var suite = await _server.Some.SuiteAsync(tenant, 2);
        for (var revision = 1; revision < 20; revision++)
            await _server.Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { FromRevision = revision, Draft = new SuiteDraft { Name = suite.Name, BasedOn = revision, IsDefault = true, Description = $"{revision}" } }, "test", default);

        var first = await TextAsync($"/suites/{suite.Id}");
        var older = await TextAsync($"/suites/{suite.Id}?history={OlderLink().Match(first).Groups["id"].Value}");

        What(first).Concat(What(older)).Should().Equal([.. Enumerable.Range(2, 19).Reverse().Select(number => $"Revision {number} stored difference"), "Created"]);
        OlderLink().IsMatch(older).Should().BeFalse();
    }

    private static string[] What(string page) =>
        [.. Cells().Matches(page[page.IndexOf("id=\"ej-history\"", StringComparison.Ordinal)..]).Select(match => Spaces().Replace(Tags().Replace(match.Groups["cell"].Value, " "), " ").Trim())];

    private async Task<string> TextAsync(string path) => await (await _visitor.GetAsync(Pages + path)).Content.ReadAsStringAsync();

    [GeneratedRegex("<td data-label=\"What\">(?<cell>.*?)</td>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Cells();

    [GeneratedRegex(@"<a href=""[^""]*/suites/\d+""><bdi>[^<]*</bdi></a> revision \d+, <code>[a-z_]+</code>: <bdi>[^<]*</bdi>", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex RequirementWords();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"history=(?<id>\d+)#ej-history"">Older", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OlderLink();
}
