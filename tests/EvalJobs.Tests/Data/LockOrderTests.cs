using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Data;

/// <summary>
/// Every transaction takes its locks in the order of docs/develop/lock-order.md, see <see cref="LockOrderConnection"/>. Every query is covered, the scripts keep the order too,
/// and violations are found.
/// </summary>
internal sealed class LockOrderTests : DatabaseFixture<LockOrderTestDatabase>
{
    /// <summary>Creates a tenant with its rows, which no other transaction uses.</summary>
    private const string NewRowsOnly = "scripts/03-demo-data.sql";

    private static readonly TestCaseData[] Scripts = [.. AdminScript.All.Where(script => script.File is not NewRowsOnly and not "scripts/01-install-or-upgrade.sql")
        .Select(script => new TestCaseData(script).SetArgDisplayNames(script.File))];

    /// <summary>Runs the queries that take locks and return rows. Queries that return a count are run by <see cref="RowCountTests"/>.</summary>
    private static readonly Dictionary<SqlQuery, Func<LockOrderTests, Task>> Acts = new()
    {
        [SqlQuery.AddTenant] = test => test.Some.TenantAsync(),
        [SqlQuery.AddSuite] = OnTenant((test, tenant) => test.Some.SuiteAsync(tenant)),
        [SqlQuery.ReviseSuite] = OnTenant((test, tenant) => test.Some.SuiteAsync(tenant)),
        [SqlQuery.AddVersion] = OnTenant((test, tenant) => test.Some.VersionAsync(tenant)),
        [SqlQuery.AddRun] = test => test.Some.TenantWithRunsAsync(1),
        [SqlQuery.AddVersionGate] = test => test.Some.TenantWithRunsAsync(1),
        [SqlQuery.LockVersion] = test => test.Some.TenantWithRunsAsync(1),
        [SqlQuery.AddPolicy] = OnTenant(async (test, tenant) =>
        {
            await test.Some.SuiteAsync(tenant);
            await new PromotionRepository(test.Database.Database).SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite","rule":"rate"}]}""", null, "test", default);
        }),
        [SqlQuery.LockPendingRun] = async test => await test.Some.Runs.SetPriorityAsync((await test.PendingAsync()).Id, 3, "test", default),
        [SqlQuery.CancelRun] = async test => await test.Some.Runs.CancelAsync((await test.PendingAsync()).Id, "test", default),
        [SqlQuery.ClaimPendingRuns] = test => test.Some.ClaimedRunAsync(),
        [SqlQuery.ClaimOldestRuns] = async test =>
        {
            var batch = await test.Some.LiveBatchAsync(await test.Some.TenantWithRunsAsync(1));
            (await test.Some.Claims.ClaimPendingAsync(batch, 5, ClaimOrder.ByAge, Some.Lease, default)).Should().ContainSingle();
        },
        [SqlQuery.RenewRunLeases] = async test => await test.Some.Leases.RenewAsync(Some.Owner, [(await test.Some.ClaimedRunAsync()).Id], Some.Lease, default),
        [SqlQuery.RequeueExpiredRuns] = async test =>
        {
            await test.Some.ClaimedRunAsync();
            await test.Database.PassAsync(TimeSpan.FromHours(1));
            (await test.Some.RescueAsync(3, TimeSpan.Zero)).Requeued.Should().Be(1);
        },
        [SqlQuery.FailPoisonedRun] = async test =>
        {
            await test.Some.Claims.MarkAloneAsync(await test.Some.ClaimedRunAsync(), default);
            await test.Database.PassAsync(TimeSpan.FromHours(1));
            (await test.Some.RescueAsync(3, TimeSpan.Zero)).Poisoned.Should().Be(1);
        },
        [SqlQuery.StartDispatch] = test => test.Some.Dispatches.StartAsync(DispatchTrigger.Manual, default),
        [SqlQuery.ReserveBatch] = OnTenant((test, tenant) => test.Some.LiveBatchAsync(tenant)),
        [SqlQuery.RenewBatchLeases] = OnTenant(async (test, tenant) =>
            await test.Some.Dispatches.RenewBatchesAsync(Some.Owner, [(await test.Some.LiveBatchAsync(tenant)).Id], Some.Lease, default)),
        [SqlQuery.FindLastTickAlert] = test => test.Alerts.UpdateTickAlertAsync("no ticks", new TickAlertRule(TimeSpan.FromDays(1)), default),
        [SqlQuery.ClaimAlerts] = ClaimAlertsAsync,
        [SqlQuery.ClaimEarlierAlerts] = ClaimAlertsAsync,
        [SqlQuery.RetryAlert] = async test =>
            await test.Alerts.RetryAsync((await test.ClaimedAlertsAsync()).Single(), TimeSpan.Zero, TimeSpan.FromDays(1), "away", default),
        [SqlQuery.ListArchivableRuns] = test => new ArchiveRepository(test.Database.Database).ArchiveBatchAsync(90, 100, default),
        [SqlQuery.ListPurgeableRuns] = PurgeAsync,
        [SqlQuery.CountArchivedResults] = PurgeAsync,
        [SqlQuery.FindArchivedRun] = async test =>
        {
            await test.ArchivedAsync();
            await new ArchiveRepository(test.Database.Database).RestoreAsync(1, 100, "test", default);
        },
        [SqlQuery.LockFailedRun] = async test =>
        {
            await test.ArchivedAsync();
            await test.Some.Runs.AcknowledgeAsync(6, "known", "test", default);
        },
        [SqlQuery.AddApiKey] = test => new ApiKeyRepository(test.Database.Database).AddAsync(new NewApiKey { Name = "ci", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default),
        [SqlQuery.AddSchedule] = test => SomeSchedule.AddAsync(test.Some, test.Database.Database),
        [SqlQuery.LockSchedule] = async test =>
        {
            var schedule = await SomeSchedule.AddAsync(test.Some, test.Database.Database);
            await new RunScheduleRepository(test.Database.Database).ChangeAsync(schedule.Id, SomeSchedule.Draft, schedule.Revision, "test", default);
        },
        [SqlQuery.LockTenantRow] = OnTenant((test, tenant) => new IdempotentOperation(new ApiAnswerRepository(test.Database.Database)).ExecuteAsync<bool>(
            null,
            WriteCondition.Tenant(tenant.Id, _ => true),
            () => test.Some.Tenants.SetPausedAsync(tenant.Id, isPaused: true, "test", default),
            _ => new OperationAnswer(200, "{}"),
            default)),
        [SqlQuery.LockTenantVersions] = DeleteAsync,
        [SqlQuery.LockTenantRuns] = DeleteAsync,
    };

