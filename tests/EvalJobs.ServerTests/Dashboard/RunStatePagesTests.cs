using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The pages show what counts for a run: void runs, handled runs, attempts, and the words of the filter.</summary>
public sealed partial class RunStatePagesTests
{
    private const string Pages = "/hangfire/evaluations";
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _visitor = new Visitor(_server.Url);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task VoidRun_OnEveryPage_IsMarkedAndNoLongerCounts()
    {
        var promotion = await new SomePromotion(_server.Database.Database, _server.Some).TestedAsync("voided");
        var counting = await _server.Some.Runs.GetAsync(promotion.CountingRunId, default);
        (await TextAsync($"/suites/{counting.SuiteId}")).Should().Contain("VOID").And.Contain("(FAIL 0 %)");
        (await TextAsync("/suites?tenant=voided")).Should().Contain("83.3 %", "the mean of the two runs that count");

        await new PromotionRepository(_server.Database.Database).VoidAsync(counting.Id, "wrong key", "test", default);

        RowOf(await TextAsync($"/versions/{promotion.VersionId}"), counting).Should().Contain(">VOID<").And.NotContain(">PASS 83.3 %<");
        (await TextAsync($"/runs?tenant=voided&status=void")).Should().Contain("<span class=\"label label-warning ej-status\">VOID</span>").And.Contain("(PASS 83.3 %)").And.NotContain(">PASS 83.3 %<");
        (await TextAsync($"/runs?tenant=voided&status=PASS")).Should().NotContain($"data-key=\"run-{counting.Id}\"").And.NotContain("VOID</span>");
        (await TextAsync($"/runs/{counting.Id}")).Should().Contain("Void as evidence").And.Contain("wrong key").And.Contain(">VOID<");
        (await TextAsync($"/trend?version={promotion.VersionId}")).Should().NotContain($"runs/{counting.Id}\"");
        (await TextAsync($"/suites/{counting.SuiteId}")).Should().Contain("(PASS 83.3 %)");
    }

