using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The cases of one verdict on the page of a run: which they are and how many, while the run is live and after it has ended.</summary>
public sealed partial class RunVerdictFilterTests
{
    private RunningServer _server = null!;
    private SomeDashboard _data = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _data = await SomeDashboard.AddAsync(_server);
        _visitor = new Visitor(_server.Url);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase("PASSED", 1, 2, 3, 4, 5, 6, 7, 8)]
    [TestCase("FAILED", 9, 10)]
    [TestCase("ERRORED", 11)]
    [TestCase("UNSCORED", 12)]
    [TestCase("WAITING")]
    public Task Run_Completed_ListsTheCasesOfTheVerdictAndTheirCount(string verdict, params int[] ordinals) => ListsAsync(_data.Completed.Id, verdict, ordinals);

    [TestCase("PASSED", 1, 2, 3, 4, 5, 6)]
    [TestCase("FAILED")]
    [TestCase("WAITING", 7, 8, 9, 10, 11, 12)]
    public Task Run_Running_ListsTheCasesOfTheVerdictAndTheirCount(string verdict, params int[] ordinals) => ListsAsync(_data.Running.Id, verdict, ordinals);

    [TestCase("PASSED")]
    [TestCase("WAITING", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)]
    public Task Run_Failed_ListsTheCasesOfTheVerdictAndTheirCount(string verdict, params int[] ordinals) => ListsAsync(_data.Failed.Id, verdict, ordinals);

    [Test]
    public async Task Page_AfterTheLastOne_ShowsTheLastOne()
    {
        var page = await PageAsync(_data.Completed.Id, "verdict=FAILED&page=2");

        Ordinals(page).Should().Equal(9, 10);
        page.Should().Contain("There is no page 2: this is the only one.");
    }

    [TestCase("sort=DURATION", 9, 10)]
    [TestCase("q=something", 10)]
    public async Task Verdict_WithAnotherFilter_ListsWhatMatchesBoth(string filter, params int[] ordinals)
    {
        var page = await PageAsync(_data.Completed.Id, $"verdict=FAILED&{filter}");

        Ordinals(page).Should().BeEquivalentTo(ordinals);
    }

    private async Task ListsAsync(long runId, string verdict, int[] ordinals)
    {
        var page = await PageAsync(runId, $"verdict={verdict}");

        Ordinals(page).Should().Equal(ordinals);
        page.Should().MatchRegex($@">\s*{ordinals.Length} cases? of 12\.");
    }

    private async Task<string> PageAsync(long runId, string query) =>
        WebUtility.HtmlDecode(await (await _visitor.GetAsync($"/hangfire/evaluations/runs/{runId}?{query}")).Content.ReadAsStringAsync());

    private static IEnumerable<int> Ordinals(string page) =>
        CaseKey().Matches(page).Select(match => int.Parse(match.Groups["ordinal"].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex("data-key=\"case-(?<ordinal>[0-9]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CaseKey();
}