    private AlertRepository Alerts => new(Database.Database);

    [TestCaseSource(nameof(Queries))]
    public async Task Unit_OfAQueryThatTakesLocks_KeepsTheOrder(SqlQuery query)
    {
        var before = LockOrderConnection.TimesRun(query);

        await Acts[query](this);

        LockOrderConnection.TimesRun(query).Should().BeGreaterThan(before, "the act must run this query");
    }

    [Test]
    public void Acts_ExistForEveryQueryThatTakesLocks() =>
        Acts.Keys.Concat(RowCountTests.Counted).Should().Contain(
            Enum.GetValues<SqlQuery>().Where(query => LockOrder.Of(query).Any(access => access.Kind != TableAccessKind.Read)));

    [Test]
    public void Page_NamesEveryTable() => LockOrder.Documented.Tables.Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(AdminTestData.Tables);

    [TestCaseSource(nameof(Scripts))]
    public void Script_Transactions_KeepTheOrder(TSqlSource script) => Violations(script).Should().BeEmpty();

    [TestCase("BEGIN TRANSACTION; UPDATE eval.EvaluationRun SET Priority = 1; UPDATE eval.AgentVersion SET EvalStatus = 'PASS'; COMMIT", "takes AgentVersion after EvaluationRun")]
    [TestCase("BEGIN TRANSACTION; UPDATE eval.EvaluationRun SET Priority = 1; SELECT Id FROM eval.AgentVersion; COMMIT", "reads AgentVersion after EvaluationRun")]
    [TestCase("BEGIN TRANSACTION; SELECT Id FROM eval.Tenant WITH (UPDLOCK); DELETE FROM eval.EvaluationSuite; COMMIT", "takes EvaluationSuite after Tenant")]
    [TestCase("BEGIN TRANSACTION; IF 1 = 1 BEGIN UPDATE eval.Tenant SET IsPaused = 1; END; DELETE FROM eval.TenantBatch; COMMIT", "takes TenantBatch after Tenant")]
    [TestCase("BEGIN TRANSACTION; DELETE FROM eval.TestCaseResult; COMMIT", "takes TestCaseResult without a row of EvaluationRun, to which it belongs")]
    [TestCase("BEGIN TRANSACTION; INSERT INTO eval.EvaluationRun (SuiteId) SELECT Id FROM eval.EvaluationSuite; COMMIT", "reads AgentVersion after EvaluationRun")]
    [TestCase("BEGIN TRANSACTION; UPDATE r SET VersionId = 2 FROM eval.EvaluationRun r; COMMIT", "reads AgentVersion after EvaluationRun")]
    [TestCase("BEGIN TRANSACTION; UPDATE r SET Priority = 2 FROM eval.EvaluationRun r JOIN (SELECT r.Id FROM eval.EvaluationRun r WITH (UPDLOCK) WHERE EXISTS (SELECT 1 FROM eval.AgentVersion)) x ON x.Id = r.Id; COMMIT", "reads AgentVersion after EvaluationRun")]
    [TestCase("BEGIN TRANSACTION; UPDATE eval.EvaluationRun SET Priority = 2 WHERE Id = 1; SET @a = (SELECT COUNT(*) FROM eval.AgentVersion); COMMIT", "reads AgentVersion after EvaluationRun")]
    public void Violations_PlantedInAScript_AreFound(string text, string violation) =>
        Violations(new("x", text)).Should().ContainSingle().Which.Should().EndWith(violation);

