using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Data;

/// <summary>What happens to a unit of work when SQL Server rejects a statement halfway. The errors are those of SQL Server, on every database.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class DatabaseErrorTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [TestCase(1)]
    [TestCase(3)]
    public async Task WriteAsync_DeadlockVictimHalfWay_RepeatsTheWholeUnit(int errors)
    {
        var tries = 0;

        await Database.Database.WriteAsync(async db =>
        {
            await AddTenantAsync(db, "first");
            if (++tries <= errors)
                throw SomeSqlException.Of(SomeSqlException.DeadlockVictim);
            await AddTenantAsync(db, "second");
        }, default);

        tries.Should().Be(errors + 1);
        (await SlugsAsync()).Should().Equal(["first", "second"], "what the failed attempts wrote was rolled back; otherwise the slug would be in use");
    }

    [Test]
    public async Task WriteAsync_DeadlockVictimEveryTime_GivesUpAndStoresNothing()
    {
        var tries = 0;

        var write = () => Database.Database.WriteAsync(async db =>
        {
            tries++;
            await AddTenantAsync(db, "first");
            throw SomeSqlException.Of(SomeSqlException.DeadlockVictim);
        }, default);

        (await write.Should().ThrowAsync<SqlException>()).Which.IsOutage().Should().BeTrue();
        tries.Should().Be(6);
        (await SlugsAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task WriteAsync_StatementTimesOut_IsRepeatedOnce()
    {
        var tries = 0;

        var write = () => Database.Database.WriteAsync(_ =>
        {
            tries++;
            throw SomeSqlException.Of(SomeSqlException.Timeout);
        }, default);

        (await write.Should().ThrowAsync<SqlException>()).Which.IsOutage().Should().BeTrue();
        tries.Should().Be(2, "each attempt may take the whole CommandTimeout, and leases may expire in that time");
    }

    [Test]
    public async Task WriteAsync_PermanentError_IsNotRepeated()
    {
        var tries = 0;

        var write = () => Database.Database.WriteAsync(_ =>
        {
            tries++;
            throw SomeSqlException.Of(SomeSqlException.TruncatedValue);
        }, default);

        (await write.Should().ThrowAsync<SqlException>()).Which.IsOutage().Should().BeFalse();
        tries.Should().Be(1);
    }

    [Test]
    public async Task WriteAsync_CancelledBetweenTwoAttempts_StopsRetrying()
    {
        using var stop = new CancellationTokenSource();
        var tries = 0;

        var write = () => Database.Database.WriteAsync(_ =>
        {
            tries++;
            stop.Cancel();
            throw SomeSqlException.Of(SomeSqlException.DeadlockVictim);
        }, stop.Token);

        await write.Should().ThrowAsync<OperationCanceledException>();
        tries.Should().Be(1);
    }

    private static Task AddTenantAsync(DbWork db, string slug) => db.QuerySingleAsync<Tenant>(
        SqlQuery.AddTenant, new { Slug = slug, Name = slug, BatchLimit = (int?)null, PendingWarningThreshold = (int?)null, WorkerPool = (string?)null });

    private async Task<IEnumerable<string>> SlugsAsync() => (await Some.Tenants.ListAsync("", 10, default)).Select(tenant => tenant.Slug);
}
