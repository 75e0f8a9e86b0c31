using System.Text;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard.Forms;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The pages as a real browser shows them. <see cref="Visit.SaveScreenshotAsync"/> saves a screenshot of every page.</summary>
internal sealed class DashboardPagesTests : BrowserFixture
{
    private static readonly string[] Pages =
    [
        "overview", "overview-filtered", "tenant", "tenant-hostile", "runs", "runs-filtered", "runs-batch", "run-completed", "run-running", "run-failed", "run-hostile",
        "suites", "suites-filtered", "suite", "suite-old", "suite-difference", "suite-form", "suite-upload", "suite-upload-preview", "versions", "versions-filtered", "version", "policy", "trend", "compare", "compare-six", "search", "times",
        "audit", "audit-filtered", "not-found", "jobs", "schedule-new", "schedule-edit", "schedule-delete", "hangfire-home", "hangfire-recurring",
    ];

    // The lowest contrast that was measured: that of the current tab and of a pressed switch in dark mode. Badges have 13.9 and more.
    private const double LeastForcedContrast = 8.7;

    private SomeDashboard _data = null!;
    private string _keptUpload = null!;
    private string _sixRuns = null!;
    private Visit? _pages;

    [OneTimeSetUp]
    public async Task AddData()
    {
        _data = await SomeDashboard.AddAsync(Server);
        await Some.Suites.ReviseAsync(
            _data.HostileRun.SuiteId,
            new SuiteEdit
            {
                FromRevision = 1,
                Draft = new SuiteDraft { Name = $"suite {SomeDashboard.Script}", BasedOn = 1, IsDefault = true, Description = SomeDashboard.RightToLeft, Tags = [SomeDashboard.Emoji] },
                Removed = [2],
                Replaced = [new TestCase { Ordinal = 1, CaseKey = $"k {SomeDashboard.Script}", Name = SomeDashboard.Script, Input = $"{SomeDashboard.Script} {SomeDashboard.Emoji}", ExpectedOutput = null }],
                Added = [new TestCase { Ordinal = 0, CaseKey = "added", Name = "added", Input = "</pre></details>" }],
            },
            "test", CancellationToken.None);
        var schedules = Server.Services.GetRequiredService<RunScheduleRepository>();
        await schedules.AddAsync(_data.Acme.Id, _data.Completed.SuiteId, new ScheduleDraft { AgentName = "agent", Cron = "0 2 * * 1-5", TimeZone = "Europe/Berlin" }, "test", default);
        await schedules.AddAsync(_data.Acme.Id, _data.Completed.SuiteId, new ScheduleDraft { AgentName = "agent", Cron = "15 2,14 1-7 * 1", TimeZone = "America/New_York", Priority = 5 }, "test", default);
        await schedules.SetPausedAsync(2, isPaused: true, null, "test", default);
        await Server.Database.ExecuteAsync($"UPDATE RunSchedule SET LastOutcome = 'FAILED', LastFiredAt = CreatedAt, LastDueAt = CreatedAt, LastReason = @Reason WHERE Id = 2", new { Reason = SomeDashboard.Script });
        await Server.Services.GetRequiredService<PauseJob>().ExecuteAsync(JobSchedule.CleanupOldEvaluations, $"moving the archive {SomeDashboard.Script}", "web:ann", default);
        _keptUpload = await KeepUploadAsync(Server.Services.GetRequiredService<UploadStore>());
        _sixRuns = await AddSixRunsAsync();
        await Server.TickAsync();
    }

