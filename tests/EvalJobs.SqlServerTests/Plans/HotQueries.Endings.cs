using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Plans;

/// <content>Queries about the end of runs: results, outcomes, evidence, the archive.</content>
internal static partial class HotQueries
{
    private static Dictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Endings(LoadedRows rows)
    {
        var held = new { rows.RunId, Attempt = 1, Owner };
        var later = new { rows.RunId, Attempt = 1, Owner, DelayMs = 1000, Error = "error" };
        var evidence = new { rows.VersionId, rows.SuiteId, SuiteRevision = 1 };
        var oneRun = new PlanExpectation { Seeks = [Run], MaxRowsRead = 5 };
        var runsOfOneVersion = new PlanExpectation { MaySort = true, MaxRowsRead = 1000 };
        return new()
        {
            [SqlQuery.FindAnsweredCase] = (new { rows.RunId }, new() { Seeks = [Result], MaxRowsRead = 100 }),
            [SqlQuery.AddCaseResult] = (
                new
                {
                    rows.RunId, TestCaseId = rows.CaseId, Verdict = "PASSED", Score = (double?)1, Output = "out", Error = (string?)null, DurationMs = 5L, InputTokens = (long?)1, OutputTokens = (long?)1, Cost = (double?)0.1,
                    IsCut = (bool?)false, AskAgain = false,
                },
                new() { MaxRowsRead = 10 }),
            [SqlQuery.CompleteRun] = (
                new
                {
                    rows.RunId, Attempt = 1, Owner, PassRate = (double?)1, OverallScore = (double?)1, PassedCount = 3, FailedCount = 0, ErroredCount = 0, UnscoredCount = 0, CutCount = (int?)0, InputTokens = (long?)1,
                    OutputTokens = (long?)1, Cost = (double?)0.1,
                },
                oneRun),
            [SqlQuery.FailRun] = (
                new
                {
                    rows.RunId, Attempt = 1, Owner, Error = "error", PassRate = (double?)null, OverallScore = (double?)null, PassedCount = 0, FailedCount = 0, ErroredCount = 3, UnscoredCount = 0, CutCount = (int?)0,
                    InputTokens = (long?)null, OutputTokens = (long?)null, Cost = (double?)null,
                },
                oneRun),
            [SqlQuery.RetryRunLater] = (later, oneRun),
            [SqlQuery.PostponeRun] = (later, oneRun),
            [SqlQuery.ReleaseRun] = (held, oneRun),
            [SqlQuery.ReleaseRunToEnd] = (held, oneRun),
            [SqlQuery.MarkRunAlone] = (held, oneRun),
            [SqlQuery.CancelRun] = (new { rows.RunId }, oneRun),
            [SqlQuery.SetRunPriority] = (new { rows.RunId, Priority = 1 }, oneRun),
            [SqlQuery.DropResultsToAskAgain] = (new { rows.RunId, AllErrored = true, Limit = 1000 }, new() { Seeks = [Result], MaxRowsRead = 100 }),
            [SqlQuery.LockVersion] = (new { rows.VersionId }, new() { Seeks = [Version], MaxRowsRead = 2 }),
            [SqlQuery.SetVersionEvalStatus] = (new { rows.VersionId, EvalStatus = "RUNNING" }, new() { Seeks = [Version], MaxRowsRead = 2 }),
            [SqlQuery.FindVersionGate] = (new { rows.VersionId }, new() { Seeks = ["VersionGate.UQ_VersionGate_Round"], MaySort = true, MaxRowsRead = 10 }),
            [SqlQuery.AddMissingLooks] = (evidence, runsOfOneVersion),
            [SqlQuery.ListLooks] = (evidence, new() { Seeks = ["RunLook.IX_RunLook_Version"], MaySort = true, MaxRowsRead = 500 }),
            [SqlQuery.FindLastEndedRun] = (evidence, runsOfOneVersion),
            [SqlQuery.ListUnfinishedRuns] = (new { rows.VersionId, rows.SuiteId, SuiteRevision = 1, Limit = 20 }, runsOfOneVersion),
            [SqlQuery.ListFollowers] = (new { rows.VersionId, rows.SuiteId, SuiteRevision = 1, Limit = 20 }, new() { Seeks = ["VersionRequirement.IX_VersionRequirement_Baseline"], ScansAllowed = Baselines, MaySort = true, MaxRowsRead = 500 }),
            [SqlQuery.ListCaseFacts] = (new { rows.SuiteId, Revision = 1, All = false }, new() { Seeks = [Case], MaySort = true, MaxRowsRead = 200 }),
            [SqlQuery.FindVersionCreator] = (new { rows.VersionId }, new() { Seeks = ["ChangeRecord.IX_ChangeRecord_Target"], MaxRowsRead = 50 }),
            [SqlQuery.AddChangeRecord] = (new { rows.TenantId, Type = "RUN_COMPLETED", TargetEntity = "EvaluationRun", TargetId = rows.RunId, Actor = "system", Payload = "{}" }, new() { MaxRowsRead = 5 }),
        };
    }

    /// <summary>Reads only the requirements that name a baseline.</summary>
    private static readonly HashSet<string> Baselines = ["VersionRequirement.IX_VersionRequirement_Baseline"];

    /// <summary>Queries that move and delete history. They run with ids that do not exist: the plan is the same, and nothing is deleted.</summary>
    private static Dictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Retention(LoadedRows rows)
    {
        var runs = new { RunIds = NoRun };
        var some = new { RunIds = NoRun, Limit = 1000 };
        var tenant = new { TenantId = 0L, Limit = 1000 };
        return new()
        {
            [SqlQuery.ListArchivableRuns] = (new { Days = 90, Limit = 1000 }, new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Ended"], MaxRowsRead = 5000 }),
            [SqlQuery.CopyRunsToArchive] = (runs, new() { Seeks = [Run], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.CopyResultsToArchive] = (some, new() { Seeks = [Result], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteResults] = (some, new() { Seeks = [Result], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteRuns] = (runs, new() { Seeks = [Run], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.ListPurgeableRuns] = (new { Days = 1, Limit = 1000 }, new() { Seeks = ["EvaluationRunArchive.IX_EvaluationRunArchive_Ended"], MaySort = true, MaxRowsRead = 5000 }),
            [SqlQuery.DeleteArchivedResults] = (some, new() { Seeks = [ArchivedResult], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteArchivedRuns] = (runs, new() { Seeks = [ArchivedRun], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.LockTenantRuns] = (new { rows.TenantId, Limit = 100 }, new() { Seeks = [RunsOfTenant], MaxRowsRead = 500 }),
            [SqlQuery.DeleteTenantResults] = (tenant, new() { Seeks = [RunsOfTenant], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteTenantRuns] = (tenant, new() { Seeks = [RunsOfTenant], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteTenantArchivedRuns] = (tenant, new() { MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteTenantLooks] = (tenant, new() { Seeks = ["RunLook.IX_RunLook_Tenant"], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteTenantBatches] = (tenant, new() { Seeks = ["TenantBatch.IX_TenantBatch_Tenant"], MaySort = true, MaxRowsRead = 20 }),
            [SqlQuery.DeleteTenantVersions] = (tenant, new() { Seeks = ["AgentVersion.IX_AgentVersion_Tenant"], MaySort = true, MaxRowsRead = 20 }),
        };
    }
}
