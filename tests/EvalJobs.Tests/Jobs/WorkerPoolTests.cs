using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Jobs;

/// <summary>Real servers on one database, each with its own pools.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class WorkerPoolTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Tenant_WithAPoolOfItsOwn_IsWorkedOnlyByServersOfThatPool(CancellationToken cancellationToken)
    {
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        var genome = Some.Genome($$"""{"type":"http","url":"{{agent.Url}}/ask/x","replyPath":"reply"}""");
        await using var common = await RunningServer.StartAsync<TDatabase>(("Hangfire:Pools:evaluations", "2"));
        var plain = await common.Some.TenantWithRunsAsync(1, genome: genome, slug: "plain");
        var special = await common.Some.TenantWithRunsAsync(1, genome: genome, slug: "special");
        await common.Some.Tenants.SetLimitsAsync(special.Id, new TenantLimits(WorkerPool: "gpu"), "test", cancellationToken);

        await common.TickAsync(cancellationToken);

        (await common.RunsAsync(plain)).Should().OnlyContain(run => run.Status == RunStatus.Completed);
        (await common.RunsAsync(special)).Should().OnlyContain(run => run.Status == RunStatus.Pending && run.Attempt == 0);
        (await HealthAsync(common, special)).Should().Contain("gpu", "a pool without workers must be a warning");

        await using var gpu = await common.JoinAsync(("Hangfire:Pools:gpu", "1"));
        await common.Some.PendingRunAsync(plain, genome: genome);
        gpu.Services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);
        while ((await common.RunsAsync(special)).Any(run => run.Status != RunStatus.Completed) || await HealthAsync(common, special) != "")
            await Task.Delay(100, cancellationToken);

        (await common.RunsAsync(plain)).Should().ContainSingle(run => run.Status == RunStatus.Pending, "the other server does not work the common pool");
        (await common.Database.ScalarAsync<string>($"SELECT WorkerPool FROM {common.Database.Schema}TenantBatch WHERE TenantId = @Id", new { special.Id })).Should().Be("gpu");
    }

    private static async Task<string> HealthAsync(RunningServer server, Tenant tenant)
    {
        var report = await server.Services.GetRequiredService<HealthCheckJob>().RunAsync(CancellationToken.None);
        return string.Join(' ', report.Tenants.Single(each => each.Tenant == tenant.Slug).Reasons);
    }
}
