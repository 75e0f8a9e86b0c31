using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Plans;

/// <summary>
/// The queries that run often or could read many rows: those of every tick, claim, case, heartbeat and health check, and of the pages and lists. Each has values to run it with
/// and the properties of a good plan. <see cref="ColdQueries"/> gives the reason for each query that is not here.
/// </summary>
internal static partial class HotQueries
{
    private const string Owner = "test:1:abc";

    private const string Tenant = "Tenant.PK_Tenant";

    private const string Run = "EvaluationRun.PK_EvaluationRun";

    private const string Result = "TestCaseResult.PK_TestCaseResult";

    private const string Batch = "TenantBatch.PK_TenantBatch";

    private const string Version = "AgentVersion.PK_AgentVersion";

    private const string Case = "TestCase.UQ_TestCase_Ordinal";

    /// <summary>An id of no tenant and no run: a deletion with it shows its plan and deletes nothing.</summary>
    private const string NoRun = "[0]";

    /// <summary>Live rows and failures that are not acknowledged: they do not grow with history.</summary>
    private static readonly HashSet<string> Live =
    [
        "EvaluationRun.IX_EvaluationRun_Pending", "EvaluationRun.IX_EvaluationRun_PendingByAge", "EvaluationRun.IX_EvaluationRun_PendingByDue", "EvaluationRun.IX_EvaluationRun_Running",
        "EvaluationRun.IX_EvaluationRun_NotAcknowledged", "TenantBatch.UX_TenantBatch_Live", "TenantBatch.IX_TenantBatch_Lease", "Alert.IX_Alert_Pending",
    ];

    /// <summary>Tables with few rows, where an index is not faster. Their rows are deleted with the objects they describe.</summary>
    private static readonly HashSet<string> Few = ["Alert", "ApiAnswer", "ApiKey", "DatabaseMarker", "Dispatch", "EndpointOutage", "PromotionPolicy", "SignOut", "WorkerServer"];

    /// <summary>The same, and tables with one row per tenant, for queries of all tenants.</summary>
    private static readonly HashSet<string> LiveAndTenants = [.. Live, "Tenant.PK_Tenant", "Tenant.UQ_Tenant_Slug", "TenantHealth.PK_TenantHealth"];

    /// <param name="rows">The rows of the loaded database that the queries use.</param>
    public static IReadOnlyDictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Of(LoadedRows rows) =>
        Work(rows).Concat(Endings(rows)).Concat(Pages(rows)).Concat(Searches(rows)).Concat(Retention(rows)).ToDictionary();