    /// <summary>Six runs of versions whose names, settings and replies contain no place for a line break.</summary>
    private async Task<string> AddSixRunsAsync()
    {
        var tenant = await Some.Tenants.AddAsync("six", new string('T', 60), new TenantLimits(BatchLimit: 10), "test", default);
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = new string('S', 100), IsDefault = true }, Some.Cases(4), "test", default);
        for (var index = 0; index < RunMatrix.MaxRuns; index++)
        {
            var genome = Some.Genome($$"""{"type":"scripted","note":"{{new string('g', 400)}}{{index}}"}""");
            var version = await Some.Versions.CreateAsync(tenant.Id, new string('A', 100), $"{new string('L', 60)}{index}", genome, null, "test", default);
            await Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default);
        }

        var batch = await Some.LiveBatchAsync(tenant);
        var runs = await Some.ClaimAsync(batch, RunMatrix.MaxRuns);
        foreach (var run in runs)
        {
            await Some.Claims.SaveResultsAsync(
                run, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id, each.Ordinal % 2 == 0 ? CaseVerdict.Passed : CaseVerdict.Failed) with { Output = new string('r', 400) + run.Id })], default);
            await Some.Claims.CompleteAsync(run, default);
        }

        await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, new BatchCounts(runs.Count, runs.Count), null, default);
        return string.Join(',', runs.Select(run => run.Id));
    }

    private async Task<string> KeepUploadAsync(UploadStore uploads)
    {
        var (owner, file) = (new UploadOwner(Viewer.Local.Actor, _data.Acme.Id, null), Encoding.UTF8.GetBytes($"Frage|expected|weight\n{SomeDashboard.Script}|4|1\n3+3|{SomeDashboard.RightToLeft}|0\n"));
        var id = await uploads.KeepAsync(owner, $"{SomeDashboard.Script}.csv", file.Length, () => new MemoryStream(file), default);
        uploads.Remember(id!, owner, new StoredChoices(new FormCollection(new Dictionary<string, StringValues>(StringComparer.Ordinal) { ["map.input"] = "Frage", ["map.weight"] = "weight", ["name"] = " " }), null)).Should().BeTrue();
        return id!;
    }

    /// <remarks>One visit opens all pages: each new visit needs a new window, and each window compiles the page's scripts and axe-core again.</remarks>
    [TestCaseSource(nameof(Pages))]
    public async Task Page_InEveryAppearance_ShowsDataAndRunsNoHostileScript(string name)
    {
        // After a page that fails, a new visit begins, so that its console errors fail no other test.
        var visit = _pages ?? await Browser.VisitAsync(Server.Url);
        _pages = null;
        await PageAppearance.BeginAsync(visit);
        (await visit.OpenAsync(PathOf(name))).Status.Should().Be(name == "not-found" ? 404 : 200);

        await PageAppearance.EnsureAsync(visit, name, isOurs: !name.StartsWith("hangfire", StringComparison.Ordinal));

        await EnsureHarmlessAsync(visit, name == "not-found");
        visit.ConsoleErrors.Clear();
        _pages = visit;
    }

    /// <summary>With forced colours, as for people who need strong contrast. Their colours differ from those the browser uses here.</summary>
    [Test]
    public async Task Page_InForcedColors_KeepsBadgesTabsAndSwitchesReadable()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.Page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.Active });
        foreach (var name in new[] { "overview", "runs", "suite", "version", "tenant", "suite-upload-preview" })
        {
            await visit.OpenAsync(PathOf(name));
            foreach (var isDark in new[] { false, true })
            {
                await PageAppearance.ChangeColoursAsync(visit, isDark);
                var contrasts = await visit.Page.EvaluateAsync<double[]>(
                    """
                    () => {
                      const channel = value => { value /= 255; return value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4; };
                      const parse = color => { const [r, g, b, a = 1] = (color.match(/[\d.]+/g) ?? []).map(Number); return [r, g, b, a]; };
                      const over = ([r, g, b, a], below) => [r, g, b].map((value, index) => value * a + below[index] * (1 - a));
                      const paper = document.body.appendChild(document.createElement('i'));
                      paper.style.color = 'Canvas';
                      const canvas = parse(getComputedStyle(paper).color);
                      paper.remove();
                      const behind = element => element ? over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : canvas;
                      const luminance = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
                      return [...document.querySelectorAll('.label, .metric:not(.metric-null), .badge, .btn, .nav-tabs a, .navbar-nav a')].filter(e => e.offsetWidth > 0).map(e => {
                        const ground = behind(e);
                        const [a, b] = [luminance(over(parse(getComputedStyle(e).color), ground)), luminance(ground)].sort((x, y) => y - x);
                        return (a + .05) / (b + .05);
                      });
                    }
                    """);
                contrasts.Should().NotBeEmpty();
                contrasts.Min().Should().BeGreaterThanOrEqualTo(LeastForcedContrast, $"{name}, {(isDark ? "dark" : "light")}");
                var (active, other) = (visit.Page.Locator(".ej-tabs .nav-tabs > .active > a"), visit.Page.Locator(".ej-tabs .nav-tabs > li:not(.active) > a").First);
                const string ground = "each => getComputedStyle(each).backgroundColor";
                (await active.EvaluateAsync<string>(ground)).Should().NotBe(await other.EvaluateAsync<string>(ground), "the current tab is visible");
            }
        }
    }

    [Test]
    public async Task Overview_WithWarningsAndHostileNames_ListsTheWorstFirstWithReasons()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);

        await visit.OpenAsync("/evaluations");

        (await visit.Page.Locator(".ej-health").First.InnerTextAsync()).Should().Contain("WARNING").And.Contain("2 of 4");
        var rows = await visit.Page.Locator("section[aria-labelledby=ej-tenants] tbody tr").AllInnerTextsAsync();
        rows[0].Should().Contain("backlog").And.Contain("above the warning threshold of 20").And.Contain("No living server works its pool 'gpu'");
        rows.Should().ContainSingle(row => row.Contains("Acme Corp", StringComparison.Ordinal)).Which.Should().Contain("66.7 %", "8 of 12 cases passed");
        (await visit.Page.Locator("[data-metric='evaljobs:warnings']").InnerTextAsync()).Should().Be("2");
        (await visit.Page.Locator("[data-metric='evaljobs:action']").InnerTextAsync()).Should().NotBeEmpty();
        var chart = visit.Page.Locator("figure.ej-chart").First;
        (await chart.Locator("figcaption").InnerTextAsync()).Should().Contain("of them failed").And.Contain("backlog now");
        (await chart.Locator("tbody tr").CountAsync()).Should().Be(25, "the figures of the chart are also a table");
    }

    [Test]
    public async Task Overview_Filtered_ShowsOnlyWhatMatches()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.OpenAsync("/evaluations");

        await visit.Page.GetByLabel("Name contains").FillAsync("ACME");
        await visit.PressAsync("Filter");

        (await visit.Page.Locator("section[aria-labelledby=ej-tenants] tbody tr").AllInnerTextsAsync()).Should().ContainSingle().Which.Should().Contain("acme");
    }

    [Test]
    public async Task Run_Completed_ShowsFiguresTimelineAndDifferences()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);

        await visit.OpenAsync($"/evaluations/runs/{_data.Completed.Id}");

        var figures = await visit.Page.Locator("section[aria-labelledby=ej-figures]").InnerTextAsync();
        figures.Should().Contain("FAIL 66.7 %").And.NotContain("COMPLETED").And.Contain("39.1 % to 86.2 %", "Wilson's interval of 8 in 12");
        (await visit.Page.Locator(".ej-timeline").InnerTextAsync()).Should().Contain("Created").And.Contain("First claimed by a worker").And.Contain("Completed");
        var ninth = visit.Page.Locator("details.ej-case").Nth(8);
        (await ninth.Locator("del").AllInnerTextsAsync()).Should().Equal("9");
        (await ninth.Locator("ins").AllInnerTextsAsync()).Should().Equal("number nine");
        (await visit.Page.Locator("details.ej-case[open]").CountAsync()).Should().Be(4, "cases that passed are collapsed");
    }

    [Test]
    public async Task Run_FilteredByVerdict_ShowsThoseCases()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.OpenAsync($"/evaluations/runs/{_data.Completed.Id}");

        await visit.FollowAsync("UNSCORED 1");

        (await visit.Page.Locator("details.ej-case").AllInnerTextsAsync()).Should().ContainSingle().Which.Should().Contain("cannot be read");
    }

    [Test]
    public async Task Run_Running_RefreshesItsProgressByItself()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.OpenAsync($"/evaluations/runs/{_data.Running.Id}");
        (await visit.Page.Locator("#ej-live-progress").InnerTextAsync()).Should().Contain("6 of 12 cases answered");

        var next = (await Some.UnansweredAsync(_data.Running.Id))[0];
        await Some.Claims.SaveResultsAsync(_data.Running, [Some.Result(next.Id)], CancellationToken.None);

        await visit.Page.Locator("#ej-live-progress", new() { HasText = "7 of 12 cases answered" }).WaitForAsync();
        await EnsureHarmlessAsync(visit);
    }

    [Test]
    public async Task Run_AndItsHangfireJob_LeadToEachOther()
    {
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        var tenant = await Some.TenantWithRunsAsync(1, slug: "linked", genome: Some.Genome($$"""{"type":"http","url":"{{agent.Url}}/ask/x","replyPath":"reply"}"""));
        await Server.TickAsync();
        var run = (await Server.RunsAsync(tenant)).Single();
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.OpenAsync($"/evaluations/runs/{run.Id}");

        await visit.FollowAsync("Hangfire job");
        (await visit.Page.Locator("h1").InnerTextAsync()).Should().Contain($"Tenant batch {run.TenantBatchId} of linked", "Hangfire's lists name the tenant of the batch");
        await visit.FollowAsync($"The runs of batch {run.TenantBatchId}");

        await visit.FollowAsync($"{run.Id}");
        visit.Page.Url.Should().EndWith($"/evaluations/runs/{run.Id}");
        await EnsureHarmlessAsync(visit);
    }

    [Test]
    public async Task Run_WithHostileTexts_ShowsThemAsTextAndTheLongOnesInPart()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);

        await visit.OpenAsync($"/evaluations/runs/{_data.HostileRun.Id}");

        var cases = visit.Page.Locator("details.ej-case");
        (await cases.Nth(0).InnerTextAsync()).Should().Contain(SomeDashboard.Script).And.Contain(SomeDashboard.Emoji);
        (await cases.Nth(1).InnerTextAsync()).Should().Contain("The first 4,000 of 1,000,000 characters.");
        (await visit.Page.ContentAsync()).Length.Should().BeLessThan(100_000);
        await EnsureHarmlessAsync(visit);

        var whole = await visit.Page.APIRequest.GetAsync($"hangfire/evaluations/runs/{_data.HostileRun.Id}/cases/{await CaseIdAsync(2)}/output");
        whole.Headers["content-type"].Should().Be("text/plain; charset=utf-8");
        whole.Headers["x-content-type-options"].Should().Be("nosniff");
        (await whole.TextAsync()).Should().HaveLength(SomeDashboard.Megabyte);
    }

    [Test]
    public async Task Runs_Paged_ShowEveryRunOnce()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        var tenant = await Some.TenantWithRunsAsync(60, slug: "many");
        var seen = new List<string>();

        await visit.OpenAsync("/evaluations/runs?tenant=many");
        seen.AddRange(await visit.Page.Locator("tbody th[scope=row]").AllInnerTextsAsync());
        await visit.FollowAsync("Older");
        await visit.Page.WaitForURLAsync("**before=**");
        seen.AddRange(await visit.Page.Locator("tbody th[scope=row]").AllInnerTextsAsync());

        seen.Should().Equal((await Server.RunsAsync(tenant)).Select(run => $"{run.Id}"));
        (await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Older" }).CountAsync()).Should().Be(0);
    }

    [TestCase("compare-six")]
    [TestCase("suite-difference")]
    public async Task Page_WithRowsOpenOnAPhone_StaysAsWideAsThePhone(string name)
    {
        await using var visit = await Browser.VisitAsync(Server.Url, width: 390);
        await visit.OpenAsync(PathOf(name));

        foreach (var link in (await visit.Page.Locator("a[data-part]").AllAsync()).Take(2))
        {
            await link.ClickAsync();
            await visit.Page.Locator("a[data-part][aria-expanded=true]").First.WaitForAsync();
        }

        await visit.Page.EvaluateAsync("document.querySelectorAll('details').forEach(each => each.open = true)");
        (await visit.Page.EvaluateAsync<int>("document.scrollingElement.scrollWidth")).Should().BeLessThanOrEqualTo(390);
    }

    [Test]
    public async Task Keyboard_OnARun_ReachesEveryPartWithAVisibleFocus()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.OpenAsync($"/evaluations/runs/{_data.Completed.Id}");

        var unnamed = await visit.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('main input:not([type=hidden]), main select, main button, main a, main progress')]
                .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim()))
                .map(e => e.outerHTML)
            """);
        var tables = await visit.Page.EvaluateAsync<int>("document.querySelectorAll('main th:not([scope])').length");
        await visit.Page.Locator("details.ej-case > summary").First.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");

        unnamed.Should().BeEmpty("every control has an accessible name");
        tables.Should().Be(0, "every header cell has a scope: row or column");
        (await visit.Page.Locator("details.ej-case").First.GetAttributeAsync("open")).Should().NotBeNull();
        (await visit.Page.Locator("main").CountAsync()).Should().Be(1);
        (await visit.Page.Locator("h1").CountAsync()).Should().Be(1);
    }

    [Test]
    public async Task RunsPage_BarOfSelectedRuns_IsInViewOnceARunIsSelectedAndHidesNoFocus()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await Some.TenantWithRunsAsync(50, slug: "ticked");
        await visit.OpenAsync("/evaluations/runs?tenant=ticked");
        const string barIsInView = "document.querySelector('.ej-selection').getBoundingClientRect().bottom <= window.innerHeight";
        (await visit.Page.EvaluateAsync<bool>(barIsInView)).Should().BeFalse("the bar covers no row while no run is ticked");

        await visit.Page.Locator(".ej-select input").First.CheckAsync();
        (await visit.Page.EvaluateAsync<bool>(barIsInView)).Should().BeTrue();

        var hidden = await visit.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('.ej-select input')].filter(box => {
              box.focus();
              const place = box.getBoundingClientRect();
              return place.bottom > document.querySelector('.ej-selection').getBoundingClientRect().top + 1;
            }).map(box => box.ariaLabel)
            """);
        hidden.Should().BeEmpty("a keyboard user must see which row has the focus");
    }

    private string PathOf(string name) => name switch
    {
        "overview" => "/evaluations",
        "overview-filtered" => "/evaluations?name=acme",
        "tenant" => "/evaluations/tenants/acme",
        "tenant-hostile" => "/evaluations/tenants/hostile",
        "runs" => "/evaluations/runs",
        "runs-filtered" => "/evaluations/runs?tenant=acme&status=COMPLETED&from=2020-01-01T00:00",
        "runs-batch" => $"/evaluations/runs?batch={_data.Completed.TenantBatchId}",
        "run-completed" => $"/evaluations/runs/{_data.Completed.Id}",
        "run-running" => $"/evaluations/runs/{_data.Running.Id}",
        "run-failed" => $"/evaluations/runs/{_data.Failed.Id}",
        "run-hostile" => $"/evaluations/runs/{_data.HostileRun.Id}",
        "suites" => "/evaluations/suites",
        "suites-filtered" => "/evaluations/suites?tenant=acme&tag=none",
        "suite" => $"/evaluations/suites/{_data.Completed.SuiteId}",
        "suite-old" => $"/evaluations/suites/{_data.HostileRun.SuiteId}?revision=1",
        "suite-difference" => $"/evaluations/suites/{_data.HostileRun.SuiteId}/difference",
        "suite-form" => "/evaluations/suites/new?tenant=acme",
        "suite-upload" => "/evaluations/suites/upload?tenant=acme",
        "suite-upload-preview" => $"/evaluations/suites/upload?tenant=acme&file={_keptUpload}",
        "versions" => "/evaluations/versions",
        "versions-filtered" => "/evaluations/versions?tenant=acme&evaluation=FAIL",
        "version" => $"/evaluations/versions/{_data.Completed.VersionId}",
        "policy" => "/evaluations/tenants/acme/policy",
        "trend" => $"/evaluations/trend?version={_data.Completed.VersionId}",
        "compare" => $"/evaluations/compare?runs={_data.Completed.Id}&runs={_data.Running.Id}",
        "compare-six" => $"/evaluations/compare?runs={_sixRuns}",
        "search" => "/evaluations/search?q=acme",
        "times" => "/evaluations/times",
        "audit" => "/evaluations/audit",
        "audit-filtered" => "/evaluations/audit?tenant=hostile&entity=EvaluationRun",
        "jobs" => "/evaluations/jobs",
        "schedule-new" => $"/evaluations/suites/{_data.Completed.SuiteId}/schedule",
        "schedule-edit" => "/evaluations/schedules/2/edit",
        "schedule-delete" => "/evaluations/schedules/1/delete",
        "not-found" => "/evaluations/runs/999999",
        "hangfire-home" => "/",
        "hangfire-recurring" => "/recurring",
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private Task<long> CaseIdAsync(int ordinal) => Server.Database.ScalarAsync<long>(
        "SELECT Id FROM TestCase WHERE SuiteId = @SuiteId AND Ordinal = @Ordinal", new { _data.HostileRun.SuiteId, Ordinal = ordinal });

    private static async Task EnsureHarmlessAsync(Visit visit, bool isNotFound = false)
    {
        visit.RequestsToOtherHosts.Should().BeEmpty("the page sends no request to another host");
        visit.ConsoleErrors.Where(error => !(isNotFound && error.Contains("404", StringComparison.Ordinal))).Should().BeEmpty();
    }
}