    [Test]
    public async Task FailedRuns_HandledOrNot_AreMarkedInTheList()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(4, slug: "dealt");
        var runs = await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(tenant), 4);
        foreach (var run in runs)
            await _server.Some.Claims.FailAttemptAsync(run, "no answer", 1, TimeSpan.Zero, isPermanent: true, default);
        var (open, acknowledged, retried) = (runs[0], runs[1], runs[2]);
        var again = await _server.Some.Runs.RetryAsync(retried.Id, "test", default);
        var token = Visitor.FormToken(await TextAsync($"/runs/{acknowledged.Id}"));
        await _visitor.PostAsync($"{Pages}/runs/{runs[3].Id}/acknowledge", (TokenField, token));
        var before = BadgeOf(await TextAsync(""));
        await _visitor.PostAsync($"{Pages}/runs/{acknowledged.Id}/acknowledge", (TokenField, token), ("note", "known <outage>"));
        var after = BadgeOf(await TextAsync(""));

        var list = await TextAsync("/runs?tenant=dealt&status=FAILED");

        RowOf(list, open).Should().Contain("GAVE UP").And.Contain("needs action");
        RowOf(list, acknowledged).Should().Contain("acknowledged").And.NotContain("needs action");
        RowOf(list, retried).Should().Contain($"followed by <a class=\"ej-in-text\" href=\"{Pages}/runs/{again.Id}\">run {again.Id}</a>").And.NotContain("needs action");
        (await TextAsync($"/runs/{acknowledged.Id}")).Should().Contain("<q dir=\"auto\">known &lt;outage&gt;</q>");
        (before - after).Should().Be(1, "the badge counts what needs action");
        (await TextAsync("/runs?tenant=dealt&status=NEEDS_ACTION")).Should().Contain($"data-key=\"run-{open.Id}\"").And.NotContain($"data-key=\"run-{acknowledged.Id}\"");
    }

    [Test]
    public async Task Filter_OfRuns_UsesTheWordsOfTheBadges()
    {
        var page = await TextAsync("/runs?status=FAILED");

        page.Should().Contain("<option value=\"FAILED\" selected>GAVE UP</option>").And.Contain("<option value=\"PASS\">PASS</option>").And.Contain("<option value=\"FAIL\">FAIL</option>")
            .And.Contain("<option value=\"VOID\">VOID</option>").And.NotContain(">FAILED<");
        (await TextAsync("/runs?status=nonsense")).Should().Contain("is not known here; expected one of NEEDS_ACTION, PENDING, RUNNING, PASS, FAIL, VOID, COMPLETED, FAILED, CANCELLED.");
    }

    [Test]
    public async Task ChangeAllOfAFilter_ByOutcomeStateOrBatch_ChangesNothingElse()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(2, slug: "other");
        var batch = await _server.Some.LiveBatchAsync(tenant);
        var runs = await _server.Some.ClaimAsync(batch, 1);
        await _server.Some.Claims.FailAttemptAsync(runs[0], "no answer", 1, TimeSpan.Zero, isPermanent: true, default);
        var other = await _server.Some.NextBatchAsync(batch);

        foreach (var filter in (string[])["status=PASS", "status=FAIL", "status=CANCELLED", $"batch={other.Id}"])
            (await TextAsync($"/runs/change?tenant=other&do=acknowledge&all=yes&{filter}")).Should().Contain("The filter matches no run that is GAVE UP", filter);
        foreach (var filter in (string[])["", "&status=FAILED", $"&batch={batch.Id}"])
            (await TextAsync($"/runs/change?tenant=other&do=acknowledge&all=yes{filter}")).Should().Contain("Acknowledge 1 run?", filter);
        (await TextAsync("/runs/change?tenant=other&do=cancel&all=yes&status=PASS")).Should().Contain("The filter matches no run that is PENDING or RUNNING");
    }

    [Test]
    public async Task PendingRun_WhoseAgentIsOutOfReach_ShowsWhichAttemptsCount()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "waiting");
        var run = (await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(tenant))).Single();
        await _server.Some.Claims.WaitForEndpointAsync(run, "no answer", TimeSpan.FromHours(1), default);
        await _server.Database.ExecuteAsync("UPDATE EvaluationRun SET Attempt = 8 WHERE Id = @Id", new { run.Id });

        var page = await TextAsync($"/runs/{run.Id}");

        page.Should().Contain("<dt>Attempts started</dt><dd>8</dd>").And.Contain("<dt>Failed attempts</dt><dd>0 of at most 3</dd>").And.Contain("Due for attempt 9")
            .And.Contain("8 attempts were released without a failure");
    }

    [Test]
    public async Task Confirmation_OfACancellation_OffersNoSecondCancel()
    {
        var run = (await _server.RunsAsync(await _server.Some.TenantWithRunsAsync(1, slug: "kept"))).Single();

        var page = await TextAsync($"/runs/{run.Id}/cancel");

        page.Should().Contain(">Cancel run</button>").And.Contain($"href=\"{Pages}/runs/{run.Id}\">Back</a>").And.NotContain(">Cancel</a>");
    }

    [Test]
    public async Task Compare_OfOneTickedRun_TakesItsParentsOrSaysWhatToTick()
    {
        var promotion = await new SomePromotion(_server.Database.Database, _server.Some).TestedAsync("single");
        var baseline = (await _server.Some.RunLists.ListAsync(new RunListFilter { VersionId = promotion.BaselineId }, 1, default)).Single();

        var answer = await _visitor.GetAsync($"{Pages}/compare?runs={promotion.CountingRunId}");
        var compared = await TextAsync($"/compare?runs={baseline.Id},{promotion.CountingRunId}");
        var alone = await TextAsync($"/compare?runs={baseline.Id}");

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.Should().EndWith($"/compare?runs={baseline.Id},{promotion.CountingRunId}");
        compared.Should().Contain($"Only run {promotion.CountingRunId} was selected").And.Contain("Newly failing").And.NotContain("Regressed");
        alone.Should().Contain($"Run {baseline.Id} cannot be compared alone").And.Contain("Select 2 to 6 runs.");
    }

    [Test]
    public async Task ProcessNow_WhileTicksArePaused_AnnouncesNoFurtherBatch()
    {
        var token = Visitor.FormToken(await TextAsync("/jobs"));
        await _visitor.PostAsync($"{Pages}/jobs/pause", (TokenField, token), ("job", "process-evaluations"), ("reason", "maintenance"));
        try
        {
            await _visitor.PostAsync($"{Pages}/process", (TokenField, token));

            (await TextAsync("")).Should().Contain("Ticks are paused. All other runs wait until you resume ticks or request processing again.").And.Contain("queues one batch for every tenant with due work");
        }
        finally
        {
            await _visitor.PostAsync($"{Pages}/jobs/resume", (TokenField, token), ("job", "process-evaluations"));
        }
    }

    private static int BadgeOf(string page) => int.Parse(ActionBadge().Match(page).Groups["count"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("title=\"Runs that need action: (?<count>[0-9]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ActionBadge();

    private static string RowOf(string list, EvaluationRun run)
    {
        var row = list[list.IndexOf($"data-key=\"run-{run.Id}\"", StringComparison.Ordinal)..];
        return row[..row.IndexOf("</tr>", StringComparison.Ordinal)];
    }

    private async Task<string> TextAsync(string path) => await (await _visitor.GetAsync($"{Pages}{path}")).Content.ReadAsStringAsync();
}
