using System.Diagnostics;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Jobs;

/// <summary>Which tenants a batch with remaining work queues before its own tenant, and what it reads for that.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ContinuingBatchTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private readonly HandClock _clock = new();
    private JobHarness _server = null!;

    [SetUp]
    public async Task Start() => _server = await JobHarness.StartAsync(new TDatabase(), clock: _clock);

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task ContinueAsync_WithinASecondOfAScan_LeavesOlderWorkToTheNextScan()
    {
        var busy = await _server.Some.TenantWithRunsAsync(1);
        var resumed = await _server.Some.TenantWithRunsAsync(1);
        await _server.Some.Tenants.SetPausedAsync(resumed.Id, true, "test", default);
        await _server.Database.PassAsync(TimeSpan.FromHours(1));
        await _server.TickAsync();
        (await EndQueuedAsync()).Should().Equal(busy.Id);
        await _server.Some.Tenants.SetPausedAsync(resumed.Id, false, "test", default);

        await ContinueAsync(busy);
        (await EndQueuedAsync()).Should().Equal([busy.Id], "all pending work was read a moment ago");

        _clock.Pass(TimeSpan.FromSeconds(1));
        await ContinueAsync(busy);
        (await EndQueuedAsync()).Should().Equal([resumed.Id, busy.Id], "a second later it is read again, and the one served last comes last");
    }

    [TestCase(0.2, TestName = "ContinueAsync_WorkCameDueSince_GoesFirst")]
    [TestCase(1.4, TestName = "ContinueAsync_WorkCameDueBeforeTheScanAndCommittedAfterIt_GoesFirst")]
    public async Task ContinueAsync_WorkTheScanDidNotRead_GoesFirst(double dueSecondsAgo)
    {
        var busy = await _server.Some.TenantWithRunsAsync(1);
        await _server.TickAsync();
        (await EndQueuedAsync()).Should().Equal(busy.Id);
        var late = await _server.Some.TenantWithRunsAsync(1);
        _clock.Pass(TimeSpan.FromSeconds(0.9));

        var queued = await ContinueAsync(busy, late, TimeSpan.FromSeconds(dueSecondsAgo));

        queued.Should().Equal(late.Id, busy.Id);
    }

    [Test]
    public async Task ContinueAsync_ByAServerWithoutAScan_ScansAllPendingWork()
    {
        var busy = await _server.Some.TenantWithRunsAsync(1);
        var other = await _server.Some.TenantWithRunsAsync(1);
        await _server.Database.PassAsync(TimeSpan.FromHours(1));

        await ContinueAsync(busy);

        (await EndQueuedAsync()).Should().Equal(busy.Id, other.Id);
    }

    [Test]
    public async Task ContinueAsync_ScanTookLongerThanASecond_IsValidForASecondAfterItsEnd()
    {
        var busy = await _server.Some.TenantWithRunsAsync(1);
        var resumed = await _server.Some.TenantWithRunsAsync(1);
        await _server.Some.Tenants.SetPausedAsync(resumed.Id, true, "test", default);
        await _server.Database.PassAsync(TimeSpan.FromHours(1));
        var queue = new OddQueue(_server.Get<InlineTenantBatchQueue>(), () => _clock.Pass(TimeSpan.FromSeconds(2)));
        var scheduler = ActivatorUtilities.CreateInstance<TenantBatchScheduler>(_server.Services, queue);
        using var backlog = ActivatorUtilities.CreateInstance<BacklogScanner>(_server.Services, scheduler);
        await backlog.ScheduleDueAsync(null, default);
        (await EndQueuedAsync()).Should().Equal(busy.Id);
        await _server.Some.Tenants.SetPausedAsync(resumed.Id, false, "test", default);

        await ActivatorUtilities.CreateInstance<TenantBatchContinuation>(_server.Services, backlog, scheduler).ContinueAsync(busy.Id, null, default);

        (await EndQueuedAsync()).Should().Equal([busy.Id], "or a server with much to queue would do nothing but scan");
    }

    [Test]
    public async Task ContinueAsync_NextBatchCannotBeQueued_DoesNotFailTheBatchThatEnded()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        var queue = new OddQueue(_server.Get<InlineTenantBatchQueue>(), () => throw new InvalidOperationException("no Hangfire"));
        var scheduler = ActivatorUtilities.CreateInstance<TenantBatchScheduler>(_server.Services, queue);

        using var backlog = ActivatorUtilities.CreateInstance<BacklogScanner>(_server.Services, scheduler);
        await ActivatorUtilities.CreateInstance<TenantBatchContinuation>(_server.Services, scheduler, backlog).ContinueAsync(tenant.Id, null, default);

        (await _server.TickAsync()).QueuedBatchCount.Should().Be(1, "the tenant is free for the next tick");
    }

    [Test]
    public Task ContinueAsync_TenantDeleted_DoesNothing() => _server.Get<TenantBatchContinuation>().ContinueAsync(999, null, default);

    private Task ContinueAsync(Tenant tenant) => _server.Get<TenantBatchContinuation>().ContinueAsync(tenant.Id, null, default);

    /// <summary>Makes the work of <paramref name="late"/> due this long ago, and queues the continuation of <paramref name="busy"/>.</summary>
    /// <returns>The tenants that were queued, in the queue's order.</returns>
    /// <remarks>The database's clock cannot be stopped: if more than a moment passed in between, everything is repeated.</remarks>
    private async Task<List<long>> ContinueAsync(Tenant busy, Tenant late, TimeSpan dueAgo)
    {
        for (var tries = 1; ; tries++)
        {
            tries.Should().BeLessThan(50, "two statements do not take half a second every time");
            var passing = Stopwatch.StartNew();
            await _server.Database.MakeDueAsync(late.Id, dueAgo);
            await ContinueAsync(busy);
            var isPrompt = passing.Elapsed < TimeSpan.FromSeconds(0.5);
            var queued = await EndQueuedAsync();
            if (isPrompt)
                return queued;
        }
    }

    /// <summary>Ends every queued batch without claiming a run.</summary>
    /// <returns>Their tenants, in the queue's order.</returns>
    private async Task<List<long>> EndQueuedAsync()
    {
        var tenants = new List<long>();
        foreach (var id in _server.Get<InlineTenantBatchQueue>().TakeAll())
        {
            var batch = (await _server.Some.Dispatches.BeginBatchAsync(id, Some.Owner, Some.Lease, default))!;
            await _server.Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
            tenants.Add(batch.TenantId);
        }

        return tenants;
    }

    /// <summary>A queue that runs an action before it adds a batch.</summary>
    private sealed class OddQueue(InlineTenantBatchQueue queue, Action before) : ITenantBatchQueue
    {
        public bool Reaches(string? workerPool) => true;

        public string Enqueue(long batchId, string? workerPool)
        {
            before();
            return queue.Enqueue(batchId, workerPool);
        }

        public bool Holds(QueuedBatch batch) => true;
    }

    /// <summary>A clock that stands still until the test moves it.</summary>
    private sealed class HandClock : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
    }
}
