using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class DispatchRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task ReserveBatchAsync_ManyAtOnce_CreatesOneLiveBatchPerTenant()
    {
        var tenant = await Some.TenantAsync();

        var reserved = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Task.Run(() => Some.Dispatches.ReserveBatchAsync(null, tenant, Some.Owner, Some.Lease, default))));

        reserved.Where(id => id is not null).Should().ContainSingle();
    }

    [Test]
    public async Task BeginBatchAsync_SecondDelivery_FindsNothingToDo()
    {
        var tenant = await Some.TenantAsync();
        var batch = await Some.LiveBatchAsync(tenant);

        (await Some.Dispatches.BeginBatchAsync(batch.Id, "other", Some.Lease, default)).Should().BeNull();
    }

    [Test]
    public async Task ListTenantsDueAsync_SeveralTenants_ListsTheOneServedLongestAgoFirst()
    {
        var first = await Some.TenantWithRunsAsync(2);
        var second = await Some.TenantWithRunsAsync(2);
        var never = await Some.TenantWithRunsAsync(2);
        foreach (var tenant in new[] { second, first })
        {
            var batch = await Some.LiveBatchAsync(tenant);
            await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        }

        var due = await Some.Dispatches.ListTenantsDueAsync(default);

        due.Select(tenant => tenant.Id).Should().Equal(never.Id, second.Id, first.Id);
    }

    [Test]
    public async Task ListTenantsDueAsync_PausedServedOrNotYetDue_AreOmitted()
    {
        var paused = await Some.TenantWithRunsAsync(1);
        await Some.Tenants.SetPausedAsync(paused.Id, true, "test", default);
        await Some.LiveBatchAsync(await Some.TenantWithRunsAsync(1));
        var waiting = await Some.ClaimedRunAsync();
        await Some.Claims.FailAttemptAsync(waiting, "later", 3, TimeSpan.FromHours(1), false, default);
        await Database.PassAsync(TimeSpan.FromSeconds(1));
        var due = await Some.TenantWithRunsAsync(1);

        (await Some.Dispatches.ListTenantsDueAsync(default)).Select(tenant => tenant.Id).Should().Equal(due.Id);
    }

    [Test]
    public async Task ListTenantsLatelyDueAsync_DueForLongOrNotYet_AreOmitted()
    {
        var waitsForLong = await Some.TenantWithRunsAsync(1);
        var waiting = await Some.ClaimedRunAsync();
        await Database.PassAsync(TimeSpan.FromHours(1));
        await Some.Claims.FailAttemptAsync(waiting, "later", 3, TimeSpan.FromHours(1), false, default);
        var second = await Some.TenantWithRunsAsync(2);
        await Some.Dispatches.FinishBatchAsync(await Some.LiveBatchAsync(second), BatchStatus.Completed, default, null, default);
        var first = await Some.TenantWithRunsAsync(2);
        await Some.LiveBatchAsync(await Some.TenantWithRunsAsync(1));
        await Some.Tenants.SetPausedAsync((await Some.TenantWithRunsAsync(1)).Id, true, "test", default);

        (await Some.Dispatches.ListTenantsLatelyDueAsync(TimeSpan.FromMinutes(30), default)).Select(tenant => tenant.Id).Should().Equal(first.Id, second.Id);
        (await Some.Dispatches.ListTenantsLatelyDueAsync(TimeSpan.FromHours(2), default)).Select(tenant => tenant.Id).Should().Equal(waitsForLong.Id, first.Id, second.Id);
    }

    [Test]
    public async Task AbandonExpiredBatchesAsync_LeaseExpired_FreesTheTenant()
    {
        var tenant = await Some.TenantWithRunsAsync(1);
        var batch = await Some.LiveBatchAsync(tenant);
        await Database.PassAsync(Some.Lease * 2);

        (await Some.Dispatches.AbandonExpiredBatchesAsync(default)).Should().Be(1);

        (await Some.Dispatches.ListTenantsDueAsync(default)).Should().ContainSingle();
        (await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default)).Should().BeFalse("a batch that lost its lease changes nothing");
    }

    [Test]
    public async Task RenewBatchesAsync_QueuedByThisServer_KeepsThemFromBeingAbandoned()
    {
        var tenant = await Some.TenantAsync();
        await Some.Dispatches.ReserveBatchAsync(null, tenant, Some.Owner, Some.Lease, default);
        await Database.PassAsync(Some.Lease * 0.9);
        await Some.Dispatches.RenewBatchesAsync(Some.Owner, [], Some.Lease, default);
        await Database.PassAsync(Some.Lease * 0.9);

        (await Some.Dispatches.AbandonExpiredBatchesAsync(default)).Should().Be(0);
    }

    [Test]
    public async Task RenewBatchesAsync_MoreThanAStep_RenewsAllOfTheOwnerAndNoOthers()
    {
        const int many = 1_002;
        for (var index = 0; index < many; index++)
            await Some.Dispatches.ReserveBatchAsync(null, await Some.TenantAsync(), index == 500 ? "another" : Some.Owner, Some.Lease, default);
        var worked = await Some.LiveBatchAsync(await Some.TenantAsync());
        await Some.LiveBatchAsync(await Some.TenantAsync());

        await Database.PassAsync(Some.Lease * 0.9);
        await Some.Dispatches.RenewBatchesAsync(Some.Owner, [worked.Id], Some.Lease, default);
        await Database.PassAsync(Some.Lease * 0.9);

        (await Some.Dispatches.AbandonExpiredBatchesAsync(default)).Should().Be(2, "one belongs to another owner, one is no longer worked");
        await Database.PassAsync(Some.Lease);
        (await Some.Dispatches.AbandonExpiredBatchesAsync(default)).Should().Be(many, "all the others were renewed");
        (await Some.Dispatches.CountLiveBatchesAsync(default)).Should().Be(0);
    }
}
