using System.Text;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Every button does what its text says, reports the result, and leaves a record of the user.</summary>
internal sealed class DashboardActionsTests : VisitFixture
{
    [Test]
    [CancelAfter(120_000)]
    public async Task ProcessAll_Pressed_RunsAManualTick(CancellationToken cancellationToken)
    {
        await Visit.OpenAsync("/evaluations");

        await Visit.PressAsync("Process all now");

        (await Visit.MessageAsync()).Should().Contain("A tick has been requested");
        (await LastRecordAsync()).Should().BeEquivalentTo(new { Type = ChangeType.ProcessingRequested, Actor = "web:local", TenantId = (long?)null });
        while (await Some.Dispatches.ListAsync(1, cancellationToken) is not [{ FinishedAt: not null, Trigger: DispatchTrigger.Manual }])
            await Task.Delay(50, cancellationToken);
        await Visit.FollowAsync("See the job");
        (await Visit.Page.Locator("h1").InnerTextAsync()).Should().Be("Process pending evaluations now");
    }

    [TestCase("Run cleanup now", "The cleanup has been requested", ChangeType.CleanupRequested)]
    [TestCase("Run health check now", "A health check has been requested", ChangeType.HealthCheckRequested)]
    [CancelAfter(120_000)]
    public async Task MaintenanceButton_Pressed_TriggersTheRecurringJob(string button, string message, string type, CancellationToken cancellationToken)
    {
        var monitoring = Server.Services.GetRequiredService<JobStorage>().GetMonitoringApi();
        var before = monitoring.SucceededListCount();
        await Visit.OpenAsync("/evaluations");

        await Visit.PressAsync(button);

        (await Visit.MessageAsync()).Should().StartWith(message);
        (await LastRecordAsync()).Should().BeEquivalentTo(new { Type = type, Actor = "web:local" });
        while (monitoring.SucceededListCount() == before)
            await Task.Delay(50, cancellationToken);
    }

    [Test]
    public async Task ProcessTenant_WithDueWork_QueuesOneBatch()
    {
        var tenant = await Some.TenantWithRunsAsync(1, slug: "due");
        await Visit.OpenAsync("/evaluations/tenants/due");

        await Visit.PressAsync("Process this tenant now");

        (await Visit.MessageAsync()).Should().Be("A batch for due has been queued.");
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(new { Type = ChangeType.ProcessingRequested, Actor = "web:local", TargetId = tenant.Id });
        (await Server.Database.ScalarAsync<long>("SELECT COUNT(*) FROM TenantBatch WHERE TenantId = @Id", new { tenant.Id })).Should().Be(1);
    }

    [Test]
    public async Task ProcessTenant_WithoutDueWork_SaysSoAndDoesNothing()
    {
        var tenant = await Some.TenantAsync("idle");
        await Visit.OpenAsync("/evaluations/tenants/idle");

        await Visit.PressAsync("Process this tenant now");

        (await Visit.MessageAsync()).Should().Be("idle has no run that is due.");
        (await RecordsAsync(tenant)).Should().NotContain(record => record.Type == ChangeType.ProcessingRequested);
    }

    [Test]
    public async Task PauseAndResume_Confirmed_PauseAndResumeTheTenant()
    {
        var tenant = await Some.TenantAsync("paused");
        await Visit.OpenAsync("/evaluations/tenants/paused");

        await Visit.FollowAsync("Pause");
        (await Visit.Page.Locator("h1").InnerTextAsync()).Should().Be("Pause paused?");
        (await IsPausedAsync(tenant)).Should().BeFalse("the request for confirmation changes nothing");
        await Visit.PressAsync("Pause tenant");

        (await Visit.MessageAsync()).Should().Be("paused is paused.");
        Visit.Page.Url.Should().EndWith("/evaluations/tenants/paused");
        (await IsPausedAsync(tenant)).Should().BeTrue();
        (await Visit.Page.Locator(".ej-health").InnerTextAsync()).Should().Contain("PAUSED", "the page after an action shows its effect");

        await Visit.PressAsync("Resume");
        (await IsPausedAsync(tenant)).Should().BeFalse();
        (await RecordsAsync(tenant)).Where(record => record.Actor == "web:local").Select(record => record.Type)
            .Should().Equal(ChangeType.TenantResumed, ChangeType.TenantPaused);
    }

    [Test]
    public async Task Pause_NotConfirmed_ChangesNothing()
    {
        var tenant = await Some.TenantAsync("spared");
        await Visit.OpenAsync("/evaluations/tenants/spared");

        await Visit.FollowAsync("Pause");
        await Visit.FollowAsync("Back");

        await Visit.Page.WaitForURLAsync("**/evaluations/tenants/spared");
        (await IsPausedAsync(tenant)).Should().BeFalse();
    }

    [Test]
    public async Task CancelRun_Confirmed_EndsTheRun()
    {
        var tenant = await Some.TenantWithRunsAsync(1, slug: "cancelled");
        var run = (await Server.RunsAsync(tenant)).Single();
        await Visit.OpenAsync($"/evaluations/runs/{run.Id}");

        await Visit.FollowAsync("Cancel run");
        await Visit.PressAsync("Cancel run");

        (await Visit.MessageAsync()).Should().Be($"Run {run.Id} is cancelled.");
        (await Server.RunsAsync(tenant)).Single().Status.Should().Be(RunStatus.Cancelled);
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(new { Type = ChangeType.RunCancelled, Actor = "web:local", TargetId = run.Id });
    }

