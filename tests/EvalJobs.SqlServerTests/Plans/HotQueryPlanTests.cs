using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Plans;

/// <summary>
/// The actual plans of the hot queries on 10,000 tenants and 1,000,000 ended runs with their results, evidence and an archive: the plans seek the named indexes, scan no
/// history, sort nothing below TOP, and use limited memory. Needs a SQL Server; loading takes some minutes.
/// </summary>
[Category("SqlServer")]
[TestFixture(typeof(SqlServerTestDatabase))]
[TestFixture(typeof(SqlServerSnapshotTestDatabase))]
internal sealed class HotQueryPlanTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private TDatabase _database = null!;
    private HotQueries.LoadedRows _rows = null!;

    [OneTimeSetUp]
    public async Task Load()
    {
        if (Environment.GetEnvironmentVariable("EVALJOBS_TEST_SQLSERVER") is not { Length: > 0 })
            Assert.Ignore("No SQL Server here: set EVALJOBS_TEST_SQLSERVER to a connection string (scripts/verify-sqlserver.sh).");

        _database = new TDatabase();
        await _database.CreateAsync();
        await SqlServerReport.WriteServerAsync(_database);
        await HotQueryLoad.LoadAsync(_database);
        _rows = await FindRowsAsync();
    }

    [OneTimeTearDown]
    public async Task Drop()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [TestCaseSource(nameof(Queries))]
    public async Task Query_OnMuchHistory_HasAGoodPlan(SqlQuery query)
    {
        var (parameters, expected) = HotQueries.Of(_rows)[query];

        var plans = await ActualPlansAsync(query, parameters);

        foreach (var plan in plans)
            SqlServerReport.Write("plans.txt", $"== {query} on {typeof(TDatabase).Name}: reads {plan.RowsRead} rows, {plan.GrantedMemoryKb} KB granted\n{string.Join('\n', plan.Lines())}");
        plans.SelectMany(plan => plan.Violations(expected)).Should().BeEmpty(string.Join('\n', plans.SelectMany(plan => plan.Lines())));
    }

    private static IEnumerable<SqlQuery> Queries() => HotQueries.Of(new(0, 0, 0, 0, 0, 0)).Keys;

    /// <summary>The plan of each statement of the query. Its changes are rolled back.</summary>
    private async Task<IReadOnlyList<ShowPlan>> ActualPlansAsync(SqlQuery query, object? parameters)
    {
        await using var connection = new SqlConnection(_database.Options.ConnectionString);
        await connection.OpenAsync();
        await connection.ExecuteAsync(EvaluationDatabase.SqlServerSession);
        await using var transaction = (SqlTransaction)await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted);
        await connection.ExecuteAsync("SET STATISTICS XML ON;", transaction: transaction);

        var plans = new List<ShowPlan>();
        await using (var reader = await connection.ExecuteReaderAsync(SqlCatalog.Load(StorageProvider.SqlServer)[query], parameters, transaction, commandTimeout: 300))
        {
            do
            {
                while (await reader.ReadAsync())
                {
                    if (reader.FieldCount == 1 && reader.GetName(0).EndsWith("XML Showplan", StringComparison.Ordinal) && reader.GetString(0) is var xml && xml.Contains("<RelOp", StringComparison.Ordinal))
                    {
                        SqlServerReport.Write($"{query}.sqlplan", xml);
                        plans.Add(ShowPlan.Parse(xml));
                    }
                }
            }
            while (await reader.NextResultAsync());
        }

        await transaction.RollbackAsync();
        plans.Should().NotBeEmpty("SET STATISTICS XML gives a plan for each statement");
        return plans;
    }

    private async Task<HotQueries.LoadedRows> FindRowsAsync()
    {
        var some = new Some(_database.Database);
        var tenant = await some.TenantWithRunsAsync(50, slug: "at-work");
        var batch = await some.LiveBatchAsync(tenant);
        var run = (await some.ClaimAsync(batch, limit: 1)).Single();
        var first = (await some.UnansweredAsync(run.Id))[0];
        return new HotQueries.LoadedRows(tenant.Id, run.SuiteId, run.VersionId, run.Id, batch.Id, first.Id);
    }
}
