using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Every button does what it says, says what it did, and leaves a record of who pressed it.</summary>
[Category("Browser")]
public sealed class DashboardActionsTests
{
    private Browser _browser = null!;
    private RunningServer _server = null!;
    private Visit _visit = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _browser = await Browser.StartAsync();
        _server = await RunningServer.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_browser is not null)
            await _browser.DisposeAsync();
    }

    [SetUp]
    public async Task Visit() => _visit = await _browser.VisitAsync(_server.Url);

    [TearDown]
    public async Task Leave()
    {
        _visit.Complaints.Should().BeEmpty();
        _visit.Strangers.Should().BeEmpty();
        await _visit.DisposeAsync();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task ProcessAll_Pressed_RunsAManualTick(CancellationToken cancellationToken)
    {
        await _visit.OpenAsync("/evaluations");

        await _visit.PressAsync("Process all now");

        (await _visit.MessageAsync()).Should().Contain("A tick has been asked for");
        (await LastRecordAsync()).Should().BeEquivalentTo(new { Type = ChangeType.ProcessingRequested, Actor = "web:local", TenantId = (long?)null });
        while (await _server.Some.Dispatches.ListAsync(1, cancellationToken) is not [{ FinishedAt: not null, Trigger: DispatchTrigger.Manual }])
            await Task.Delay(50, cancellationToken);
        await _visit.Page.GetByRole(AriaRole.Link, new() { Name = "See the job" }).ClickAsync();
        (await _visit.Page.Locator("h1").InnerTextAsync()).Should().Be("Process pending evaluations now");
    }

    [TestCase("Run cleanup now", "The cleanup has been asked for", ChangeType.CleanupRequested)]
    [TestCase("Run health check now", "A health check has been asked for", ChangeType.HealthCheckRequested)]
    [CancelAfter(120_000)]
    public async Task MaintenanceButton_Pressed_TriggersTheRecurringJob(string button, string message, string type, CancellationToken cancellationToken)
    {
        var monitoring = _server.Services.GetRequiredService<JobStorage>().GetMonitoringApi();
        var before = monitoring.SucceededListCount();
        await _visit.OpenAsync("/evaluations");

        await _visit.PressAsync(button);

        (await _visit.MessageAsync()).Should().StartWith(message);
        (await LastRecordAsync()).Should().BeEquivalentTo(new { Type = type, Actor = "web:local" });
        while (monitoring.SucceededListCount() == before)
            await Task.Delay(50, cancellationToken);
    }

    [Test]
    public async Task ProcessTenant_WithDueWork_QueuesOneBatch()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "due");
        await _visit.OpenAsync("/evaluations/tenants/due");

        await _visit.PressAsync("Process this tenant now");

        (await _visit.MessageAsync()).Should().Be("A batch for due has been queued.");
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(new { Type = ChangeType.ProcessingRequested, Actor = "web:local", TargetId = tenant.Id });
        (await _server.Database.ScalarAsync<long>("SELECT COUNT(*) FROM TenantBatch WHERE TenantId = @Id", new { tenant.Id })).Should().Be(1);
    }

    [Test]
    public async Task ProcessTenant_WithoutDueWork_SaysSoAndDoesNothing()
    {
        var tenant = await _server.Some.TenantAsync("idle");
        await _visit.OpenAsync("/evaluations/tenants/idle");

        await _visit.PressAsync("Process this tenant now");

        (await _visit.MessageAsync()).Should().Be("idle has no run that is due.");
        (await RecordsAsync(tenant)).Should().NotContain(record => record.Type == ChangeType.ProcessingRequested);
    }

    [Test]
    public async Task PauseAndResume_Confirmed_HoldAndReleaseTheTenant()
    {
        var tenant = await _server.Some.TenantAsync("paused");
        await _visit.OpenAsync("/evaluations/tenants/paused");

        await _visit.PressAsync("Pause");
        (await _visit.Page.Locator("h1").InnerTextAsync()).Should().Be("Pause paused?");
        (await IsPausedAsync(tenant)).Should().BeFalse("asking is not doing");
        await _visit.PressAsync("Pause the tenant");

        (await _visit.MessageAsync()).Should().Be("paused is paused.");
        _visit.Page.Url.Should().EndWith("/evaluations/tenants/paused");
        (await IsPausedAsync(tenant)).Should().BeTrue();
        (await _visit.Page.Locator(".ej-health").InnerTextAsync()).Should().Contain("PAUSED", "the page after an action shows its effect");

        await _visit.PressAsync("Resume");
        (await IsPausedAsync(tenant)).Should().BeFalse();
        (await RecordsAsync(tenant)).Where(record => record.Actor == "web:local").Select(record => record.Type)
            .Should().Equal(ChangeType.TenantResumed, ChangeType.TenantPaused);
    }

    [Test]
    public async Task Pause_NotConfirmed_ChangesNothing()
    {
        var tenant = await _server.Some.TenantAsync("spared");
        await _visit.OpenAsync("/evaluations/tenants/spared");

        await _visit.PressAsync("Pause");
        await _visit.Page.GetByRole(AriaRole.Link, new() { Name = "Do nothing" }).ClickAsync();

        await _visit.Page.WaitForURLAsync("**/evaluations/tenants/spared");
        (await IsPausedAsync(tenant)).Should().BeFalse();
    }

    [Test]
    public async Task CancelRun_Confirmed_EndsTheRun()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "cancelled");
        var run = (await _server.RunsAsync(tenant)).Single();
        await _visit.OpenAsync($"/evaluations/runs/{run.Id}");

        await _visit.PressAsync("Cancel run");
        await _visit.PressAsync("Cancel the run");

        (await _visit.MessageAsync()).Should().Be($"Run {run.Id} is cancelled.");
        (await _server.RunsAsync(tenant)).Single().Status.Should().Be(RunStatus.Cancelled);
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(new { Type = ChangeType.RunCancelled, Actor = "web:local", TargetId = run.Id });
    }

    [Test]
    public async Task SetPriority_OfAWaitingRun_IsKeptWithItsRecord()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "urgent");
        var run = (await _server.RunsAsync(tenant)).Single();
        await _visit.OpenAsync($"/evaluations/runs/{run.Id}");

        await _visit.Page.GetByLabel("Priority").FillAsync("50");
        await _visit.PressAsync("Set priority");

        (await _visit.MessageAsync()).Should().StartWith($"Run {run.Id} now has priority 50");
        (await _server.RunsAsync(tenant)).Single().Priority.Should().Be(50);
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(
            new { Type = ChangeType.RunPrioritySet, Actor = "web:local", Payload = """{"previous":0,"priority":50}""" });
    }

    private async Task<bool> IsPausedAsync(Tenant tenant) => (await _server.Some.Tenants.GetAsync(tenant.Id, CancellationToken.None)).IsPaused;

    private Task<IReadOnlyList<ChangeRecord>> RecordsAsync(Tenant tenant) =>
        _server.Some.Changes.ListAsync(tenant.Id, null, null, long.MaxValue, 100, CancellationToken.None);

    private async Task<ChangeRecord> LastRecordAsync() =>
        (await _server.Some.Changes.ListAsync(null, null, null, long.MaxValue, 1, CancellationToken.None)).Single();
}
