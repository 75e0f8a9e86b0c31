using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
public sealed class DispatchRepositoryTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private TDatabase _database = null!;
    private Some _some = null!;

    [SetUp]
    public async Task CreateDatabase()
    {
        _database = new TDatabase();
        await _database.CreateAsync();
        _some = new Some(_database.Database);
    }

    [TearDown]
    public async Task DropDatabase() => await _database.DisposeAsync();

    [Test]
    public async Task ReserveBatchAsync_ManyAtOnce_GivesATenantOneLiveBatch()
    {
        var tenant = await _some.TenantAsync();

        var reserved = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Task.Run(() => _some.Dispatches.ReserveBatchAsync(null, tenant.Id, Some.Owner, Some.Lease, default))));

        reserved.Where(id => id is not null).Should().ContainSingle();
    }

    [Test]
    public async Task BeginBatchAsync_SecondDelivery_FindsNothingToDo()
    {
        var tenant = await _some.TenantAsync();
        var batch = await _some.LiveBatchAsync(tenant);

        (await _some.Dispatches.BeginBatchAsync(batch.Id, "other", Some.Lease, default)).Should().BeNull();
    }

    [Test]
    public async Task ListTenantsDueAsync_SeveralWait_TheOneServedLongestAgoComesFirst()
    {
        var first = await _some.TenantWithRunsAsync(2);
        var second = await _some.TenantWithRunsAsync(2);
        var never = await _some.TenantWithRunsAsync(2);
        foreach (var tenant in new[] { second, first })
        {
            var batch = await _some.LiveBatchAsync(tenant);
            await _some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        }

        var due = await _some.Dispatches.ListTenantsDueAsync(default);

        due.Select(tenant => tenant.Id).Should().Equal(never.Id, second.Id, first.Id);
    }

    [Test]
    public async Task ListTenantsDueAsync_PausedServedOrNotYetDue_AreLeftOut()
    {
        var paused = await _some.TenantWithRunsAsync(1);
        await _some.Tenants.SetPausedAsync(paused.Id, true, "test", default);
        await _some.LiveBatchAsync(await _some.TenantWithRunsAsync(1));
        var waiting = await _some.ClaimedRunAsync();
        await _some.Claims.FailAttemptAsync(waiting, "later", 3, TimeSpan.FromHours(1), false, default);
        await _database.PassAsync(TimeSpan.FromSeconds(1));
        var due = await _some.TenantWithRunsAsync(1);

        (await _some.Dispatches.ListTenantsDueAsync(default)).Select(tenant => tenant.Id).Should().Equal(due.Id);
    }

    [Test]
    public async Task AbandonExpiredBatchesAsync_LeaseLapsed_FreesTheTenant()
    {
        var tenant = await _some.TenantWithRunsAsync(1);
        var batch = await _some.LiveBatchAsync(tenant);
        await _database.PassAsync(Some.Lease * 2);

        (await _some.Dispatches.AbandonExpiredBatchesAsync(default)).Should().Be(1);

        (await _some.Dispatches.ListTenantsDueAsync(default)).Should().ContainSingle();
        (await _some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default)).Should().BeFalse("a zombie batch changes nothing");
    }

    [Test]
    public async Task RenewBatchesAsync_QueuedByUs_KeepsThemFromBeingAbandoned()
    {
        var tenant = await _some.TenantAsync();
        await _some.Dispatches.ReserveBatchAsync(null, tenant.Id, Some.Owner, Some.Lease, default);
        await _database.PassAsync(Some.Lease * 0.9);
        await _some.Dispatches.RenewBatchesAsync(Some.Owner, [], Some.Lease, default);
        await _database.PassAsync(Some.Lease * 0.9);

        (await _some.Dispatches.AbandonExpiredBatchesAsync(default)).Should().Be(0);
    }
}
