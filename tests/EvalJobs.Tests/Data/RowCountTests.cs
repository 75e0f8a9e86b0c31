using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>
/// With SET NOCOUNT ON in force at a server, a statement reports -1 rows. Here each statement whose count a repository reads is made to
/// report this. Nothing must then count as done, and nothing must be stored.
/// </summary>
internal sealed class RowCountTests : DatabaseFixture<SqliteTestDatabase>
{
    private static readonly string[] Tables =
        ["Tenant", "TenantHealth", "AgentVersion", "TestCase", "EvaluationRun", "TestCaseResult", "EvaluationRunArchive", "TestCaseResultArchive", "TenantBatch", "Alert",
         "PromotionPolicy", "VersionGate", "VersionRequirement", "RunLook", "PromotionCertificate", "SignOut", "ApiKey", "EndpointOutage", "DatabaseMarker", "ApiAnswer",
         "RunSchedule", "JobPause"];

    /// <summary>It cleans up after an error that is already being thrown to the caller.</summary>
    private static readonly SqlQuery[] Ignored = [SqlQuery.DropUnpublishedSuite];

    /// <summary>Not a query of the catalog.</summary>
    private const SqlQuery CountsAll = (SqlQuery)(-1);

    private SqlQuery _uncounted = CountsAll;
    private EvaluationDatabase _database = null!;
    private Some _uncounting = null!;

