using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Versions shown, compared, moved and evaluated on the dashboard, in a real browser.</summary>
internal sealed class VersionPagesTests : VisitFixture
{
    [Test]
    public async Task Transition_ThroughTheLifecycle_DoesWhatTheButtonTextsSay()
    {
        var tenant = await Some.TenantAsync("promoter");
        await Some.SuiteAsync(tenant, 2);
        var version = await Some.VersionAsync(tenant);
        await Visit.OpenAsync($"/evaluations/versions/{version.Id}");

        await Visit.PressAsync("Move to TESTING");

        (await Visit.MessageAsync()).Should().Contain("is TESTING now. Run ");
        (await Server.RunsAsync(tenant)).Single().Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.Trigger == RunTrigger.Transition);
        var refused = Visit.Page.GetByRole(AriaRole.Button, new() { Name = "Move to CANDIDATE" });
        (await refused.IsDisabledAsync()).Should().BeTrue();
        (await Visit.Page.InnerTextAsync($"#{await refused.GetAttributeAsync("aria-describedby")}"))
            .Should().Be("TESTING → CANDIDATE needs evalStatus PASS; this version has RUNNING. What is required");
        (await Visit.Page.InnerTextAsync("section:has(#ej-required)")).Should().Contain("Wait for run");

        await CompleteAsync(tenant, _ => CaseVerdict.Passed);
        await Visit.Page.ReloadAsync();
        await Visit.PressAsync("Move to CANDIDATE");
        await Visit.FollowAsync("Move to APPROVED");
        (await Visit.Page.InnerTextAsync("h1")).Should().StartWith("Approve agent");
        (await StateAsync(version)).Should().Be(LifecycleState.Candidate, "the request for confirmation changes nothing");
        await Visit.PressAsync("Move to APPROVED");