    [TestCase("BEGIN TRANSACTION; UPDATE eval.EvaluationRun SET Priority = 1; COMMIT; BEGIN TRANSACTION; UPDATE eval.AgentVersion SET EvalStatus = 'PASS'; COMMIT")]
    [TestCase("BEGIN TRANSACTION; SELECT Id FROM eval.AgentVersion WITH (UPDLOCK); UPDATE eval.EvaluationRun SET Priority = 1; UPDATE eval.AgentVersion SET EvalStatus = 'PASS'; COMMIT")]
    [TestCase("BEGIN TRANSACTION; SELECT Id FROM eval.EvaluationRun; UPDATE eval.AgentVersion SET EvalStatus = 'PASS'; COMMIT")]
    public void Violations_OfAScriptThatKeepsTheOrder_AreNone(string text) => Violations(new("x", text)).Should().BeEmpty();

    [Test]
    public async Task Connection_UnitThatViolatesTheOrder_FailsItsStatement()
    {
        var run = await PendingAsync();

        var unit = () => Database.Database.WriteAsync(async db =>
        {
            await db.ExecuteAsync(SqlQuery.SetRunPriority, new { RunId = run.Id, Priority = 1 });
            await db.ExecuteAsync(SqlQuery.SetVersionEvalStatus, new { run.VersionId, EvalStatus = "PASS" });
        }, default);

        await unit.Should().ThrowAsync<LockOrderException>().WithMessage("SetVersionEvalStatus takes AgentVersion after EvaluationRun*");
    }

    private static IEnumerable<SqlQuery> Queries() => Acts.Keys;

    private static Func<LockOrderTests, Task> OnTenant(Func<LockOrderTests, Tenant, Task> act) => async test => await act(test, await test.Some.TenantAsync());

    private static async Task ClaimAlertsAsync(LockOrderTests test) => (await test.ClaimedAlertsAsync()).Should().ContainSingle();

    private static async Task PurgeAsync(LockOrderTests test)
    {
        await test.ArchivedAsync();
        await new ArchiveRepository(test.Database.Database).PurgeBatchAsync(30, 100, default);
    }

    private static async Task DeleteAsync(LockOrderTests test)
    {
        await test.ArchivedAsync();
        await test.Some.Tenants.DeleteAsync((await test.Some.Tenants.FindAsync("globex", default)).Id, "test", null, default);
    }

    private Task ArchivedAsync() => AdminTestData.BuildAsync(Database, Some);

    private async Task<EvaluationRun> PendingAsync()
    {
        await Some.TenantWithRunsAsync(1);
        return (await Some.RunsAsync(new RunListFilter(), 1)).Single();
    }

    private async Task<IReadOnlyList<Alert>> ClaimedAlertsAsync()
    {
        await Alerts.UpdateTickAlertAsync("no ticks", new TickAlertRule(TimeSpan.FromDays(1)), default);
        return await Alerts.ClaimAsync(Some.Owner, Some.Lease, TimeSpan.Zero, 5, default);
    }

    /// <summary>The statements between BEGIN TRANSACTION and COMMIT, in the order of the text.</summary>
    private static List<string> Violations(TSqlSource script)
    {
        var found = new List<string>();
        var locks = new TransactionLocks(LockOrder.Documented);
        foreach (var statement in Simple(TSqlText.Parse(script, [])!.Batches.SelectMany(batch => batch.Statements)))
        {
            if (statement is BeginTransactionStatement or CommitTransactionStatement or RollbackTransactionStatement)
                locks = new TransactionLocks(LockOrder.Documented);
            else if (locks.Take($"Line {statement.StartLine}", LockOrder.Of(statement)) is { } violation)
                found.Add(violation);
        }

        return found;
    }

    private static IEnumerable<TSqlFragment> Simple(IEnumerable<TSqlStatement> statements) => statements.SelectMany(statement => statement switch
    {
        IfStatement choice => Simple([choice.ThenStatement, .. choice.ElseStatement is null ? Array.Empty<TSqlStatement>() : [choice.ElseStatement]]).Prepend(choice.Predicate),
        WhileStatement loop => Simple([loop.Statement]).Prepend(loop.Predicate),
        BeginEndBlockStatement block => Simple(block.StatementList.Statements),
        TryCatchStatement attempt => Simple(attempt.TryStatements.Statements),
        _ => [statement],
    });
}
