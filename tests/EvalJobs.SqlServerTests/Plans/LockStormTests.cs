using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Plans;

/// <summary>Claims, completions, failures, cancellations, transitions, rescues and deletions all at once on a real SQL Server: no deadlock occurs and no invariant of the tables is violated.</summary>
[Category("SqlServer")]
[TestFixture(typeof(SqlServerTestDatabase))]
[TestFixture(typeof(SqlServerSnapshotTestDatabase))]
internal sealed class LockStormTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Tenants = 8;
    private const int RunsEach = 40;

    private TDatabase _database = null!;
    private Some _some = null!;

    [SetUp]
    public async Task Create()
    {
        if (Environment.GetEnvironmentVariable("EVALJOBS_TEST_SQLSERVER") is not { Length: > 0 })
            Assert.Ignore("No SQL Server here: set EVALJOBS_TEST_SQLSERVER to a connection string (scripts/verify-sqlserver.sh).");
        _database = new TDatabase();
        await _database.CreateAsync();
        _some = new Some(_database.Database);
    }

    [TearDown]
    public async Task Drop()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [Test]
    public async Task AllUnitsOfWork_AtTheSameTime_EndWithoutDeadlockOrViolation()
    {
        var tenants = new List<Tenant>();
        for (var index = 0; index < Tenants; index++)
            tenants.Add(await _some.TenantWithRunsAsync(RunsEach, slug: $"storm-{index}"));
        var begun = DateTime.UtcNow;
        var deadlocksBefore = await CountDeadlocksAsync();
        var errors = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();

        var rescue = RescueAsync(errors, stop.Token);
        await Task.WhenAll(
            Task.WhenAll(tenants.Take(6).Select(tenant => Guarded(() => WorkAsync(tenant), errors))),
            Task.WhenAll(tenants.Skip(4).Take(2).Select(tenant => Guarded(() => DisturbAsync(tenant), errors))),
            Task.WhenAll(tenants.Skip(6).Select(tenant => Guarded(() => _some.Tenants.DeleteAsync(tenant.Id, "test", null, default), errors))));
        await stop.CancelAsync();
        await rescue;

        var deadlocks = await CountDeadlocksAsync() - deadlocksBefore;
        SqlServerReport.Write("storm.txt", $"{typeof(TDatabase).Name}: {deadlocks} deadlocks on the server during the test, {errors.Count} errors");
        foreach (var error in errors)
            SqlServerReport.Write("storm.txt", error);
        foreach (var line in await LockWaitsAsync())
            SqlServerReport.Write($"locks-{typeof(TDatabase).Name}.txt", line);
        if (deadlocks > 0)
            await WriteGraphsAsync(begun);
        deadlocks.Should().Be(0, "docs/develop/lock-order.md; the graphs are in the report. The count is the whole server's: nothing else should run on it during the test");
        errors.Should().BeEmpty();
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();
    }

    /// <summary>One process is stopped inside a transaction: the queries that every server needs must still return.</summary>
    [TestCase("UPDATE eval.EvaluationRun SET Priority = Priority WHERE Id = (SELECT MIN(Id) FROM eval.EvaluationRun WHERE Status = 'PENDING')", TestName = "StoppedProcess_HoldsARun_TheOthersGoOn")]
    [TestCase("UPDATE eval.TenantBatch SET LeaseUntil = LeaseUntil WHERE Id = (SELECT MIN(Id) FROM eval.TenantBatch)", TestName = "StoppedProcess_HoldsABatch_TheOthersGoOn")]
    [TestCase("UPDATE eval.Tenant SET IsPaused = 1 WHERE Id = (SELECT MIN(Id) FROM eval.Tenant)", TestName = "StoppedProcess_HoldsATenant_TheOthersGoOn")]
    public async Task StoppedProcess_InsideATransaction_BlocksOnlyItsRows(string held)
    {
        var first = await _some.TenantWithRunsAsync(2, slug: "first");
        await _some.LiveBatchAsync(first, "stopped:1:a");
        var second = await _some.TenantWithRunsAsync(2, slug: "second");
        await using var stopped = new SqlConnection(_database.Options.ConnectionString);
        await stopped.OpenAsync();
        await using var transaction = await stopped.BeginTransactionAsync();
        await stopped.ExecuteAsync(held, transaction: transaction);
        using var others = new EvaluationDatabase(_database.Options with { CommandTimeout = TimeSpan.FromSeconds(5) });
        var some = new Some(others);

        (await some.Dispatches.ListTenantsDueAsync(default)).Should().Contain(tenant => tenant.Id == second.Id);
        var batch = await some.LiveBatchAsync(second);
        (await some.ClaimAsync(batch)).Should().NotBeEmpty();
        await some.Dispatches.RenewBatchesAsync(Some.Owner, [batch.Id], Some.Lease, default);
        await some.Dispatches.AbandonExpiredBatchesAsync(default);
        await some.RescueAsync(3, TimeSpan.Zero);
        (await new TenantHealthRepository(others).ListLoadAsync(default)).Should().NotBeEmpty();
    }

    /// <summary>A script that waits for a locked row names the lock holder and does not wait without end.</summary>
    [Test]
    public async Task Script_ThatWaitsForALockedRow_NamesTheSession()
    {
        await _some.TenantWithRunsAsync(1, slug: "acme");
        await using var holder = new SqlConnection(new SqlConnectionStringBuilder(_database.Options.ConnectionString) { ApplicationName = "Holder" }.ToString());
        await holder.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await holder.ExecuteAsync("UPDATE eval.Tenant SET Name = Name; UPDATE eval.EvaluationRun SET Priority = Priority;", transaction: transaction);

        (await FluentActions.Awaiting(() => AdminScript.Named("20-pause-tenant").RunAsync(_database, ("@TenantSlug", "acme"), ("@Apply", true))).Should().ThrowAsync<DbException>())
            .Which.Message.Should().MatchRegex("Holder|Lock request time out");
    }

    private static async Task Guarded(Func<Task> act, ConcurrentBag<string> errors)
    {
        try
        {
            await act();
        }
        catch (Exception error) when (error is not (LeaseLostException or ConflictException or NotFoundException))
        {
            errors.Add(error.ToString());
        }
    }

    private async Task WorkAsync(Tenant tenant)
    {
        var batch = await _some.LiveBatchAsync(tenant);
        await Parallel.ForAsync(0, 4, async (_, _) =>
        {
            while (await _some.Claims.ClaimPendingAsync(batch, 1, ClaimOrder.ByPriority, Some.Lease, default) is [var run, ..])
            {
                try
                {
                    var cases = await _some.UnansweredAsync(run.Id);
                    await _some.Claims.SaveResultsAsync(run, [.. cases.Select(each => Some.Result(each.Id, run.Id % 3 == 0 ? CaseVerdict.Failed : CaseVerdict.Passed))], default);
                    if (run.Id % 5 == 0)
                        await _some.Claims.FailAttemptAsync(run, "storm", 1, TimeSpan.Zero, isPermanent: true, default);
                    else
                        await _some.Claims.CompleteAsync(run, default);
                }
                catch (LeaseLostException)
                {
                    // The run was cancelled in the meantime.
                }
            }
        });
    }

    private async Task DisturbAsync(Tenant tenant)
    {
        foreach (var version in await _some.Versions.ListAsync(tenant.Id, long.MaxValue, RunsEach, default))
        {
            try
            {
                await _some.Versions.TransitionAsync(version.Id, LifecycleState.Draft, null, 0, "test", default);
                await _some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default);
            }
            catch (ConflictException)
            {
                // The version is a CANDIDATE by now, or another worker has created a run for it.
            }
        }
    }

    private async Task RescueAsync(ConcurrentBag<string> errors, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Guarded(() => _some.RescueAsync(3, TimeSpan.Zero), errors);
            await Guarded(() => _some.Dispatches.RenewBatchesAsync(Some.Owner, [], Some.Lease, default), errors);
            await Guarded(() => _some.Dispatches.ListTenantsDueAsync(default), errors);
        }
    }

    /// <summary>
    /// Deadlocks since the server started. The server's own trace is up to two minutes late, and the program repeats a victim's unit of work without a log line, so neither
    /// can be used here.
    /// </summary>
    private async Task<long> CountDeadlocksAsync()
    {
        await using var connection = new SqlConnection(_database.Options.ConnectionString);
        return await connection.ExecuteScalarAsync<long>(
            "SELECT COALESCE(SUM(c.cntr_value), 0) FROM sys.dm_os_performance_counters c WHERE c.object_name LIKE N'%:Locks%' AND c.counter_name = N'Number of Deadlocks/sec' AND c.instance_name = N'_Total'");
    }

    /// <summary>The deadlock graphs of the server's own trace, after it has written them.</summary>
    private async Task WriteGraphsAsync(DateTime since)
    {
        await Task.Delay(TimeSpan.FromSeconds(150));
        await using var connection = new SqlConnection(_database.Options.ConnectionString);
        var graphs = await connection.QueryAsync<string>(
            """
            SELECT CAST(x.e.query('.') AS nvarchar(max))
            FROM (SELECT CAST(t.target_data AS xml) AS Data
                  FROM sys.dm_xe_session_targets t
                  JOIN sys.dm_xe_sessions s ON s.address = t.event_session_address
                  WHERE s.name = N'system_health' AND t.target_name = N'ring_buffer') d
            CROSS APPLY d.Data.nodes('//RingBufferTarget/event[@name="xml_deadlock_report"]') x(e)
            WHERE x.e.value('@timestamp', 'datetime2') >= @since
            """, new { since });
        foreach (var graph in graphs)
            SqlServerReport.Write($"deadlocks-{typeof(TDatabase).Name}.xml", graph);
    }

    /// <summary>The lock waits of each index. They are those of this test only, because the database is new. An escalation locks a table.</summary>
    private async Task<IReadOnlyList<string>> LockWaitsAsync()
    {
        await using var connection = new SqlConnection(_database.Options.ConnectionString);
        return [.. await connection.QueryAsync<string>(
            """
            SELECT CONCAT(OBJECT_NAME(s.object_id), N'.', i.name, N': ', s.row_lock_count, N' row locks, waited ', s.row_lock_wait_count, N' times, ', s.row_lock_wait_in_ms, N' ms; pages waited ',
                          s.page_lock_wait_count, N' times, ', s.page_lock_wait_in_ms, N' ms; escalations ', s.index_lock_promotion_count, N' of ', s.index_lock_promotion_attempt_count, N' tried')
            FROM sys.dm_db_index_operational_stats(DB_ID(), NULL, NULL, NULL) s
            JOIN sys.indexes i ON i.object_id = s.object_id AND i.index_id = s.index_id
            JOIN sys.tables t ON t.object_id = s.object_id
            WHERE s.row_lock_wait_count + s.page_lock_wait_count + s.index_lock_promotion_count > 0
            ORDER BY s.row_lock_wait_in_ms + s.page_lock_wait_in_ms DESC
            """)];
    }
}