    [Test]
    public async Task SetPriority_OfAWaitingRun_IsKeptWithItsRecord()
    {
        var tenant = await Some.TenantWithRunsAsync(1, slug: "urgent");
        var run = (await Server.RunsAsync(tenant)).Single();
        await Visit.OpenAsync($"/evaluations/runs/{run.Id}");

        await Visit.Page.GetByLabel("Priority").FillAsync("50");
        await Visit.PressAsync("Set priority");

        (await Visit.MessageAsync()).Should().StartWith($"Run {run.Id} now has priority 50");
        (await Server.RunsAsync(tenant)).Single().Priority.Should().Be(50);
        (await RecordsAsync(tenant)).Should().ContainEquivalentOf(
            new { Type = ChangeType.RunPrioritySet, Actor = "web:local", Payload = """{"previous":0,"priority":50}""" });
    }

    [Test]
    public async Task Restore_OfAnArchivedRun_RestoresItOnce()
    {
        var tenant = await Some.TenantWithRunsAsync(1, slug: "archived");
        var run = (await Server.RunsAsync(tenant)).Single();
        await Some.Runs.CancelAsync(run.Id, "test", default);
        await Server.Database.ExecuteAsync("UPDATE EvaluationRun SET CompletedAt = CompletedAt - 200 * 86400000 WHERE Id = @Id", new { run.Id });
        await Server.Services.GetRequiredService<ArchiveRepository>().ArchiveBatchAsync(90, 100, default);
        await Visit.OpenAsync($"/evaluations/runs/{run.Id}");
        (await Visit.Page.InnerTextAsync("main")).Should().Contain("ARCHIVED");
        await using var other = await Browser.VisitAsync(Server.Url);
        await other.OpenAsync($"/evaluations/runs/{run.Id}");

        await Visit.PressAsync("Restore from the archive");
        await other.PressAsync("Restore from the archive");

        (await Visit.MessageAsync()).Should().StartWith($"Run {run.Id} is restored from the archive");
        (await Visit.Page.InnerTextAsync("main")).Should().NotContain("ARCHIVED").And.NotContain("Restore from the archive");
        (await other.MessageAsync()).Should().Be($"Run {run.Id} is not in the archive.");
        (await RecordsAsync(tenant)).Should().ContainSingle(record => record.Type == ChangeType.RunRestored).Which.Actor.Should().Be("web:local");
    }

    [Test]
    public async Task Upload_WithOtherColumnNames_IsMappedPreviewedAndStored()
    {
        var tenant = await Some.TenantAsync("uploader");
        await Visit.OpenAsync("/evaluations/suites/upload?tenant=uploader");
        var rows = string.Join('\n', Enumerable.Range(1, 7).Select(number => $"{number} mal 2?;{number * 2};{number}"));

        await Visit.Page.SetInputFilesAsync("input[type=file]", new FilePayload { Name = "fragen.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes($"Frage;Antwort;Gewicht\n{rows}\n") });
        await Visit.Page.FillAsync("[name=name]", "tables");
        await Visit.PressAsync("Preview file");
        (await Visit.Page.InnerTextAsync("main")).Should().Contain("What is wrong with the file").And.Contain("No case could be read");
        await Visit.Page.GetByRole(AriaRole.Link, new() { Name = "Choose it" }).ClickAsync();
        (await Visit.Page.EvaluateAsync<string>("document.activeElement.name")).Should().Be("map.input", "the link leads to the field that is wrong");
        foreach (var (field, column) in new[] { ("map.input", "Frage"), ("map.expected", "Antwort"), ("map.weight", "Gewicht") })
            await Visit.Page.SelectOptionAsync($"[name='{field}']", new SelectOptionValue { Label = column });
        await Visit.PressAsync("Preview again");

        var preview = await Visit.Page.InnerTextAsync("main");
        preview.Should().Contain("The first 5 cases, as they would be stored").And.Contain("7 cases in the file").And.Contain("5 mal 2?").And.NotContain("6 mal 2?");
        await Visit.PressAsync("Create suite");
        var suite = (await Some.Suites.ListAsync(tenant.Id, default)).Single();
        Visit.Page.Url.Should().EndWith($"/evaluations/suites/{suite.Id}");
        (await Some.Suites.CountCasesAsync(suite.Id, 1, default)).Should().Be(7);
    }

    private async Task<bool> IsPausedAsync(Tenant tenant) => (await Some.Tenants.GetAsync(tenant.Id, CancellationToken.None)).IsPaused;

    private Task<IReadOnlyList<ChangeRecord>> RecordsAsync(Tenant tenant) =>
        Some.Changes.ListAsync(tenant.Id, null, null, long.MaxValue, 100, CancellationToken.None);

    private async Task<ChangeRecord> LastRecordAsync() =>
        (await Some.Changes.ListAsync(null, null, null, long.MaxValue, 1, CancellationToken.None)).Single();
}
