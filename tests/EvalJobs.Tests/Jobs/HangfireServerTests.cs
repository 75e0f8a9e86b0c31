using System.Net;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Hangfire;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Jobs;

/// <summary>What Hangfire does for the product: recurring jobs, their queue, results, and the trigger of its dashboard.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class HangfireServerTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Start_Always_RegistersTheThreeRecurringJobsOnTheirOwnQueue(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync<TDatabase>(("Dispatch:Cron", "*/5 * * * *"));
        using var connection = server.Services.GetRequiredService<JobStorage>().GetConnection();

        var jobs = connection.GetRecurringJobs();

        jobs.Select(job => (job.Id, job.Cron, job.Job.Queue, job.TimeZoneId)).Should().BeEquivalentTo(
        [
            ("process-evaluations", "*/5 * * * *", "maintenance", "UTC"),
            ("cleanup-old-evaluations", "0 2 * * *", "maintenance", "UTC"),
            ("evaluation-health-check", "*/15 * * * *", "maintenance", "UTC"),
        ]);
        cancellationToken.IsCancellationRequested.Should().BeFalse();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Trigger_RecurringJob_RunsItAndShowsTheSummaryAsTheJobsResult(CancellationToken cancellationToken)
    {
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        await using var server = await RunningServer.StartAsync<TDatabase>();
        var tenant = await server.Some.TenantWithRunsAsync(2, genome: Some.Genome($$"""{"type":"http","url":"{{agent.Url}}/ask/x","replyPath":"reply"}"""));

        await server.TickAsync(cancellationToken);

        (await server.RunsAsync(tenant)).Should().OnlyContain(run => run.Status == RunStatus.Completed);
        var monitoring = server.Services.GetRequiredService<JobStorage>().GetMonitoringApi();
        while (monitoring.SucceededListCount() < 2)
            await Task.Delay(50, cancellationToken);
        var results = monitoring.SucceededJobs(0, 10).Select(job => $"{job.Value.Result}").ToList();
        results.Should().Contain(result => result.Contains("\"queuedBatchCount\":1", StringComparison.OrdinalIgnoreCase));
        results.Should().Contain(result => result.Contains("\"completed\":2", StringComparison.OrdinalIgnoreCase));
    }

    [TestCase(JobSchedule.CleanupOldEvaluations)]
    [TestCase(JobSchedule.EvaluationHealthCheck)]
    [CancelAfter(60_000)]
    public async Task Trigger_MaintenanceJob_Succeeds(string id, CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync<TDatabase>();
        var storage = server.Services.GetRequiredService<JobStorage>();

        server.Services.GetRequiredService<IRecurringJobManager>().Trigger(id);

        while (storage.GetMonitoringApi().SucceededListCount() == 0)
            await Task.Delay(50, cancellationToken);
        using var connection = storage.GetConnection();
        connection.GetRecurringJobs().Single(job => job.Id == id).LastJobState.Should().BeOneOf("Succeeded", "Processing", "Enqueued");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Dashboard_FromThisMachine_IsShownAndAForeignPostIsRejected(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync<TDatabase>();
        using var browser = new HttpClient { BaseAddress = server.Url };

        (await browser.GetAsync("/hangfire/recurring", cancellationToken)).StatusCode.Should().Be(HttpStatusCode.OK);
        using var form = new FormUrlEncodedContent([new("jobs[]", JobSchedule.ProcessEvaluations)]);
        var foreign = await browser.PostAsync("/hangfire/recurring/trigger", form, cancellationToken);

        ((int)foreign.StatusCode).Should().BeGreaterThanOrEqualTo(400, "a POST without the page's antiforgery token comes from another site");
        (await server.Some.Dispatches.ListAsync(1, cancellationToken)).Should().BeEmpty();
    }
}