        (await Visit.MessageAsync()).Should().Contain("is APPROVED now.");
        (await StateAsync(version)).Should().Be(LifecycleState.Approved);
        (await RecordsAsync(tenant)).Where(record => record.Type == ChangeType.VersionTransitioned).Should()
            .HaveCount(3).And.OnlyContain(record => record.Actor == "web:local" && record.TargetId == version.Id);
    }

    [Test]
    public async Task Transition_StateChangedByAnotherUser_SaysWhy()
    {
        var tenant = await Some.TenantAsync("overtaken");
        await Some.SuiteAsync(tenant);
        var version = await Some.VersionAsync(tenant);
        await Visit.OpenAsync($"/evaluations/versions/{version.Id}");
        await Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "someone", default);

        await Visit.PressAsync("Move to TESTING");

        (await Visit.MessageAsync()).Should().Be("A version cannot go from TESTING to TESTING; allowed from TESTING: CANDIDATE or DRAFT.");
    }

    [Test]
    public async Task CreateRun_OfAChosenSuite_LinksToTheRun()
    {
        var tenant = await Some.TenantAsync("runner");
        await Some.SuiteAsync(tenant);
        var other = (await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "other" }, Some.Cases(1), "test", default)).Suite;
        var version = await Some.VersionAsync(tenant);
        await Visit.OpenAsync($"/evaluations/versions/{version.Id}");

        await Visit.Page.SelectOptionAsync("#ej-suite", $"{other.Id}");
        await Visit.Page.FillAsync("#ej-priority", "7");
        await Visit.PressAsync("Create run");

        var run = (await Server.RunsAsync(tenant)).Single();
        run.Should().Match<EvaluationRun>(each => each.SuiteId == other.Id && each.Priority == 7 && each.Trigger == RunTrigger.Manual);
        (await Visit.MessageAsync()).Should().StartWith($"Run {run.Id} is created.");
        Visit.Page.Url.Should().EndWith($"/evaluations/runs/{run.Id}");
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(new { Type = ChangeType.RunCreated, Actor = "web:local", TargetId = run.Id });

        await Visit.OpenAsync($"/evaluations/suites/{other.Id}");
        await Visit.Page.SelectOptionAsync("#ej-version", $"{version.Id}");
        await Visit.PressAsync("Create run");
        (await Visit.MessageAsync()).Should().Contain(
            $"has run {run.Id} PENDING of the suite 'other'; it has one at a time of each suite", "the error is shown at the button");
    }

    [Test]
    public async Task RetryRun_Cancelled_CreatesAnotherLikeIt()
    {
        var tenant = await Some.TenantWithRunsAsync(1, slug: "retrier");
        var ended = (await Server.RunsAsync(tenant)).Single();
        await Some.Runs.CancelAsync(ended.Id, "test", default);
        await Visit.OpenAsync($"/evaluations/runs/{ended.Id}");

        await Visit.PressAsync("Retry run");

        var run = (await Server.RunsAsync(tenant))[0];
        run.Should().Match<EvaluationRun>(each => each.Id != ended.Id && each.Trigger == RunTrigger.Retry && each.SuiteRevision == ended.SuiteRevision);
        (await Visit.MessageAsync()).Should().Be($"Run {run.Id} is created. It repeats run {ended.Id}.");
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(new { Type = ChangeType.RunCreated, Actor = "web:local", TargetId = run.Id });
    }

    [Test]
    public async Task Version_WhoseGenomeChanged_IsMarkedTampered()
    {
        var tenant = await Some.TenantAsync("tampered");
        var version = await Some.VersionAsync(tenant);
        await Visit.OpenAsync($"/evaluations/versions/{version.Id}");
        (await Visit.Page.InnerTextAsync("main")).Should().Contain("VERIFIED").And.Contain(version.GenomeHash).And.NotContain("TAMPERED");

        await Server.Database.ExecuteAsync("UPDATE AgentVersion SET Genome = @Genome, GenomeText = @Genome WHERE Id = @Id", new { Genome = $"not JSON {SomeDashboard.Script}", version.Id });
        await Visit.Page.ReloadAsync();

        (await Visit.Page.InnerTextAsync("main")).Should().Contain("TAMPERED").And.Contain("Its runs fail until the original genome is restored").And.Contain("window.hacked=1");
    }

    [Test]
    public async Task Pages_InEveryAppearance_ShowDataAndRunNoHostileScript()
    {
        var tenant = await Some.Tenants.AddAsync("acme", "Acme Corp", new TenantLimits(), "test", default);
        var hostile = await Some.Tenants.AddAsync("hostile", SomeDashboard.Script, new TenantLimits(), "test", default);
        await Some.Suites.SaveAsync(
            hostile.Id, new SuiteDraft { Name = SomeDashboard.Script, Description = SomeDashboard.RightToLeft, Tags = [SomeDashboard.Script, SomeDashboard.Emoji] },
            new[] { new TestCase { Ordinal = 1, CaseKey = SomeDashboard.Script, Name = SomeDashboard.Emoji, Input = SomeDashboard.Script, ExpectedOutput = new string('x', SomeDashboard.Megabyte) } }.ToAsyncEnumerable(), "test", default);
        var hostileSuite = (await Some.Suites.ListAsync(hostile.Id, default)).Single();
        await Some.Versions.CreateAsync(hostile.Id, SomeDashboard.Script, SomeDashboard.Emoji, Some.Genome(), null, "test", default);
        var suite = await Some.SuiteAsync(tenant, 12);
        var parent = await Some.VersionAsync(tenant, Genome.Parse("""{"modelConfig":{"model":"m-1","temperature":0},"prompt":"Answer briefly.","target":{"type":"openai-chat","apiKeyRef":"openai"}}"""));
        await Some.Versions.TransitionAsync(parent.Id, LifecycleState.Testing, null, 0, "test", default);
        await CompleteAsync(tenant, each => each.Ordinal > 10 ? CaseVerdict.Failed : CaseVerdict.Passed);
        var child = await Some.Versions.CreateAsync(tenant.Id, "agent", "v-next", Genome.Parse(parent.Genome), parent.Id, "test", default);
        await Some.Versions.TransitionAsync(child.Id, LifecycleState.Testing, null, 0, "test", default);
        await CompleteAsync(tenant, each => each.Ordinal < 8 ? CaseVerdict.Errored : CaseVerdict.Passed);

        await Visit.OpenAsync($"/evaluations/versions/{child.Id}");
        var text = await Visit.Page.InnerTextAsync("main");
        text.Should().Contain("Newly failing\n7").And.Contain("Newly passing\n2").And.Contain("may well be chance").And.Contain("0.1797");
        text.Should().Contain("TESTING → CANDIDATE needs evalStatus PASS; this version has FAIL.").And.Contain("\"apiKeyRef\": \"openai\"");
        var runs = await Server.RunsAsync(tenant);
        await Visit.OpenAsync($"/evaluations/runs/{runs.Max(run => run.Id)}");
        await Visit.Page.ClickAsync("text=Compare with its parent");
        (await Visit.Page.InnerTextAsync("main")).Should().Contain($"Run {runs.Min(run => run.Id)}").And.Contain("Newly failing 7").And.Contain("Newly passing 2");
        await Visit.OpenAsync($"/evaluations/runs/{runs.Min(run => run.Id)}");
        (await Visit.Page.Locator("text=Compare with its parent").CountAsync()).Should().Be(0);
        await Visit.OpenAsync("/evaluations/suites?tenant=acme");
        (await Visit.Page.Locator(".ej-spark").GetAttributeAsync("aria-label")).Should().StartWith("Pass rates of the latest 2 completed runs: from 83.3 % to 41.7 %");

        await using var visit = await Browser.VisitAsync(Server.Url);
        foreach (var (name, path) in new[]
                 {
                     ("suites", "/evaluations/suites"), ("suite", $"/evaluations/suites/{suite.Id}"), ("suite-hostile", $"/evaluations/suites/{hostileSuite.Id}"),
                     ("suite-edit", $"/evaluations/suites/{suite.Id}/edit"), ("suite-edit-hostile", $"/evaluations/suites/{hostileSuite.Id}/edit"),
                     ("suite-new", "/evaluations/suites/new?tenant=acme"), ("suite-upload", "/evaluations/suites/upload?tenant=acme"),
                     ("versions", "/evaluations/versions"), ("version", $"/evaluations/versions/{child.Id}"),
                 })
        {
            await PageAppearance.BeginAsync(visit);
            (await visit.OpenAsync(path)).Status.Should().Be(200, name);
            foreach (var (appearance, width) in new[] { ("light", 1280), ("phone", 390) })
            {
                await visit.Page.SetViewportSizeAsync(width, 900);
                await visit.SaveScreenshotAsync($"{name}-{appearance}");
                (await visit.Page.EvaluateAsync<bool>("document.querySelector('main.ej') !== null && document.documentElement.scrollWidth > window.innerWidth"))
                    .Should().BeFalse($"{name} must not scroll sideways at {width} pixels");
                (await visit.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')].filter(each => each.labels.length === 0 && !each.ariaLabel).map(each => each.name)"))
                    .Should().BeEmpty($"every field of {name} has a label");
            }

            visit.ConsoleErrors.Should().BeEmpty(name);
            visit.RequestsToOtherHosts.Should().BeEmpty(name);
        }
    }

    private async Task CompleteAsync(Tenant tenant, Func<TestCase, CaseVerdict> verdict)
    {
        var batch = await Some.LiveBatchAsync(tenant);
        foreach (var run in await Some.ClaimAsync(batch))
        {
            await Some.Claims.SaveResultsAsync(run, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id, verdict(each)))], default);
            await Some.Claims.CompleteAsync(run, default);
        }

        await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
    }

    private async Task<LifecycleState> StateAsync(AgentVersion version) => (await Some.Versions.GetAsync(version.Id, default)).LifecycleState;

    private Task<IReadOnlyList<ChangeRecord>> RecordsAsync(Tenant tenant) => Some.Changes.ListAsync(tenant.Id, null, null, long.MaxValue, 100, default);
}
