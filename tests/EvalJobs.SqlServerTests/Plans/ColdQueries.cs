using EvalJobs.Data;

namespace EvalJobs.Tests.Plans;

/// <summary>The reasons why the plan of a query is not checked: each query is here or in <see cref="HotQueries"/>.</summary>
internal static class ColdQueries
{
    private const string ByKey = "one row, by the primary or a unique key";

    private const string Inserts = "adds one row of values";

    private const string FewRows = "a table of a few rows";

    private const string OfOneVersion = "the few rows of one version, suite or policy, by an index that begins with it, when a person requests it or a version is promoted";

    private const string Deletion = "a step of a tenant's deletion in small parts, by an index that begins with the tenant, as the steps among the hot queries";

    private const string OnceADay = "once a day in small parts, by an index of time or a list of keys";

    private const string Import = "the cases of one suite revision, by its unique key, when a user edits or imports it";

    public static IReadOnlyDictionary<SqlQuery, string> Reasons { get; } = new (string Reason, SqlQuery[] Queries)[]
    {
        (ByKey,
        [
            SqlQuery.GetTenant, SqlQuery.LockTenantRow, SqlQuery.FindTenant, SqlQuery.SetTenantPaused, SqlQuery.SetTenantLimits, SqlQuery.SetTenantUnanswered, SqlQuery.SetTenantAnswered, SqlQuery.DeleteTenant,
            SqlQuery.GetVersion, SqlQuery.FindVersion, SqlQuery.SetVersionState, SqlQuery.ReviseSuite, SqlQuery.DropUnpublishedSuite, SqlQuery.GetSuite, SqlQuery.FindSuite, SqlQuery.FindDefaultSuite,
            SqlQuery.ClearDefaultSuite, SqlQuery.LockPendingRun, SqlQuery.LockFailedRun, SqlQuery.AcknowledgeRun, SqlQuery.PostponeRunShortOfMemory, SqlQuery.WithdrawDeath, SqlQuery.FailPoisonedRun,
            SqlQuery.SetRunFigures, SqlQuery.FinishDispatch, SqlQuery.SetBatchJob, SqlQuery.AbandonQueuedBatch, SqlQuery.GetBatch, SqlQuery.GetPolicy, SqlQuery.GetLook, SqlQuery.VoidLook, SqlQuery.GetCertificate,
            SqlQuery.GetCertifiedVersion, SqlQuery.GetVersionGate, SqlQuery.GetCertifiedRun, SqlQuery.GetChangeRecord, SqlQuery.FindOldestChangeId, SqlQuery.FindArchivedRun, SqlQuery.MarkRunRestored,
            SqlQuery.SetAlertSentTo, SqlQuery.EndAlert, SqlQuery.RetryAlert, SqlQuery.GetSchedule, SqlQuery.LockSchedule, SqlQuery.ChangeSchedule, SqlQuery.SetSchedulePaused, SqlQuery.RewindSchedule,
            SqlQuery.RecordScheduleFiring, SqlQuery.RecordScheduleRun, SqlQuery.DeleteSchedule, SqlQuery.SetJobPaused,
        ]),
        (Inserts,
        [
            SqlQuery.AddTenant, SqlQuery.AddVersion, SqlQuery.AddSuite, SqlQuery.AddTestCase, SqlQuery.AddRun, SqlQuery.StartDispatch, SqlQuery.AddPolicy, SqlQuery.AddVersionGate, SqlQuery.AddRequirement,
            SqlQuery.AddCertificate, SqlQuery.AddAlert, SqlQuery.AddSignOut, SqlQuery.AddApiKey, SqlQuery.AddApiAnswer, SqlQuery.AddSchedule, SqlQuery.AddJobPause,
        ]),
        (FewRows,
        [
            SqlQuery.TryEndpointAgain, SqlQuery.GetEndpointOutage, SqlQuery.OpenEndpointOutage, SqlQuery.CloseEndpointOutage, SqlQuery.ReleaseEndpointTries, SqlQuery.ListEndpointOutages,
            SqlQuery.DeleteOldEndpointOutages, SqlQuery.AnnounceWorkerPool, SqlQuery.WithdrawWorkerServers, SqlQuery.ListWorkerServers, SqlQuery.FindDatabaseMarker, SqlQuery.SaveDatabaseMarker,
            SqlQuery.DeleteOldDatabaseMarkers, SqlQuery.FindLastSignOutId, SqlQuery.DeleteExpiredSignOuts, SqlQuery.GetApiKey, SqlQuery.ListApiKeys, SqlQuery.RevokeApiKey, SqlQuery.RecordApiKeyUse,
            SqlQuery.JoinAlert, SqlQuery.ClaimEarlierAlerts, SqlQuery.ListClaimedAlerts, SqlQuery.SummarizeAlertOutage, SqlQuery.DropExpiredApiAnswer, SqlQuery.FindPolicy, SqlQuery.ListPolicies, SqlQuery.ListPresentPolicies,
            SqlQuery.ListSchedules, SqlQuery.ListAllSchedules, SqlQuery.ListFailingSchedules, SqlQuery.ListScheduleTimes, SqlQuery.CountSchedules, SqlQuery.ListJobPauses,
        ]),
        (OfOneVersion,
        [
            SqlQuery.ListRequirements, SqlQuery.FindApprovedVersion, SqlQuery.ListBaselines, SqlQuery.ListCertificates, SqlQuery.ListCertifiedRequirements, SqlQuery.ListCertifiedResults, SqlQuery.ListCertifiedRecords,
            SqlQuery.ListVoidRecords, SqlQuery.ListPurgeRecords, SqlQuery.ListVersions, SqlQuery.ListRevisionSizes, SqlQuery.ListSuiteSizes, SqlQuery.CopyVerdicts,
        ]),
        (Import, [SqlQuery.CountTestCases, SqlQuery.ListTestCases, SqlQuery.CopyTestCases, SqlQuery.ListTakenCaseKeys]),
        (Deletion,
        [
            SqlQuery.CountTenantRows, SqlQuery.ListTenantLiveRuns, SqlQuery.LockTenantVersions, SqlQuery.DeleteTenantCertificates, SqlQuery.DeleteTenantRequirements, SqlQuery.DeleteTenantGates,
            SqlQuery.DeleteTenantPolicies, SqlQuery.DeleteTenantApiKeys, SqlQuery.DeleteTenantApiAnswers, SqlQuery.DeleteTenantMovedResults, SqlQuery.DeleteTenantArchivedResults, SqlQuery.DeleteTenantAlerts,
            SqlQuery.DeleteTenantCases, SqlQuery.DeleteTenantSuites, SqlQuery.DeleteTenantHealth, SqlQuery.DeleteTenantOutages, SqlQuery.DeleteTenantSchedules,
        ]),
        (OnceADay,
        [
            SqlQuery.DeleteOldAlerts, SqlQuery.CopyRunsFromArchive, SqlQuery.CopyResultsFromArchive, SqlQuery.CountArchivedResults, SqlQuery.DeleteOldBatches, SqlQuery.DeleteOldDispatches, SqlQuery.DeleteOldChanges,
            SqlQuery.DeleteOldApiAnswers,
        ]),
        ("the versions of one agent, by the unique key that begins with tenant and agent, once for each due moment", [SqlQuery.FindScheduledVersion]),
        ("reads no table", [SqlQuery.ReadDatabaseClock]),
    }.SelectMany(group => group.Queries.Select(query => (query, group.Reason))).ToDictionary(each => each.query, each => each.Reason);
}
