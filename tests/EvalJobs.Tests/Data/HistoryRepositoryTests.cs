using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class HistoryRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private HistoryRepository History => new(Database.Database);

    [Test]
    public async Task PurgeBatchesAsync_EndedLongAgo_AreDeletedOldestFirstAndLiveOnesStay()
    {
        var live = await Some.LiveBatchAsync(await Some.TenantAsync());
        for (var index = 0; index < 3; index++)
            await EndedBatchAsync(null);
        await Database.PassAsync(TimeSpan.FromDays(91));
        var recent = await EndedBatchAsync(null);

        (await History.PurgeBatchesAsync(90, 3, default)).Should().Be(2, "the live batch is one of the oldest three and is kept");
        (await History.PurgeBatchesAsync(90, 3, default)).Should().Be(1);
        (await History.PurgeBatchesAsync(90, 3, default)).Should().Be(0);

        await using var connection = await Database.Database.OpenAsync(default);
        (await connection.QueryAsync<long>($"SELECT Id FROM {Database.Schema}TenantBatch ORDER BY Id")).Should().Equal(live.Id, recent.Id);
    }

    [Test]
    public async Task PurgeDispatchesAsync_OldTicks_AreDeletedUnlessReferencedByABatchOrTheLast()
    {
        var referred = await Some.Dispatches.StartAsync(DispatchTrigger.Recurring, default);
        await Some.Dispatches.StartAsync(DispatchTrigger.Recurring, default);
        var last = await Some.Dispatches.StartAsync(DispatchTrigger.Recurring, default);
        var run = await Some.TenantAsync();
        await Some.Dispatches.ReserveBatchAsync(referred, run, Some.Owner, Some.Lease, default);
        await Database.PassAsync(TimeSpan.FromDays(91));

        (await History.PurgeDispatchesAsync(90, 100, default)).Should().Be(1);

        (await Some.Dispatches.ListAsync(10, default)).Select(tick => tick.Id).Should().Equal(last, referred);
    }

    [Test]
    public async Task PurgeChangesAsync_OldRecords_AreDeletedAndTheDeletionIsRecorded()
    {
        await Some.TenantAsync();
        await Some.TenantAsync();
        await Database.PassAsync(TimeSpan.FromDays(400));
        await Some.TenantAsync("kept");

        (await History.PurgeChangesAsync(365, 100, default)).Should().Be(2);

        var trail = await Some.Changes.ListAsync(null, null, null, long.MaxValue, 10, default);
        trail.Select(record => record.Type).Should().Equal(ChangeType.HistoryPurged, ChangeType.TenantAdded);
        trail[0].Payload.Should().Contain("\"rows\":2");
    }

    [Test]
    public async Task ListTenantsDueAsync_HistoryPurged_StillListsTheOneServedLongestAgoFirst()
    {
        var longAgo = await Some.TenantWithRunsAsync(2);
        await EndAsync(await Some.LiveBatchAsync(longAgo));
        await Database.PassAsync(TimeSpan.FromDays(91));
        var lately = await Some.TenantWithRunsAsync(2);
        await EndAsync(await Some.LiveBatchAsync(lately));
        await History.PurgeBatchesAsync(90, 100, default);

        (await Some.Dispatches.ListTenantsDueAsync(default)).Select(tenant => tenant.Id).Should().Equal(longAgo.Id, lately.Id);
    }

    private async Task<TenantBatch> EndedBatchAsync(Tenant? tenant)
    {
        var batch = await Some.LiveBatchAsync(tenant ?? await Some.TenantAsync());
        await EndAsync(batch);
        return batch;
    }

    private Task<bool> EndAsync(TenantBatch batch) => Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
}
