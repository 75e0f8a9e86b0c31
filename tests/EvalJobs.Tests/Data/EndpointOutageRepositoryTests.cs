using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The circuit breakers in the database: which tenant may call an endpoint that does not answer, and when.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
internal sealed class EndpointOutageRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private const string Host = "agents.example:443";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private EndpointOutageRepository Outages => new(Database.Database);

    [Test]
    public async Task EnterAsync_NoOutageKnown_IsFree() =>
        (await EnterAsync(await Some.TenantAsync())).Should().Be(EndpointEntry.Free);

    [Test]
    public async Task EnterAsync_DoesNotAnswerTheTenant_AllowsOneTryPerInterval()
    {
        var tenant = await Some.TenantAsync();
        await OpenAsync(tenant);

        (await EnterAsync(tenant)).Should().Match<EndpointEntry>(entry => entry.Access == EndpointAccess.Wait && entry.Outage!.LastError == "refused");
        await Database.PassAsync(Interval);
        (await AccessAsync(tenant)).Should().Be(EndpointAccess.OneTry);
        (await AccessAsync(tenant)).Should().Be(EndpointAccess.Wait, "one of the servers took the try");
    }

    [Test]
    public async Task EnterAsync_ManyServersAtOnce_AllowsOneTry()
    {
        var tenant = await Some.TenantAsync();
        await OpenAsync(tenant);
        await Database.PassAsync(Interval);

        var entries = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AccessAsync(tenant))));

        entries.Should().ContainSingle(access => access == EndpointAccess.OneTry);
    }

    [Test]
    public async Task EnterAsync_DoesNotAnswerOthers_NeverBlocksATenant()
    {
        var others = await TenantsAsync(20);
        var tenant = await Some.TenantAsync("healthy");

        foreach (var other in others[..2])
            await OpenAsync(other);
        (await EnterAsync(tenant)).Should().Be(EndpointEntry.Free, "two tenants are not enough to open it for others");
        foreach (var other in others)
            await OpenAsync(other);
        (await EnterAsync(tenant)).Should().Be(EndpointEntry.OneTry, "one question is still allowed: failures of others must not block a tenant");
    }

    [Test]
    public async Task EnterAsync_DoesNotAnswerSeveral_OneTriesForAllAndEachGetsItsOwnTry()
    {
        var tenants = await TenantsAsync(5);
        foreach (var tenant in tenants)
            await OpenAsync(tenant);

        await Database.PassAsync(Interval);
        (await TriesAsync(tenants)).Should().Be(1);
        await Database.PassAsync(Interval);
        (await TriesAsync(tenants)).Should().Be(1);
        await Database.PassAsync(Interval * 10);
        (await TriesAsync(tenants)).Should().Be(5, "no tenant waits without end, whoever uses the tries");
    }

    [Test]
    public async Task CloseAsync_OneOfSeveral_LetsTheOthersTryAtOnce()
    {
        var tenants = await TenantsAsync(4);
        foreach (var tenant in tenants)
            await OpenAsync(tenant);

        (await Outages.CloseAsync(Host, tenants[0].Id, Interval, default)).Should().BeTrue();

        (await EnterAsync(tenants[0])).Access.Should().NotBe(EndpointAccess.Wait);
        (await TriesAsync(tenants[1..])).Should().Be(3);
    }

    [Test]
    public async Task CloseAsync_OneOfTwo_DoesNotChangeTheOther()
    {
        var tenants = await TenantsAsync(2);
        foreach (var tenant in tenants)
            await OpenAsync(tenant);

        await Outages.CloseAsync(Host, tenants[0].Id, Interval, default);

        (await AccessAsync(tenants[1])).Should().Be(EndpointAccess.Wait, "the cause may be its own path or key");
        (await Outages.CloseAsync(Host, tenants[0].Id, Interval, default)).Should().BeFalse("the breaker was closed already");
    }

    [Test]
    public async Task OpenAsync_AgainAndAgain_CountsTriesAndKeepsSince()
    {
        var tenant = await Some.TenantAsync();
        var first = await OpenAsync(tenant);
        await Database.PassAsync(TimeSpan.FromHours(1));

        var second = await OpenAsync(tenant);

        second!.TryCount.Should().Be(2);
        second.Since.Should().BeCloseTo(first!.Since - TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        second.AgeMs.Should().BeGreaterThanOrEqualTo(3_600_000);
    }

    [Test]
    public async Task OpenAsync_TenantDeleted_StoresNothing() => (await Outages.OpenAsync(Host, 99, "refused", default)).Should().BeNull();

    [Test]
    public async Task ListAsync_NotTriedForDays_OmitsIt()
    {
        var tenant = await Some.TenantAsync();
        await OpenAsync(tenant);
        (await Outages.ListAsync(default)).Should().ContainSingle();

        await Database.PassAsync(TimeSpan.FromDays(3));
        (await Outages.ListAsync(default)).Should().BeEmpty();
        await Outages.OpenAsync("other", tenant.Id, "refused", default);
        (await Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}EndpointOutage")).Should().Be(1, "the old row was deleted");
    }

    [TestCase(7, 1)]
    [TestCase(8, 2)]
    [TestCase(20, 5)]
    public async Task BeginBatchInShareAsync_OthersWait_AllowsUnansweredTenantsAQuarterOfAllServersWorkers(int workers, int share)
    {
        var pools = new WorkerPoolRepository(Database.Database);
        await pools.AnnounceAsync("one", new Dictionary<string, int>(StringComparer.Ordinal) { [Tenant.CommonPool] = workers - 3, ["gpu"] = 100 }, Some.Lease, default);
        await pools.AnnounceAsync("two", new Dictionary<string, int>(StringComparer.Ordinal) { [Tenant.CommonPool] = 3 }, Some.Lease, default);
        var dead = new List<long>();
        foreach (var tenant in await TenantsAsync(8))
        {
            await Outages.SetAnsweredAsync(tenant.Id, isAnswered: false, default);
            dead.Add(await QueueAsync(tenant));
        }

        var healthy = await QueueAsync(await Some.TenantAsync("healthy"));
        var begun = await Task.WhenAll(dead.Select(id => Task.Run(() => Some.Dispatches.BeginBatchInShareAsync(id, Some.Owner, Some.Lease, default))));

        begun.Count(batch => batch!.Status == BatchStatus.Running).Should().Be(share);
        begun.Count(batch => batch!.Status == BatchStatus.Queued).Should().Be(8 - share, "the batches are put off, not dropped");
        (await BeginAsync(healthy)).Should().Be(BatchStatus.Running);
        (await BeginAsync(begun.First(batch => batch!.Status == BatchStatus.Queued)!.Id)).Should().Be(BatchStatus.Running, "no other tenant waits, so workers must not stay idle");
    }

    [Test]
    public async Task BeginBatchInShareAsync_TenantAnsweredAgain_IsLikeAnyOther()
    {
        await new WorkerPoolRepository(Database.Database).AnnounceAsync("one", new Dictionary<string, int>(StringComparer.Ordinal) { [Tenant.CommonPool] = 4 }, Some.Lease, default);
        var tenants = await TenantsAsync(2);
        foreach (var tenant in tenants)
            await Outages.SetAnsweredAsync(tenant.Id, isAnswered: false, default);
        await Outages.SetAnsweredAsync(tenants[1].Id, isAnswered: true, default);
        var ids = new List<long> { await QueueAsync(tenants[0]), await QueueAsync(tenants[1]), await QueueAsync(await Some.TenantAsync("waits")) };

        (await BeginAsync(ids[0])).Should().Be(BatchStatus.Running);
        (await BeginAsync(ids[1])).Should().Be(BatchStatus.Running);
    }

    [Test]
    public async Task HaveOthersToWaitAsync_ByPoolAndTenant_CountsOnlyTenantsThatWaitForTheSameWorkers()
    {
        var mine = await Some.LiveBatchAsync(await Some.TenantAsync("mine"));
        var gpu = await Some.TenantAsync("gpu");
        await Some.Tenants.SetLimitsAsync(gpu.Id, new TenantLimits(WorkerPool: "gpu"), "test", default);
        await QueueAsync(await Some.Tenants.GetAsync(gpu.Id, default));

        (await Some.Dispatches.AreOthersWaitingAsync(mine.Id, default)).Should().BeFalse("that tenant waits for other workers");
        await QueueAsync(await Some.TenantAsync("other"));
        (await Some.Dispatches.AreOthersWaitingAsync(mine.Id, default)).Should().BeTrue();
    }

    private async Task<List<Tenant>> TenantsAsync(int count)
    {
        var tenants = new List<Tenant>();
        for (var index = 0; index < count; index++)
            tenants.Add(await Some.TenantAsync($"tenant-{index}"));
        return tenants;
    }

    private async Task<long> QueueAsync(Tenant tenant) => (await Some.Dispatches.ReserveBatchAsync(null, tenant, Some.Owner, Some.Lease, default))!.Value;

    private async Task<BatchStatus> BeginAsync(long batchId) => (await Some.Dispatches.BeginBatchInShareAsync(batchId, Some.Owner, Some.Lease, default))!.Status;

    private Task<EndpointOutage?> OpenAsync(Tenant tenant) => Outages.OpenAsync(Host, tenant.Id, "refused", default);

    private Task<EndpointEntry> EnterAsync(Tenant tenant) => Outages.EnterAsync(Host, tenant.Id, Interval, default);

    private async Task<EndpointAccess> AccessAsync(Tenant tenant) => (await EnterAsync(tenant)).Access;

    private async Task<int> TriesAsync(List<Tenant> tenants)
    {
        var tries = 0;
        foreach (var tenant in tenants)
        {
            if (await AccessAsync(tenant) == EndpointAccess.OneTry)
                tries++;
        }

        return tries;
    }
}
