using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Lists show cases with their input. A link to a case leads to its page, where the case is open, without a script.</summary>
public sealed partial class CaseLinkTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private EvaluationSuite _suite = null!;
    private EvaluationRun _run = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("operator", ViewerRole.Operator), .. SomeUser.Settings("reader", ViewerRole.Viewer)]);
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 60, slug: "many");
        _run = (await _server.RunsAsync(tenant)).Single();
        _suite = await _server.Some.Suites.GetAsync(_run.SuiteId, default);
        _visitor = await SignedInAsync("operator");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase(1, 1, 25)]
    [TestCase(25, 1, 25)]
    [TestCase(26, 26, 50)]
    [TestCase(60, 51, 60)]
    public async Task Suite_ACaseIsRequested_IsOpenOnThePageThatHasIt(int ordinal, int first, int last)
    {
        var page = await TextAsync($"/suites/{_suite.Id}?case={ordinal}");

        Shown(page).Should().Equal(Enumerable.Range(first, last - first + 1));
        Opened(page).Should().Equal(ordinal);
    }

    [Test]
    public async Task Suite_NoCaseIsRequested_OpensNone() => Opened(await TextAsync($"/suites/{_suite.Id}?after=25")).Should().BeEmpty();

    [Test]
    public async Task Suite_PagesFromARequestedCase_AreTheOnesBeforeAndAfter()
    {
        var page = await TextAsync($"/suites/{_suite.Id}?case=30");

        page.Should().Contain($"rel=\"prev\" href=\"{Pages}/suites/{_suite.Id}?after=0\"").And.Contain($"rel=\"next\" href=\"{Pages}/suites/{_suite.Id}?after=50\"");
        (await TextAsync($"/suites/{_suite.Id}?case=3")).Should().NotContain("rel=\"prev\"").And.Contain("rel=\"next\"");
    }

    [TestCase(26, 26, 50)]
    [TestCase(60, 51, 60)]
    public async Task Run_ACaseIsRequested_IsOpenOnThePageThatHasIt(int ordinal, int first, int last)
    {
        var page = await TextAsync($"/runs/{_run.Id}?case={ordinal}");

        Shown(page).Should().Equal(Enumerable.Range(first, last - first + 1));
        Opened(page).Should().Equal(ordinal);
        page.Should().Contain($"?page={(ordinal - 1) / 25}\"", "the next and previous pages request no case");
    }

    [Test]
    public async Task Edit_ACaseIsRequested_ShowsItsPageAndKeepsItsPlace()
    {
        var form = await TextAsync($"/suites/{_suite.Id}/edit?case=21");

        form.Should().Contain("Cases 21 to 40 of 60").And.Contain("id=\"ej-case-21\"").And.Contain("name=\"after\" value=\"20\"");
    }

    [Test]
    public async Task Suite_EachCase_CanBeEditedByAnOperator()
    {
        using var reader = await SignedInAsync("reader");

        (await TextAsync($"/suites/{_suite.Id}?after=25")).Should().Contain($"href=\"{Pages}/suites/{_suite.Id}/edit?case=26#ej-case-26\"");
        (await (await reader.GetAsync($"{Pages}/suites/{_suite.Id}")).Content.ReadAsStringAsync()).Should().Contain("ej-case-1\"").And.NotContain("/edit?case=");
    }

    [Test]
    public async Task Lists_ACaseWithoutATitle_ShowTheBeginningOfItsInput()
    {
        const string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
        var tenant = await _server.Some.TenantAsync("untitled");
        var input = new string('x', 77) + family + " <script>alert(1)</script>";
        var suite = (await _server.Some.Suites.SaveAsync(
            tenant.Id, new SuiteDraft { Name = "untitled", IsDefault = true },
            new[] { SomeCase(1, "first", "", input), SomeCase(2, "second", "A title", "Another\n  question?"), SomeCase(3, "third", "", "What <b>is</b>\n it?") }.ToAsyncEnumerable(), "test", default)).Suite;
        var run = await _server.Some.PendingRunAsync(tenant);

        foreach (var path in (string[])[$"/suites/{suite.Id}", $"/runs/{run.Id}"])
        {
            var page = await TextAsync(path);
            page.Should().Contain($"<bdi>first</bdi><span class=\"ej-case-input\" dir=\"auto\">: <bdi>{new string('x', 77)}&#x2026;</bdi>", "a family emoji is one visible character and is not cut")
                .And.Contain("<bdi>A title</bdi></span>").And.Contain("<bdi>What &lt;b&gt;is&lt;/b&gt; it?</bdi>").And.NotContain("<script>alert");
        }
    }

    private static TestCase SomeCase(int ordinal, string key, string name, string input) => new() { Ordinal = ordinal, CaseKey = key, Name = name, Input = input, Scoring = ScoringSpec.Default.Json };

    private static IEnumerable<int> Shown(string page) => Case().Matches(page).Select(match => int.Parse(match.Groups["Ordinal"].Value, null));

    private static IEnumerable<int> Opened(string page) => Case().Matches(page).Where(match => match.Groups["Open"].Success).Select(match => int.Parse(match.Groups["Ordinal"].Value, null));

    private async Task<string> TextAsync(string path)
    {
        var answer = await _visitor.GetAsync($"{Pages}{path}");
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<Visitor> SignedInAsync(string name)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        return visitor;
    }

    [GeneratedRegex("<details class=\"ej-case\"[^>]* id=\"ej-case-(?<Ordinal>[0-9]+)\"(?<Open> open)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Case();
}
