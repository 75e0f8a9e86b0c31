using System.Data.Common;
using Dapper;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>A worker must not continue a run that others may have claimed, however the database behaves.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class LeaseKeeperTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task Hold_DatabaseDoesNotAnswerForTheTimeOfALease_IsLostBeforeTheDatabaseAnswers()
    {
        var database = new TDatabase();
        await using var server = await JobHarness.StartAsync(database, new(StringComparer.Ordinal) { ["EvalJobs:Execution:Lease"] = "00:00:02" });
        var run = await server.Some.ClaimedRunAsync();
        using var hold = server.Get<LeaseRegistry>().Hold(run, TimeProvider.System.GetTimestamp());

        // Another transaction locks the run's row (on SQLite the whole file) for far longer than the lease, but less than a statement's timeout.
        await using var blocker = await database.Database.OpenAsync(CancellationToken.None);
        await using var transaction = await blocker.BeginTransactionAsync();
        await blocker.ExecuteAsync($"UPDATE {database.Schema}EvaluationRun SET Priority = Priority WHERE Id = @Id", new { run.Id }, transaction);
        var lost = new TaskCompletionSource();
        await using var registration = hold.Lost.Register(lost.SetResult);

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(25));

        // The lock holder reads this: after it releases the row, the rescue of expired leases may set the run back to PENDING.
        var status = await blocker.ExecuteScalarAsync<string>($"SELECT Status FROM {database.Schema}EvaluationRun WHERE Id = @Id", new { run.Id }, transaction);
        status.Should().Be(StoredWord.Of(RunStatus.Running), "the worker decided this without the database");
        await transaction.RollbackAsync();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Hold_Renewed_LastsLongerThanItsFirstLease(CancellationToken cancellationToken)
    {
        var database = new TDatabase();
        await using var server = await JobHarness.StartAsync(database, new(StringComparer.Ordinal) { ["EvalJobs:Execution:Lease"] = "00:00:02" });
        var tenant = await server.Some.TenantWithRunsAsync(1);
        var owner = server.Get<ProcessIdentity>().Name;
        var claim = (await server.Some.ClaimAsync(await server.Some.LiveBatchAsync(tenant, owner))).Single();
        using var hold = server.Get<LeaseRegistry>().Hold(claim, TimeProvider.System.GetTimestamp());

        var renewals = new HashSet<DateTimeOffset?> { claim.LeaseUntil };
        while (renewals.Count < 6)
        {
            await Task.Delay(50, cancellationToken);
            renewals.Add((await server.Some.Runs.GetAsync(claim.Id, default)).LeaseUntil);
        }

        renewals.Skip(1).Should().BeInAscendingOrder("five renewals are longer than the lease");
        hold.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Renewal_FailsForAWhile_IsLoggedOnceInFullAndOnceWhenRecovered(CancellationToken cancellationToken)
    {
        using var log = new LogCapture();
        var database = new TDatabase();
        await using var server = await JobHarness.StartAsync(database, new(StringComparer.Ordinal) { ["EvalJobs:Execution:Lease"] = "00:00:02" }, log);
        var keeper = server.Get<LeaseKeeper>();
        while (keeper.SinceRenewal is null)
            await Task.Delay(20, cancellationToken);

        // Several attempts fail, at two thirds of a second each.
        await database.RenameTableAsync("TenantBatch", "Missing");
        while (keeper.SinceRenewal < TimeSpan.FromSeconds(5))
            await Task.Delay(20, cancellationToken);
        await database.RenameTableAsync("Missing", "TenantBatch");
        while (!Logged().Any(line => line.Text.EndsWith("recovered", StringComparison.Ordinal)))
            await Task.Delay(20, cancellationToken);

        Logged().Should().HaveCount(2).And.ContainSingle(line => line.Exception is DbException);

        List<LogLine> Logged() => [.. log.Lines.Where(line => line.Text.Contains("leases of this server's runs and batches", StringComparison.Ordinal))];
    }
}
