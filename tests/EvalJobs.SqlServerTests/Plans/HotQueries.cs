using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Plans;

/// <summary>The queries of every tick, claim, heartbeat and health check, with values to run them with and what a good plan of each looks like.</summary>
internal static class HotQueries
{
    private const string Owner = "test:1:abc";

    private const string Tenant = "Tenant.PK_Tenant";

    private const string Run = "EvaluationRun.PK_EvaluationRun";

    /// <summary>Live rows only: they do not grow with history.</summary>
    private static readonly HashSet<string> Live =
    [
        "EvaluationRun.IX_EvaluationRun_Pending", "EvaluationRun.IX_EvaluationRun_PendingByAge", "EvaluationRun.IX_EvaluationRun_PendingByDue", "EvaluationRun.IX_EvaluationRun_Running",
        "EvaluationRun.IX_EvaluationRun_Lease", "TenantBatch.UX_TenantBatch_Live", "TenantBatch.IX_TenantBatch_Lease", "Alert.IX_Alert_Pending",
    ];

    /// <summary>And what has a row per tenant, for queries of all tenants.</summary>
    private static readonly HashSet<string> LiveAndTenants = [.. Live, "Tenant.PK_Tenant", "Tenant.UQ_Tenant_Slug", "TenantHealth.PK_TenantHealth"];

    /// <param name="rows">Rows of the loaded database that the queries are run with.</param>
    public static IReadOnlyDictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Of(LoadedRows rows) => new Dictionary<SqlQuery, (object?, PlanExpectation)>
    {
        [SqlQuery.ListTenantsDue] = (null, new() { ScansAllowed = LiveAndTenants, MaySort = true, MaxRowsRead = 100_000, MaxGrantKb = 65_536 }),
        [SqlQuery.ListTenantsLatelyDue] = (new { WithinMs = 60_000 }, new() { ScansAllowed = LiveAndTenants, MaySort = true, MaxRowsRead = 50_000, MaxGrantKb = 65_536 }),
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
        [SqlQuery.TallyRun] = (new { rows.RunId }, new() { Seeks = [Run, "TestCaseResult.PK_TestCaseResult"], MaySort = true, MaxRowsRead = 100 }),
        [SqlQuery.ListUnansweredCases] = (new { rows.RunId, AfterOrdinal = 0, Limit = 200 }, new() { Seeks = [Run], MaxRowsRead = 1000 }),
        [SqlQuery.GetRun] = (new { rows.RunId }, new() { Seeks = [Run, "EvaluationRunArchive.PK_EvaluationRunArchive"], MaxRowsRead = 3 }),
        [SqlQuery.ListArchivableRuns] = (new { Days = 90, Limit = 1000 }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Ended"], MaxRowsRead = 5000 }),
        [SqlQuery.ListRunIds] = (new { TenantId = (long?)rows.TenantId, VersionId = (long?)null, SuiteId = (long?)null, BatchId = (long?)null, Status = "COMPLETED", AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["EvaluationRun.IX_EvaluationRun_TenantStatus"], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListSuiteRuns] = (new { SuiteIds = $"[{rows.SuiteId}]", Limit = 12 }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Suite"], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListAuditTrail] = (new { TenantId = (long?)rows.TenantId, TargetEntity = (string?)null, TargetId = (long?)null, Actor = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["ChangeRecord.IX_ChangeRecord_Tenant"], MaxRowsRead = 500 }),
        [SqlQuery.HasDueAlerts] = (new { WindowMs = 1000 }, new() { ScansAllowed = Live }),
        [SqlQuery.FindLastTickAlert] = (null, new() { MaxRowsRead = 5 }),
        [SqlQuery.LockTenantRuns] = (new { rows.TenantId, Limit = 100 }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Tenant"], MaxRowsRead = 500 }),
    };

    /// <summary>Some rows that the loaded database has.</summary>
    public sealed record LoadedRows(long TenantId, long SuiteId, long VersionId, long RunId, long BatchId)
    {
        public object Claim => new { TenantId, BatchId, Owner, LeaseMs = 1000, Limit = 1 };
    }
}
