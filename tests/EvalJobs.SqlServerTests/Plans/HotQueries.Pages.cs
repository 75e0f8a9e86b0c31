using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Plans;

/// <content>Queries of pages, lists, searches and the API.</content>
internal static partial class HotQueries
{
    private const string RunsOfTenant = "EvaluationRun.IX_EvaluationRun_Tenant";

    private const string ArchivedRun = "EvaluationRunArchive.PK_EvaluationRunArchive";

    private const string ArchivedResult = "TestCaseResultArchive.PK_TestCaseResultArchive";

    private const string Pattern = "%agent%";

    private static Dictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Pages(LoadedRows rows) => new()
    {
        [SqlQuery.GetRun] = (new { rows.RunId }, new() { Seeks = [Run, ArchivedRun], MaxRowsRead = 3 }),
        [SqlQuery.ListRunIds] = (new { AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 }, new() { Seeks = [Run, ArchivedRun], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRunIdsOfVersion] = (
            new { rows.VersionId, TenantId = (long?)null, SuiteId = (long?)rows.SuiteId, BatchId = (long?)null, Status = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Version"], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRunIdsOfSuite] = (
            new { rows.SuiteId, TenantId = (long?)null, BatchId = (long?)null, Status = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Suite"], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRunIdsOfBatch] = (
            new { BatchId = 1L, TenantId = (long?)null, Status = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Batch"], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRunIdsOfTenantAndState] = (
            new { rows.TenantId, Status = "COMPLETED", AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["EvaluationRun.IX_EvaluationRun_TenantStatus"], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRunIdsOfTenant] = (new { rows.TenantId, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 }, new() { Seeks = [RunsOfTenant], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRunIdsInState] = (
            new { Status = "COMPLETED", AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Status"], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRunRows] = (new { RunIds = $"[{rows.RunId}]" }, new() { Seeks = [Run, ArchivedRun, "RunLook.PK_RunLook"], MaySort = true, MaxRowsRead = 20 }),
        [SqlQuery.ListRunOutcomes] = (new { RunIds = $"[{rows.RunId}]" }, new() { Seeks = [Run, ArchivedRun, "RunLook.PK_RunLook"], MaySort = true, MaxRowsRead = 20 }),
        [SqlQuery.ListRunsNeedingAction] = (new { TenantId = (long?)rows.TenantId, VersionId = (long?)null, SuiteId = (long?)null, BatchId = (long?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { ScansAllowed = Live, MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListRepeatingRuns] = (new { rows.RunId }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Repeats"], MaySort = true, MaxRowsRead = 10 }),
        [SqlQuery.GetRunContext] = (new { rows.VersionId, rows.SuiteId, BatchId = (long?)null },
            new() { Seeks = [Version, "EvaluationRun.IX_EvaluationRun_Version", "EvaluationRunArchive.IX_EvaluationRunArchive_Version"], MaySort = true, MaxRowsRead = 1000 }),
        [SqlQuery.FindRunIdAt] = (new { AgoMs = 86_400_000L }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Created", "EvaluationRunArchive.IX_EvaluationRunArchive_Created"], MaxRowsRead = 10 }),
        [SqlQuery.ListCasePreviews] = (
            new { rows.RunId, rows.SuiteId, Revision = 1, Verdict = (string?)null, TestCaseIds = (string?)null, AfterOrdinal = 0, PreviewLength = 200, Limit = 50 },
            new() { Seeks = [Case, Result, ArchivedResult], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListCaseResults] = (new { rows.RunId, rows.SuiteId, Revision = 1, Verdict = (string?)null, AfterOrdinal = 0, Limit = 50 }, new() { Seeks = [Case, Result, ArchivedResult], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.CountVerdicts] = (new { rows.RunId }, new() { Seeks = [Result, ArchivedResult], MaySort = true, MaxRowsRead = 20 }),
        [SqlQuery.GetCaseDuration] = (new { rows.RunId, Offset = 0 }, new() { Seeks = [Result, ArchivedResult], MaySort = true, MaxRowsRead = 20 }),
        [SqlQuery.GetCaseText] = (new { rows.RunId, rows.SuiteId, TestCaseId = rows.CaseId }, new() { Seeks = ["TestCase.PK_TestCase"], MaxRowsRead = 10 }),
        [SqlQuery.ListBatches] = (new { rows.TenantId, Limit = 20 }, new() { Seeks = ["TenantBatch.IX_TenantBatch_Tenant"], MaySort = true, MaxRowsRead = 50 }),
        [SqlQuery.ListLastBatches] = (new { TenantIds = $"[{rows.TenantId}]" }, new() { Seeks = ["TenantBatch.IX_TenantBatch_Tenant", Batch], MaySort = true, MaxRowsRead = 10 }),
        [SqlQuery.ListDayFlow] = (null, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Created", "EvaluationRun.IX_EvaluationRun_Ended", "RunLook.IX_RunLook_Void"], MaySort = true, MaxRowsRead = 100_000, MaxGrantKb = 65_536 }),
        [SqlQuery.ListTenants] = (new { AfterSlug = "", Limit = 100 }, new() { Seeks = ["Tenant.UQ_Tenant_Slug"], MaxRowsRead = 500 }),
        [SqlQuery.ListSuites] = (new { rows.TenantId }, new() { MaySort = true, MaxRowsRead = 50 }),
        [SqlQuery.ListSuitePage] = (new { TenantId = (long?)null, BeforeId = long.MaxValue, NamePattern = (string?)null, TagPattern = (string?)null, Scan = 50, CountLimit = 1000, Limit = 50 },
            new() { Seeks = [Case, "EvaluationRun.IX_EvaluationRun_Suite", "EvaluationRunArchive.IX_EvaluationRunArchive_Suite"], MaySort = true, MaxRowsRead = 20_000 }),
        [SqlQuery.ListSuiteRuns] = (new { SuiteIds = $"[{rows.SuiteId}]", Limit = 12 }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Suite"], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListSuiteCases] = (new { rows.SuiteId, Revision = 1, AfterOrdinal = 0, PreviewLength = 200, Limit = 50 }, new() { Seeks = [Case], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListVersionIds] = (new { TenantId = (long?)rows.TenantId, AgentName = (string?)null, VersionLabel = (string?)null, ParentVersionId = (long?)null, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["AgentVersion.IX_AgentVersion_Tenant"], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListCasesById] = (new { rows.SuiteId, CaseIds = $"[{rows.CaseId}]", PreviewLength = 200 }, new() { Seeks = ["TestCase.PK_TestCase"], MaySort = true, MaxRowsRead = 50 }),
        [SqlQuery.CompareRevisions] = (new { rows.SuiteId, OldRevision = 1, NewRevision = 2, AfterOrdinal = 0, LastOrdinal = 20_000, Limit = 25, Offset = 0 }, new() { Seeks = [Case], MaySort = true, MaxRowsRead = 2000 }),
        [SqlQuery.FilterVersionIds] = (
            new { VersionIds = $"[{rows.VersionId}]", LifecycleState = (string?)null, EvalStatus = (string?)"PASS", SuiteId = (long?)rows.SuiteId, Limit = 50 },
            new() { Seeks = [Version, "EvaluationRun.IX_EvaluationRun_Version"], MaySort = true, MaxRowsRead = 1000 }),
        [SqlQuery.ListVersionRows] = (new { VersionIds = $"[{rows.VersionId}]" }, new() { Seeks = [Version, Tenant], MaySort = true, MaxRowsRead = 10 }),
        [SqlQuery.ListVersionNames] = (new { rows.TenantId, Limit = 50 }, new() { Seeks = ["AgentVersion.IX_AgentVersion_Tenant"], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListAgents] = (new { rows.TenantId, AfterName = "", Limit = 50 }, new() { Seeks = ["AgentVersion.UQ_AgentVersion_Label"], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListComparableRuns] = (new { rows.VersionId, BaselineVersionId = rows.VersionId }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Version"], MaySort = true, MaxRowsRead = 1000 }),
        [SqlQuery.CountCasePairs] = (new { rows.RunId, BaselineRunId = rows.RunId, rows.SuiteId, BaselineRevision = 1 }, new() { Seeks = [Result, ArchivedResult], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListChangedCases] = (new { rows.RunId, BaselineRunId = rows.RunId, rows.SuiteId, BaselineRevision = 1, Limit = 50 }, new() { Seeks = [Result, ArchivedResult], MaySort = true, MaxRowsRead = 200 }),
        [SqlQuery.ListComparedCases] = (
            new { rows.RunId, BaselineRunId = rows.RunId, rows.SuiteId, Revision = 1, BaselineRevision = 1, AfterOrdinal = 0, Limit = 500 }, new() { Seeks = [Case, Result, ArchivedResult], MaySort = true, MaxRowsRead = 500 }),
        [SqlQuery.ListCaseOutcomes] = (new { rows.RunId, Limit = 1000 }, new() { Seeks = [Result, ArchivedResult], MaySort = true, MaxRowsRead = 100 }),
        [SqlQuery.ListCaseReplies] = (new { rows.RunId, TestCaseIds = $"[{rows.CaseId}]", PreviewLength = 200 }, new() { Seeks = [Result, ArchivedResult], MaySort = true, MaxRowsRead = 100 }),
        [SqlQuery.ListAuditTrail] = (
            new { TargetEntity = (string?)null, Type = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 }, new() { Seeks = ["ChangeRecord.PK_ChangeRecord"], MaxRowsRead = 500 }),
        [SqlQuery.ListAuditTrailOfTarget] = (
            new { TargetEntity = "EvaluationRun", TargetId = (long?)rows.RunId, TenantId = (long?)rows.TenantId, Actor = (string?)null, Type = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["ChangeRecord.IX_ChangeRecord_Target"], MaxRowsRead = 500 }),
        [SqlQuery.ListAuditTrailOfActor] = (
            new { Actor = "test", TenantId = (long?)null, TargetEntity = (string?)null, Type = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["ChangeRecord.IX_ChangeRecord_Actor"], MaxRowsRead = 500 }),
        [SqlQuery.ListAuditTrailOfTenant] = (
            new { rows.TenantId, TargetEntity = (string?)null, Type = (string?)null, AfterId = 0L, BeforeId = long.MaxValue, Limit = 50 },
            new() { Seeks = ["ChangeRecord.IX_ChangeRecord_Tenant"], MaxRowsRead = 500 }),
        [SqlQuery.ListRequestRecords] = (new { rows.TenantId, TargetEntity = "EvaluationRun", TargetIds = $"[{rows.RunId}]", BeforeId = long.MaxValue, Limit = 16 },
            new() { Seeks = ["ChangeRecord.IX_ChangeRecord_Target"], MaySort = true, MaxRowsRead = 100 }),
        [SqlQuery.FindChangeRecordIdAt] = (new { AgoMs = 86_400_000L }, new() { Seeks = ["ChangeRecord.IX_ChangeRecord_At"], MaxRowsRead = 10 }),
        [SqlQuery.ListDispatches] = (new { Limit = 5 }, new() { ScansAllowed = Few, MaySort = true, MaxRowsRead = 50 }),
        [SqlQuery.ListAlerts] = (new { TenantId = (long?)rows.TenantId, Status = (string?)null, BeforeId = long.MaxValue, Limit = 50 }, new() { ScansAllowed = Few, MaySort = true, MaxRowsRead = 200 }),
    };

    /// <summary>A search reads a limited number of rows, in the order of its pages by an index.</summary>
    private static Dictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Searches(LoadedRows rows) => new()
    {
        [SqlQuery.SearchTenants] = (new { Pattern, Limit = 20 }, new() { ScansAllowed = LiveAndTenants, MaySort = true, MaxRowsRead = 25_000 }),
        [SqlQuery.SearchVersions] = (new { TenantId = (long?)null, Pattern, Scan = 2000, Limit = 20 }, new() { ScansAllowed = Newest, MaxRowsRead = 2500 }),
        [SqlQuery.SearchSuites] = (new { TenantId = (long?)null, Pattern, Scan = 2000, Limit = 20 }, new() { ScansAllowed = Newest, MaxRowsRead = 5000 }),
        [SqlQuery.SearchCases] = (new { TenantId = (long?)null, Pattern, Scan = 2000, PreviewLength = 200, Limit = 20 }, new() { Seeks = [Case], ScansAllowed = Newest, MaySort = true, MaxRowsRead = 10_000 }),
        [SqlQuery.FindRunCases] = (
            new
            {
                rows.RunId, rows.SuiteId, Revision = 1, MaxOrdinal = 5000, Verdict = (string?)null, MinScore = (double?)null, MaxScore = (double?)null, SlowerThanMs = (long?)null, Pattern = (string?)Pattern,
                Sort = "SCORE", Limit = 50, Offset = 0,
            },
            new() { Seeks = [Case, Result, ArchivedResult], MaySort = true, MaxRowsRead = 500 }),
    };

    /// <summary>Reads backwards from the newest row and stops after a limited number of rows.</summary>
    private static readonly HashSet<string> Newest = [Version, "EvaluationSuite.PK_EvaluationSuite", "Tenant.PK_Tenant"];
}
