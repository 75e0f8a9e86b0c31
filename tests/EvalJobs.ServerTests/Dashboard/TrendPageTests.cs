using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Components;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Charts have their figures as text and tables: trends of versions, suites and agents, the scores of a run, the last day.</summary>
public sealed class TrendPageTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private EvaluationRun _first = null!;
    private EvaluationRun _second = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _visitor = new Visitor(_server.Url);
        var some = _server.Some;
        var tenant = await some.TenantAsync("acme");
        await some.SuiteAsync(tenant, cases: 10);
        await some.PendingRunAsync(tenant);
        await some.PendingRunAsync(tenant);
        var runs = await some.ClaimAsync(await some.LiveBatchAsync(tenant));
        (_first, _second) = (runs[0], runs[1]);
        await CompleteAsync(_first, failed: 5);
        await CompleteAsync(_second, failed: 1);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Trend_OfASuite_ShowsRatesWithIntervalsCostAndP95()
    {
        var page = await TextAsync($"/trend?suite={_first.SuiteId}");

        page.Should().Contain("2 runs, the oldest at the left: pass rate from 50 % to 90 %, lowest 50 %, highest 90 %.")
            .And.Contain($"{WilsonText(5)}").And.Contain($"{WilsonText(9)}").And.Contain("seconds").And.Contain("cost of the run")
            .And.Contain("<td class=\"ej-number\" data-label=\"Cost\">0.5</td>").And.Contain("data-label=\"p95\">1 s<");
    }

    [Test]
    public async Task Trend_OfAVersionOrAgent_ShowsOnlyTheirRuns()
    {
        (await TextAsync($"/trend?version={_second.VersionId}")).Should().Contain("One run, pass rate 90 %.").And.NotContain($"/runs/{_first.Id}\"");
        (await TextAsync("/trend?tenant=acme&agent=agent")).Should().Contain("2 runs");
        (await TextAsync("/trend?tenant=acme&agent=nobody")).Should().Contain("is not an agent of acme.");
        (await _visitor.GetAsync($"{Pages}/trend")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await _visitor.GetAsync($"{Pages}/trend?suite=4711")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Run_ThatHasEnded_ShowsTheDistributionOfItsScores() =>
        (await TextAsync($"/runs/{_first.Id}")).Should().Contain("10 cases with a score: 5 with score 1, 5 with score 0, mean 0.5.").And.Contain("0.9 to below 1.0");

    [Test]
    public async Task Day_OfTheOverview_IsATableToo()
    {
        var page = await TextAsync("");

        page.Should().Contain("Show as a table").And.Contain("Backlog at the end").And.Contain("runs ended per hour");
    }

    [TestCase(0, 2, 2)]
    [TestCase(3, 2, 4)]
    [TestCase(7, 2, 8)]
    [TestCase(11, 2, 20)]
    [TestCase(100, 2, 100)]
    [TestCase(1234, 2, 2000)]
    [TestCase(0.0035, 0.001, 0.004)]
    public void TopOf_TheLargestValue_IsARoundNumberWithARoundHalf(double most, double least, double top) => PlotFrame.TopOf(most, least).Should().BeApproximately(top, 1e-9);

    [Test]
    public void CountsOf_Scores_CountsTheFullScoreSeparately() =>
        ScoreChart.CountsOf([0, 0.05, 0.1, 0.95, 0.999, 1]).Should().Equal(2, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1);

    private static string WilsonText(int passed)
    {
        var interval = WilsonInterval.Of(passed, 10);
        return $"{EvalJobs.Server.Dashboard.DisplayText.Percent(interval.Low)} to {EvalJobs.Server.Dashboard.DisplayText.Percent(interval.High)}";
    }

    private async Task<string> TextAsync(string path) => await (await _visitor.GetAsync(Pages + path)).Content.ReadAsStringAsync();

    private async Task CompleteAsync(EvaluationRun run, int failed)
    {
        var some = _server.Some;
        await some.Claims.SaveResultsAsync(
            run,
            [.. (await some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id, each.Ordinal <= failed ? CaseVerdict.Failed : CaseVerdict.Passed) with { Score = each.Ordinal <= failed ? 0 : 1, Output = "x", DurationMs = 100 * each.Ordinal, Cost = 0.05 })],
            default);
        await some.Claims.CompleteAsync(run, default);
    }
}