    private static readonly Dictionary<SqlQuery, Func<RowCountTests, Task<Func<Task>>>> Acts = new()
    {
        [SqlQuery.HoldRun] = OnClaim((test, claim) => test.SaveAsync(claim)),
        [SqlQuery.AddCaseResult] = OnClaim((test, claim) => test.SaveAsync(claim)),
        [SqlQuery.CompleteRun] = OnClaim((test, claim) => test._uncounting.Claims.CompleteAsync(claim, default), answered: true),
        [SqlQuery.SetVersionEvalStatus] = OnClaim((test, claim) => test._uncounting.Claims.CompleteAsync(claim, default), answered: true),
        [SqlQuery.AddChangeRecord] = OnClaim((test, claim) => test._uncounting.Claims.CompleteAsync(claim, default), answered: true),
        [SqlQuery.FailRun] = OnClaim((test, claim) => test.FailAsync(claim, isPermanent: true)),
        [SqlQuery.JoinAlert] = OnClaim((test, claim) => test.FailAsync(claim, isPermanent: true)),
        [SqlQuery.AddAlert] = OnClaim((test, claim) => test.FailAsync(claim, isPermanent: true)),
        [SqlQuery.RetryRunLater] = OnClaim((test, claim) => test.FailAsync(claim, isPermanent: false)),
        [SqlQuery.DropResultsToAskAgain] = OnClaim((test, claim) => test.FailAsync(claim, isPermanent: false)),
        [SqlQuery.ReleaseRun] = OnClaim((test, claim) => test._uncounting.Claims.ReleaseAsync(claim, default)),
        [SqlQuery.ReleaseRunToEnd] = OnClaim((test, claim) => test._uncounting.Claims.ReleaseToEndAsync(claim, default)),
        [SqlQuery.PostponeRun] = OnClaim((test, claim) => test._uncounting.Claims.PostponeAsync(claim, "away", TimeSpan.FromMinutes(1), default)),
        [SqlQuery.PostponeRunShortOfMemory] = OnClaim((test, claim) => test._uncounting.Claims.PostponeShortOfMemoryAsync(claim, "memory", TimeSpan.FromMinutes(1), default)),
        [SqlQuery.MarkRunAlone] = OnClaim((test, claim) => test._uncounting.Claims.MarkAloneAsync(claim, default)),
        [SqlQuery.WithdrawDeath] = OnRescuedRun((test, claim) => test._uncounting.Leases.ReturnExpiredAsync(claim, default)),
        [SqlQuery.SetRunFigures] = OnClaim((test, claim) => test._uncounting.Runs.CancelAsync(claim.Id, "test", default), answered: true),
        [SqlQuery.SetRunPriority] = OnPending((test, run) => test._uncounting.Runs.SetPriorityAsync(run.Id, 5, "test", default)),
        [SqlQuery.ResetFutureDueTimes] = OnPending((test, _) => test._uncounting.Rescues.ResetFutureDueTimesAsync(default)),
        [SqlQuery.AcknowledgeRun] = async test =>
        {
            var claim = await test.Some.ClaimedRunAsync();
            await test.Some.Claims.FailAttemptAsync(claim, "broken", 1, TimeSpan.Zero, isPermanent: true, default);
            return () => test._uncounting.Runs.AcknowledgeAsync(claim.Id, "known", "test", default);
        },
        [SqlQuery.CopyVerdicts] = async test =>
        {
            var claim = await test.Some.ClaimedRunAsync();
            var cases = await test.Some.UnansweredAsync(claim.Id);
            await test.Some.Claims.SaveResultsAsync(claim, [.. cases.Select((each, index) => Some.Result(each.Id, index == 0 ? CaseVerdict.Errored : CaseVerdict.Passed))], default);
            await test.Some.Claims.CompleteAsync(claim, default);
            return () => test._uncounting.Runs.RetryErroredAsync(claim.Id, "test", default);
        },
        [SqlQuery.SetVersionState] = OnPending((test, run) => test._uncounting.Versions.TransitionAsync(run.VersionId, LifecycleState.Draft, null, 0, "test", default)),
        [SqlQuery.AddMissingLooks] = OnClaim((test, claim) => test._uncounting.Claims.CompleteAsync(claim, default), answered: true),
        [SqlQuery.AddRequirement] = async test =>
        {
            var tenant = await test.Some.TenantAsync();
            await test.Some.SuiteAsync(tenant);
            var version = await test.Some.VersionAsync(tenant);
            return () => test._uncounting.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default);
        },
        [SqlQuery.VoidLook] = async test =>
        {
            var run = await test.EndedRunAsync();
            return () => new PromotionRepository(test._database).VoidAsync(run.Id, "wrong key", "test", default);
        },
        [SqlQuery.AddCertificate] = async test =>
        {
            var run = await test.EndedRunAsync();
            return () => test._uncounting.Versions.TransitionAsync(run.VersionId, LifecycleState.Candidate, null, 0, "test", default);
        },
        [SqlQuery.AddSignOut] = SigningOut,
        [SqlQuery.DeleteExpiredSignOuts] = SigningOut,
        [SqlQuery.RevokeApiKey] = OnKey((keys, key) => keys.RevokeAsync(key.Id, "test", default)),
        [SqlQuery.RecordApiKeyUse] = OnKey((keys, key) => keys.RecordUseAsync([key.Id], default)),
        [SqlQuery.ChangeSchedule] = OnSchedule((schedules, schedule) => schedules.ChangeAsync(schedule.Id, SomeSchedule.Draft, null, "test", default)),
        [SqlQuery.SetSchedulePaused] = OnSchedule((schedules, schedule) => schedules.SetPausedAsync(schedule.Id, true, null, "test", default)),
        [SqlQuery.RewindSchedule] = OnSchedule((schedules, schedule) => schedules.RewindAsync(schedule, schedule.DueAfter.AddDays(-1), default)),
        [SqlQuery.RecordScheduleFiring] = OnSchedule((schedules, schedule) => schedules.FireAsync(schedule, SomeSchedule.DueAfter(schedule), null, default)),
        [SqlQuery.RecordScheduleRun] = OnSchedule((schedules, schedule) => schedules.RunNowAsync(schedule.Id, "test", default)),
        [SqlQuery.DeleteSchedule] = OnSchedule((schedules, schedule) => schedules.DeleteAsync(schedule.Id, null, "test", default)),
        [SqlQuery.SetJobPaused] = PausingAJob,
        [SqlQuery.AddJobPause] = PausingAJob,
        [SqlQuery.AddTestCase] = OnTenant((test, tenant) => test._uncounting.SuiteAsync(tenant)),
        [SqlQuery.ClearDefaultSuite] = OnTenant((test, tenant) => test._uncounting.SuiteAsync(tenant)),
        [SqlQuery.CopyTestCases] = test => test.OnSuiteAsync(),
        [SqlQuery.SetTenantPaused] = OnTenant((test, tenant) => test._uncounting.Tenants.SetPausedAsync(tenant.Id, true, "test", default)),
        [SqlQuery.SetTenantLimits] = OnTenant((test, tenant) => test._uncounting.Tenants.SetLimitsAsync(tenant.Id, new TenantLimits { BatchLimit = 2 }, "test", default)),
        [SqlQuery.DeleteTenantCertificates] = OnDeletion,
        [SqlQuery.DeleteTenantRequirements] = OnDeletion,
        [SqlQuery.DeleteTenantGates] = OnDeletion,
        [SqlQuery.DeleteTenantLooks] = OnDeletion,
        [SqlQuery.DeleteTenantPolicies] = OnDeletion,
        [SqlQuery.DeleteTenantSchedules] = OnDeletion,
        [SqlQuery.DeleteTenantApiKeys] = OnDeletion,
        [SqlQuery.DeleteTenantApiAnswers] = OnDeletion,
        [SqlQuery.DeleteTenantResults] = OnDeletion,
        [SqlQuery.DeleteTenantMovedResults] = OnDeletion,
        [SqlQuery.DeleteTenantRuns] = OnDeletion,
        [SqlQuery.DeleteTenantArchivedResults] = OnDeletion,
        [SqlQuery.DeleteTenantArchivedRuns] = OnDeletion,
        [SqlQuery.DeleteTenantBatches] = OnDeletion,
        [SqlQuery.DeleteTenantAlerts] = OnDeletion,
        [SqlQuery.DeleteTenantVersions] = OnDeletion,
        [SqlQuery.DeleteTenantCases] = OnDeletion,
        [SqlQuery.DeleteTenantSuites] = OnDeletion,
        [SqlQuery.DeleteTenantHealth] = OnDeletion,
        [SqlQuery.DeleteTenantOutages] = OnDeletion,
        [SqlQuery.DeleteTenant] = OnDeletion,
        [SqlQuery.FinishDispatch] = async test =>
        {
            var id = await test.Some.Dispatches.StartAsync(DispatchTrigger.Manual, default);
            return () => test._uncounting.Dispatches.FinishAsync(new DispatchSummary(id, 0, 0, 0, 0, 0), default);
        },
        [SqlQuery.SetBatchJob] = OnQueuedBatch((test, batchId) => test._uncounting.Dispatches.SetJobAsync(batchId, "7", default)),
        [SqlQuery.BeginBatch] = OnQueuedBatch((test, batchId) => test._uncounting.Dispatches.BeginBatchAsync(batchId, Some.Owner, Some.Lease, default)),
        [SqlQuery.BeginBatchInShare] = OnQueuedBatch((test, batchId) => test._uncounting.Dispatches.BeginBatchInShareAsync(batchId, Some.Owner, Some.Lease, default)),
        [SqlQuery.AbandonQueuedBatch] = OnQueuedBatch((test, batchId) => test._uncounting.Dispatches.AbandonQueuedBatchAsync(batchId, "lost", default)),
        [SqlQuery.AbandonExpiredBatches] = OnQueuedBatch((test, _) => test._uncounting.Dispatches.AbandonExpiredBatchesAsync(default)),
        [SqlQuery.FinishBatch] = async test =>
        {
            var batch = await test.Some.LiveBatchAsync(await test.Some.TenantAsync());
            return () => test._uncounting.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        },
        [SqlQuery.OpenEndpointOutage] = OnOutage((outages, tenant) => outages.OpenAsync("host", tenant.Id, "refused", default)),
        [SqlQuery.DeleteOldEndpointOutages] = OnOutage((outages, tenant) => outages.OpenAsync("host", tenant.Id, "refused", default)),
        [SqlQuery.TryEndpointAgain] = OnOutage((outages, tenant) => outages.EnterAsync("host", tenant.Id, TimeSpan.Zero, default)),
        [SqlQuery.CloseEndpointOutage] = OnOutage((outages, tenant) => outages.CloseAsync("host", tenant.Id, TimeSpan.FromMinutes(1), default)),
        [SqlQuery.ReleaseEndpointTries] = OnOutage((outages, tenant) => outages.CloseAsync("host", tenant.Id, TimeSpan.FromMinutes(1), default)),
        [SqlQuery.SetTenantUnanswered] = OnOutage((outages, tenant) => outages.SetAnsweredAsync(tenant.Id, false, default)),
        [SqlQuery.SetTenantAnswered] = OnOutage((outages, tenant) => outages.SetAnsweredAsync(tenant.Id, true, default)),
        [SqlQuery.SaveDatabaseMarker] = test => Task.FromResult<Func<Task>>(() => new DatabaseMarkerRepository(test._database).ExchangeAsync(Some.Owner, null, "token", default)),
        [SqlQuery.DeleteOldDatabaseMarkers] = test => Task.FromResult<Func<Task>>(() => new DatabaseMarkerRepository(test._database).ExchangeAsync(Some.Owner, null, "token", default)),
        [SqlQuery.AnnounceWorkerPool] = test => test.WithPoolAsync(pools => pools.AnnounceAsync(Some.Owner, new Dictionary<string, int>(StringComparer.Ordinal) { ["common"] = 1 }, Some.Lease, default)),
        [SqlQuery.WithdrawWorkerServers] = test => test.WithPoolAsync(pools => pools.WithdrawAsync(Some.Owner, default)),
        [SqlQuery.SaveTenantHealth] = async test =>
        {
            await test.Some.TenantAsync();
            var load = (await new TenantHealthRepository(test.Database.Database).ListLoadAsync(default)).Single();
            return () => new TenantHealthRepository(test._database).SaveAsync(
                [new TenantHealth(load, HealthStatus.Healthy, [])], new HealthAlertRule(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(1)), default);
        },
        [SqlQuery.SetAlertSentTo] = OnAlert((alerts, alert) => alerts.SetSentToAsync(alert, ["log"], default)),
        [SqlQuery.EndAlert] = OnAlert((alerts, alert) => alerts.EndAsync(alert, default)),
        [SqlQuery.DeleteOldAlerts] = OnAlert((alerts, _) => alerts.DeleteOldAsync(1, default)),
        [SqlQuery.CopyRunsToArchive] = OnEndedRun((archive, _) => archive.ArchiveBatchAsync(-1, 100, default)),
        [SqlQuery.DeleteRuns] = OnEndedRun((archive, _) => archive.ArchiveBatchAsync(-1, 100, default)),
        [SqlQuery.CopyResultsToArchive] = OnEndedRun((archive, _) => archive.ArchiveBatchAsync(-1, 100, default)),
        [SqlQuery.DeleteResults] = OnEndedRun((archive, _) => archive.ArchiveBatchAsync(-1, 100, default)),
        [SqlQuery.CopyRunsFromArchive] = OnArchivedRun((archive, run) => archive.RestoreAsync(run.Id, 100, "test", default)),
        [SqlQuery.CopyResultsFromArchive] = OnArchivedRun((archive, run) => archive.RestoreAsync(run.Id, 100, "test", default)),
        [SqlQuery.DeleteArchivedRuns] = OnArchivedRun((archive, _) => archive.PurgeBatchAsync(-1, 100, default)),
        [SqlQuery.DeleteArchivedResults] = OnArchivedRun((archive, _) => archive.PurgeBatchAsync(-1, 100, default)),
        [SqlQuery.MarkRunRestored] = OnPartlyArchivedRun,
        [SqlQuery.DeleteOldBatches] = OnHistory(history => history.PurgeBatchesAsync(-1, 10, default)),
        [SqlQuery.DeleteOldDispatches] = OnHistory(history => history.PurgeDispatchesAsync(-1, 10, default)),
        [SqlQuery.DeleteOldApiAnswers] = OnHistory(history => history.PurgeApiAnswersAsync(10, default)),
        [SqlQuery.AddApiAnswer] = KeepingAnAnswer,
        [SqlQuery.DropExpiredApiAnswer] = KeepingAnAnswer,
        [SqlQuery.DeleteOldChanges] = OnHistory(history => history.PurgeChangesAsync(-1, 10, default)),
    };

    [SetUp]
    public void Wrap()
    {
        _database = new EvaluationDatabase(Database.Options, text => new UncountingConnection(text, () => _uncounted));
        _uncounting = new Some(_database);
    }

    [TearDown]
    public void Unwrap() => _database.Dispose();

    [TestCaseSource(nameof(Queries))]
    public async Task Query_RowsNotCounted_IsNotDoneAndStoresNothing(SqlQuery query)
    {
        var act = await Acts[query](this);
        _uncounted = query;
        var before = await ContentAsync();

        (await act.Should().ThrowAsync<RowCountException>()).Which.Message.Should().StartWith($"{query}: the server did not report");

        (await ContentAsync()).Should().Equal(before);
    }

    [Test]
    public void Acts_ExistForEveryQueryWhoseCountIsRead()
    {
        using var connection = new SqliteConnection(Database.Database.ConnectionString);
        connection.Open();
        var counted = Enum.GetValues<SqlQuery>().Where(query => SqliteStatement.Prepare(connection, SqlCatalog.Load(StorageProvider.Sqlite)[query]).Columns.Count == 0);

        Acts.Keys.Concat(Ignored).Should().BeEquivalentTo(counted);
    }

    [Test]
    public async Task ExecuteOneAsync_TwoRows_IsAnErrorAndStoresNothing()
    {
        var tenant = await Some.TenantWithRunsAsync(2);

        var write = () => Database.Database.WriteAsync(db => db.ExecuteOneAsync(SqlQuery.DeleteTenantRuns, new { TenantId = tenant.Id, Limit = 2 }), default);

        await write.Should().ThrowAsync<RowCountException>().WithMessage("*2 rows were changed; expected 0 or 1*");
        (await Some.RunsAsync(new RunListFilter(), 10)).Should().HaveCount(2);
    }

    /// <summary>Runs here with and without counts: with counts, so that <see cref="LockOrderTests"/> need not do it again.</summary>
    internal static IEnumerable<SqlQuery> Counted => Acts.Keys.Concat(Ignored);

    [TestCaseSource(nameof(Queries))]
    public async Task Query_RowsCounted_IsDoneInTheOrderOfLocks(SqlQuery query)
    {
        var act = await Acts[query](this);
        var before = LockOrderConnection.TimesRun(query);

        await act();

        LockOrderConnection.TimesRun(query).Should().BeGreaterThan(before);
    }

    private static IEnumerable<SqlQuery> Queries() => Acts.Keys;

    private static Func<RowCountTests, Task<Func<Task>>> OnClaim(Func<RowCountTests, EvaluationRun, Task> act, bool answered = false) => async test =>
    {
        var claim = await test.Some.ClaimedRunAsync();
        if (answered)
            await test.AnswerAsync(claim);
        return () => act(test, claim);
    };

    /// <summary>A run that a rescue has requeued although its owner is alive: an ended process is counted.</summary>
    private static Func<RowCountTests, Task<Func<Task>>> OnRescuedRun(Func<RowCountTests, EvaluationRun, Task> act) => async test =>
    {
        var claim = await test.Some.ClaimedRunAsync();
        await test.Database.PassAsync(TimeSpan.FromHours(1));
        await test.Some.RescueAsync(3, TimeSpan.Zero);
        return () => act(test, claim);
    };

    private static Func<RowCountTests, Task<Func<Task>>> OnPending(Func<RowCountTests, EvaluationRun, Task> act) => async test =>
    {
        var tenant = await test.Some.TenantAsync();
        await test.Some.SuiteAsync(tenant);
        var run = await test.Some.PendingRunAsync(tenant);
        return () => act(test, run);
    };

    private static Func<RowCountTests, Task<Func<Task>>> OnTenant(Func<RowCountTests, Tenant, Task> act) => async test =>
    {
        var tenant = await test.Some.TenantAsync();
        return () => act(test, tenant);
    };

    private static Func<RowCountTests, Task<Func<Task>>> OnQueuedBatch(Func<RowCountTests, long, Task> act) => async test =>
    {
        var id = await test.Some.Dispatches.ReserveBatchAsync(null, await test.Some.TenantAsync(), Some.Owner, Some.Lease, default);
        await test.Database.PassAsync(TimeSpan.FromHours(1));
        return () => act(test, id!.Value);
    };

    private static Func<RowCountTests, Task<Func<Task>>> OnAlert(Func<AlertRepository, Alert, Task> act) => async test =>
    {
        await test.Some.Claims.FailAttemptAsync(await test.Some.ClaimedRunAsync(), "broken", 1, TimeSpan.Zero, isPermanent: true, default);
        var alert = (await new AlertRepository(test.Database.Database).ClaimAsync(Some.Owner, Some.Lease, TimeSpan.FromHours(1), 1, default)).Single();
        return () => act(new AlertRepository(test._database), alert);
    };

    /// <summary>A tenant to which an endpoint does not answer.</summary>
    private static Func<RowCountTests, Task<Func<Task>>> OnOutage(Func<EndpointOutageRepository, Tenant, Task> act) => async test =>
    {
        var tenant = await test.Some.TenantAsync();
        await new EndpointOutageRepository(test.Database.Database).OpenAsync("host", tenant.Id, "refused", default);
        return () => act(new EndpointOutageRepository(test._database), tenant);
    };

    private static Func<RowCountTests, Task<Func<Task>>> OnEndedRun(Func<ArchiveRepository, EvaluationRun, Task> act) => async test =>
    {
        var run = await test.EndedRunAsync();
        return () => act(new ArchiveRepository(test._database), run);
    };

    private static Func<RowCountTests, Task<Func<Task>>> OnArchivedRun(Func<ArchiveRepository, EvaluationRun, Task> act) => async test =>
    {
        var run = await test.EndedRunAsync();
        await new ArchiveRepository(test.Database.Database).ArchiveBatchAsync(-1, 100, default);
        return () => act(new ArchiveRepository(test._database), run);
    };

    /// <summary>A run that is restored with a part of its results.</summary>
    private static async Task<Func<Task>> OnPartlyArchivedRun(RowCountTests test)
    {
        var run = await test.EndedRunAsync();
        await test.Database.ExecuteAsync("INSERT INTO TestCaseResultArchive SELECT * FROM TestCaseResult WHERE TestCaseId = 1; DELETE FROM TestCaseResult WHERE TestCaseId = 1");
        return () => new ArchiveRepository(test._database).RestoreAsync(run.Id, 100, "test", default);
    }

    private static Func<RowCountTests, Task<Func<Task>>> OnHistory(Func<HistoryRepository, Task> act) => async test =>
    {
        await test.EndedRunAsync();
        return () => act(new HistoryRepository(test._database));
    };

    private static Task<Func<Task>> SigningOut(RowCountTests test) =>
        Task.FromResult<Func<Task>>(() => new SignOutRepository(test._database).AddAsync("anna", null, TimeSpan.FromHours(1), default));

    private static Task<Func<Task>> KeepingAnAnswer(RowCountTests test) => Task.FromResult<Func<Task>>(
        () => new ApiAnswerRepository(test._database).AddAsync(new StoredAnswer { KeyHash = new string('a', 64), RequestHash = new string('b', 64), Status = 201 }, default));

    private static Task<Func<Task>> PausingAJob(RowCountTests test) =>
        Task.FromResult<Func<Task>>(() => new JobPauseRepository(test._database).SetAsync("process-evaluations", "maintenance", "test", default));

    private static Func<RowCountTests, Task<Func<Task>>> OnSchedule(Func<RunScheduleRepository, RunSchedule, Task> act) => async test =>
    {
        var schedule = await SomeSchedule.AddAsync(test.Some, test.Database.Database);
        return () => act(new RunScheduleRepository(test._database), schedule);
    };

    private static Func<RowCountTests, Task<Func<Task>>> OnKey(Func<ApiKeyRepository, ApiKey, Task> act) => async test =>
    {
        var key = await new ApiKeyRepository(test.Database.Database).AddAsync(new NewApiKey { Name = "ci", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default);
        return () => act(new ApiKeyRepository(test._database), key);
    };

    /// <summary>A paused tenant without live runs: the first step of its deletion runs every statement.</summary>
    private static async Task<Func<Task>> OnDeletion(RowCountTests test)
    {
        var run = await test.EndedRunAsync();
        await test.Some.Tenants.SetPausedAsync(run.TenantId, true, "test", default);
        return () => test._uncounting.Tenants.DeleteAsync(run.TenantId, "test", null, default);
    }

    private async Task<Func<Task>> OnSuiteAsync()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync());
        var edit = new SuiteEdit { Draft = new SuiteDraft { Name = suite.Name }, FromRevision = suite.Revision };
        return () => _uncounting.Suites.ReviseAsync(suite.Id, edit, "test", default);
    }

    private async Task<Func<Task>> WithPoolAsync(Func<WorkerPoolRepository, Task> act)
    {
        await new WorkerPoolRepository(Database.Database).AnnounceAsync(Some.Owner, new Dictionary<string, int>(StringComparer.Ordinal) { ["common"] = 2 }, Some.Lease, default);
        return () => act(new WorkerPoolRepository(_database));
    }

    private async Task<EvaluationRun> EndedRunAsync()
    {
        var claim = await Some.ClaimedRunAsync();
        await AnswerAsync(claim);
        await Some.Claims.CompleteAsync(claim, default);
        return claim;
    }

    private async Task AnswerAsync(EvaluationRun claim) =>
        await Some.Claims.SaveResultsAsync(claim, [.. (await Some.UnansweredAsync(claim.Id)).Select(each => Some.Result(each.Id))], default);

    private Task SaveAsync(EvaluationRun claim) => _uncounting.Claims.SaveResultsAsync(claim, [Some.Result(1)], default);

    private Task FailAsync(EvaluationRun claim, bool isPermanent) =>
        _uncounting.Claims.FailAttemptAsync(claim, "broken", maxAttempts: 3, TimeSpan.Zero, isPermanent, default);

    private async Task<List<string>> ContentAsync()
    {
        await using var connection = await Database.Database.OpenAsync(default);
        var rows = new List<string>();
        foreach (var table in Tables)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            await using var reader = await command.ExecuteReaderAsync();
            var values = new object[reader.FieldCount];
            while (await reader.ReadAsync())
            {
                reader.GetValues(values);
                rows.Add($"{table}: {string.Join(" | ", values)}");
            }
        }

        return rows;
    }

    /// <summary>A connection on which one query executes normally but reports -1 rows.</summary>
    private sealed class UncountingConnection(string connectionString, Func<SqlQuery> query) : LockOrderConnection(connectionString)
    {
        public override SqliteCommand CreateCommand() => Watch(new UncountingCommand(query));

        private sealed class UncountingCommand(Func<SqlQuery> query) : WatchedCommand
        {
            public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
            {
                var rows = await base.ExecuteNonQueryAsync(cancellationToken);
                return CommandText.StartsWith($"-- name: {query()}\n", StringComparison.Ordinal) ? -1 : rows;
            }
        }
    }
}