    /// <summary>Ticks, claims, heartbeats, health checks.</summary>
    private static Dictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Work(LoadedRows rows) => new()
    {
        [SqlQuery.ListTenantsDue] = (null, new() { ScansAllowed = LiveAndTenants, MaySort = true, MaxRowsRead = 100_000, MaxGrantKb = 65_536 }),
        [SqlQuery.ListTenantsLatelyDue] = (new { WithinMs = 60_000 }, new() { ScansAllowed = LiveAndTenants, MaySort = true, MaxRowsRead = 50_000, MaxGrantKb = 65_536 }),
        [SqlQuery.ListTenantsNewlyDue] = (new { WithinMs = 60_000 }, new() { ScansAllowed = LiveAndTenants, MaySort = true, MaxRowsRead = 50_000, MaxGrantKb = 65_536 }),
        [SqlQuery.HasDueRuns] = (new { rows.TenantId }, new() { Seeks = [Tenant], ScansAllowed = Live, MaxRowsRead = 10 }),
        [SqlQuery.ClaimPendingRuns] = (rows.Claim, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Pending", Run], ScansAllowed = Live, MaxRowsRead = 100 }),
        [SqlQuery.ClaimOldestRuns] = (rows.Claim, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_PendingByAge", Run], ScansAllowed = Live, MaxRowsRead = 100 }),
        [SqlQuery.RenewRunLeases] = (new { Owner, RunIds = $"[{rows.RunId}]", LeaseMs = 1000 }, new() { Seeks = [Run], MaySort = true, MaxRowsRead = 10 }),
        [SqlQuery.ListHeldRuns] = (new { Owner, RunIds = $"[{rows.RunId}]" }, new() { Seeks = [Run], ScansAllowed = Live, MaySort = true, MaxRowsRead = 1000 }),
        [SqlQuery.HoldRun] = (new { rows.RunId, Attempt = 1, Owner }, new() { Seeks = [Run], MaxRowsRead = 2 }),
        [SqlQuery.RequeueExpiredRuns] = (new { PoisonDeaths = 3, BackoffMs = 1000, MaxBackoffMs = 1000, Limit = 100 }, new() { ScansAllowed = Live }),
        [SqlQuery.RenewBatchLeases] = (new { Owner, BatchIds = "[1]", LeaseMs = 1000, AfterTenantId = 0L, Limit = 1000 }, new() { ScansAllowed = Live, MaySort = true }),
        [SqlQuery.AbandonExpiredBatches] = (new { Limit = 1000 }, new() { ScansAllowed = Live }),
        [SqlQuery.CountLiveBatches] = (null, new() { ScansAllowed = Live }),
        [SqlQuery.ListStaleQueuedBatches] = (new { Owner, OlderThanMs = 1000, AfterId = 0L, Limit = 200 }, new() { ScansAllowed = Live, MaySort = true }),
        [SqlQuery.ListTenantLoad] = (null, new() { ScansAllowed = LiveAndTenants, MaySort = true, MaxRowsRead = 100_000, MaxGrantKb = 65_536 }),
        [SqlQuery.ListLiveRuns] = (new { rows.VersionId }, new() { ScansAllowed = Live, MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.TallyRun] = (new { rows.RunId }, new() { Seeks = [Run, Result], MaySort = true, MaxRowsRead = 100 }),
        [SqlQuery.ListUnansweredCases] = (new { rows.RunId, AfterOrdinal = 0, UpToOrdinal = 1000, Limit = 200 }, new() { Seeks = [Run], MaxRowsRead = 1000 }),
        [SqlQuery.ReserveBatch] = (new { DispatchId = (long?)null, rows.TenantId, WorkerPool = (string?)null, Owner, LeaseMs = 1000 }, new() { ScansAllowed = Live, MaxRowsRead = 10 }),
        [SqlQuery.BeginBatch] = (new { rows.BatchId, Owner, LeaseMs = 1000 }, new() { Seeks = [Batch], MaxRowsRead = 5 }),
        [SqlQuery.BeginBatchInShare] = (new { rows.BatchId, Owner, LeaseMs = 1000, CommonPool = "default" }, new() { ScansAllowed = new HashSet<string>([.. LiveAndTenants, .. Few], StringComparer.Ordinal), MaxRowsRead = 20_000 }),
        [SqlQuery.AreOthersWaiting] = (new { rows.BatchId, CommonPool = "default" }, new() { Seeks = [Batch], ScansAllowed = Live, MaxRowsRead = 20_000 }),
        [SqlQuery.FinishBatch] = (new { rows.BatchId, Owner, Status = "COMPLETED", ClaimedCount = 1, CompletedCount = 1, FailedCount = 0, ReleasedCount = 0, Error = (string?)null }, new() { Seeks = [Batch], MaxRowsRead = 5 }),
        [SqlQuery.ListPoisonedRuns] = (new { Limit = 100 }, new() { ScansAllowed = Live, MaySort = true }),
        [SqlQuery.ResetFutureDueTimes] = (new { Limit = 1000 }, new() { ScansAllowed = Live }),
        [SqlQuery.CountRunsNeedingAction] = (null, new() { ScansAllowed = Live, MaySort = true, MaxRowsRead = 150_000, MaxGrantKb = 65_536 }),
        [SqlQuery.ListFailingAgents] = (new { WithinMs = 3_600_000, MinAttempts = 3 }, new() { ScansAllowed = Live, MaySort = true, MaxGrantKb = 65_536 }),
        [SqlQuery.SaveTenantHealth] = (new { rows.TenantId, Status = "HEALTHY", Reasons = "[]", PendingCount = 0, RunningCount = 0, ExpiredLeaseCount = 0, OldestPendingAgeMs = (long?)null }, new() { MaxRowsRead = 5 }),
        [SqlQuery.ListHealthAlertFacts] = (new { FirstTenantId = rows.TenantId, LastTenantId = rows.TenantId + 1000 },
            new() { ScansAllowed = new HashSet<string>([.. Few, "TenantHealth"], StringComparer.Ordinal), MaySort = true }),
        [SqlQuery.ClaimAlerts] = (new { Owner, LeaseMs = 1000, WindowMs = 1000, Limit = 10 }, new() { ScansAllowed = Few, MaySort = true }),
        [SqlQuery.FindEndpointOutage] = (new { Endpoint = "http://agent.example/", rows.TenantId }, new() { ScansAllowed = Few }),
        [SqlQuery.FindApiKey] = (new { SecretHash = new string('0', 64) }, new() { ScansAllowed = Few }),
        [SqlQuery.FindApiAnswer] = (new { KeyHash = new string('0', 64), KeptMs = 1000 }, new() { ScansAllowed = Few }),
        [SqlQuery.ListSignOuts] = (null, new() { ScansAllowed = Few }),
        [SqlQuery.HasDueAlerts] = (new { WindowMs = 1000 }, new() { ScansAllowed = Live }),
        [SqlQuery.FindLastTickAlert] = (null, new() { MaxRowsRead = 5 }),
    };

    /// <summary>Ids of rows in the loaded database.</summary>
    public sealed record LoadedRows(long TenantId, long SuiteId, long VersionId, long RunId, long BatchId, long CaseId)
    {
        public object Claim => new { TenantId, BatchId, Owner, LeaseMs = 1000, Limit = 1 };
    }
}
