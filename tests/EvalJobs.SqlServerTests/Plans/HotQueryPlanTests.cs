using System.Globalization;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Plans;

/// <summary>
/// The actual plans of the hot queries on 10,000 tenants and 1,000,000 ended runs: named indexes are sought, no history is scanned, nothing is sorted below TOP, memory
/// is bounded. Only where a SQL Server is given; loading takes some minutes there.
/// </summary>
[Category("SqlServer")]
[TestFixture(typeof(SqlServerTestDatabase))]
[TestFixture(typeof(SqlServerSnapshotTestDatabase))]
internal sealed class HotQueryPlanTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Tenants = 10_000;
    private const int EndedRuns = 1_000_000;

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
        await LoadAsync();
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
        plans.SelectMany(plan => plan.Faults(expected)).Should().BeEmpty(string.Join('\n', plans.SelectMany(plan => plan.Lines())));
    }

    private static IEnumerable<SqlQuery> Queries() => HotQueries.Of(new(0, 0, 0, 0, 0)).Keys;

    /// <summary>Each statement of the query, as it ran; what it changed is rolled back.</summary>
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
        return new HotQueries.LoadedRows(tenant.Id, run.SuiteId, run.VersionId, run.Id, batch.Id);
    }

    /// <summary>A suite with three cases and a version for each tenant, a hundred ended runs each, one pending run for every tenth, an ended batch and ten lines of the trail.</summary>
    private async Task LoadAsync()
    {
        await using var connection = new SqlConnection(_database.Options.ConnectionString);
        await connection.OpenAsync();
        foreach (var step in Steps)
        {
            // A million rows at once would be one huge transaction.
            for (var part = 0; part < 10; part++)
                await connection.ExecuteAsync($"{BulkData.Numbers}\n{step}", new { First = part * Tenants / 10, Last = (part + 1) * Tenants / 10, RunsEach = EndedRuns / Tenants }, commandTimeout: 1800);
        }

        foreach (var table in AdminWorld.Tables)
            await connection.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE STATISTICS eval.{table} WITH FULLSCAN"), commandTimeout: 1800);
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT_BIG(*) FROM eval.EvaluationRun WHERE CompletedAt IS NOT NULL")).Should().Be(EndedRuns);
    }

    private static readonly string[] Steps =
    [
        "INSERT INTO eval.Tenant (Slug, Name) SELECT CONCAT(N'load-', i), CONCAT(N'Load ', i) FROM n WHERE i > @First AND i <= @Last",
        "INSERT INTO eval.EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) SELECT t.Id, N'suite', N'', 1, 0.8, 1, N'[]' FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) WHERE i > @First AND i <= @Last",
        """
        INSERT INTO eval.TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
        SELECT s.Id, 1, c.Ordinal, CONCAT(N'case-', c.Ordinal), N'', N'question', N'answer', N'{"type":"exact_match"}', 1
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationSuite s ON s.TenantId = t.Id CROSS JOIN (VALUES (1), (2), (3)) c(Ordinal)
        WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
        SELECT t.Id, N'agent', N'1', N'{}', REPLICATE('0', 64), 'DRAFT', 'PASS' FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.TenantBatch (TenantId, Status, LeaseUntil, QueuedAt, FinishedAt)
        SELECT t.Id, 'COMPLETED', DATEADD(day, -1, SYSUTCDATETIME()), DATEADD(day, -1, SYSUTCDATETIME()), DATEADD(day, -1, SYSUTCDATETIME()) FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount, PassedCount, PassRate, CreatedAt, StartedAt, CompletedAt, Attempt)
        SELECT t.Id, s.Id, 1, v.Id, 'COMPLETED', 'NOT_RUN', 'MANUAL', 3, 3, 1, o.At, o.At, o.At, 1
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationSuite s ON s.TenantId = t.Id JOIN eval.AgentVersion v ON v.TenantId = t.Id
        CROSS JOIN (SELECT m.i AS Number, DATEADD(minute, -m.i * 1200, SYSUTCDATETIME()) AS At FROM n m WHERE m.i <= @RunsEach) o
        WHERE n.i > @First AND n.i <= @Last
        """,
        """
        INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, DurationMs)
        SELECT r.Id, c.Id, 'PASSED', 1, N'out', 5
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationRun r ON r.TenantId = t.Id JOIN eval.TestCase c ON c.SuiteId = r.SuiteId
        WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
        SELECT t.Id, s.Id, 1, v.Id, 'PENDING', 'NOT_RUN', 'MANUAL', 3
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationSuite s ON s.TenantId = t.Id JOIN eval.AgentVersion v ON v.TenantId = t.Id
        WHERE i > @First AND i <= @Last AND i % 10 = 0
        """,
        """
        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT t.Id, N'RUN_COMPLETED', N'EvaluationRun', t.Id, N'system', N'{}' FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) CROSS JOIN (SELECT m.i AS Number FROM n m WHERE m.i <= 10) o WHERE n.i > @First AND n.i <= @Last
        """,
    ];
}
