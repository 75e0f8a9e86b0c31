namespace EvalJobs.Data;

/// <summary>Every query, by subject: a table of contents. Each is a block <c>-- name: …</c> in the files next to its repository; see <see cref="SqlCatalog"/>.</summary>
internal enum SqlQuery
{
#pragma warning disable CS1591 // The name is the documentation; the block's comment says the rest.
    // Tenants
    AddTenant, GetTenant, LockTenantRow, FindTenant, ListTenants, SetTenantPaused, SetTenantLimits,

    // A tenant's deletion, in this order
    CountTenantRows, ListTenantLiveRuns, LockTenantVersions, LockTenantRuns, DeleteTenantCertificates, DeleteTenantRequirements, DeleteTenantGates, DeleteTenantLooks, DeleteTenantPolicies, DeleteTenantSchedules, DeleteTenantApiKeys, DeleteTenantApiAnswers, DeleteTenantResults, DeleteTenantRuns, DeleteTenantMovedResults, DeleteTenantArchivedResults, DeleteTenantArchivedRuns,
    DeleteTenantBatches, DeleteTenantAlerts, DeleteTenantVersions, DeleteTenantCases, DeleteTenantSuites, DeleteTenantHealth, DeleteTenantOutages, DeleteTenant,

    // Agent versions
    AddVersion, GetVersion, LockVersion, FindVersion, ListVersions, SetVersionState, SetVersionEvalStatus,

    // Suites and their cases
    AddSuite, ReviseSuite, DropUnpublishedSuite, GetSuite, FindSuite, FindDefaultSuite, ClearDefaultSuite, ListSuites, ListSuiteSizes,
    AddTestCase, CountTestCases, ListRevisionSizes, ListTestCases, CopyTestCases, ListTakenCaseKeys,

    // Runs, as people see them
    AddRun, GetRun, ListLiveRuns, ListCaseResults, LockPendingRun, SetRunPriority, CancelRun,
    LockFailedRun, AcknowledgeRun, ListRunsNeedingAction, ListRunOutcomes, ListRepeatingRuns, GetRunContext,

    // Runs, as workers do: every write is fenced by owner and attempt
    ClaimPendingRuns, ClaimOldestRuns, HoldRun, ListUnansweredCases, FindAnsweredCase, AddCaseResult, CopyVerdicts, TallyRun, CompleteRun, FailRun, RetryRunLater, ReleaseRun, PostponeRun, PostponeRunShortOfMemory, ReleaseRunToEnd,
    DropResultsToAskAgain, MarkRunAlone, RenewRunLeases, ListHeldRuns, WithdrawDeath,

    // Runs whose process died, and those that wait by a clock that was set back
    RequeueExpiredRuns, ListPoisonedRuns, FailPoisonedRun, SetRunFigures, ResetFutureDueTimes,

    // Ticks and tenant batches
    StartDispatch, FinishDispatch, ListDispatches, ListTenantsDue, ListTenantsLatelyDue, ListTenantsNewlyDue, HasDueRuns, ReserveBatch, SetBatchJob, BeginBatch, BeginBatchInShare, AreOthersWaiting, FinishBatch,
    RenewBatchLeases, AbandonExpiredBatches, AbandonQueuedBatch, ListStaleQueuedBatches, GetBatch, CountLiveBatches,

    // Endpoints that do not answer, and tenants whose latest attempt got no answer
    FindEndpointOutage, TryEndpointAgain, GetEndpointOutage, OpenEndpointOutage, CloseEndpointOutage, ReleaseEndpointTries, ListEndpointOutages,
    DeleteOldEndpointOutages, SetTenantUnanswered, SetTenantAnswered,

    // Which processes work which pools
    AnnounceWorkerPool, WithdrawWorkerServers, ListWorkerServers,

    // The dashboard's figures
    ListDayFlow, ListLastBatches, ListBatches, ListRunIds, ListRunIdsOfVersion, ListRunIdsOfSuite, ListRunIdsOfBatch, ListRunIdsOfTenantAndState, ListRunIdsOfTenant, ListRunIdsInState, ListRunRows, FindRunIdAt, ListCasePreviews, CountVerdicts, GetCaseText, GetCaseDuration,
    ListAuditTrail, ListAuditTrailOfTarget, ListAuditTrailOfActor, ListAuditTrailOfTenant, ListRequestRecords, FindChangeRecordIdAt,

    // Suites and versions, as people read them
    ListSuitePage, ListSuiteRuns, ListSuiteCases, ListCasesById, CompareRevisions, ListVersionIds, FilterVersionIds, ListVersionRows, ListVersionNames, ListAgents, ListComparableRuns, CountCasePairs, ListChangedCases, ListComparedCases, ListCaseOutcomes, ListCaseReplies,

    // Search: each reads a bounded number of rows
    SearchTenants, SearchVersions, SearchSuites, SearchCases, FindRunCases,

    // Promotion: policies, what is required of versions, and the runs that are evidence
    AddPolicy, FindPolicy, GetPolicy, ListPolicies, ListPresentPolicies, AddVersionGate, FindVersionGate, AddRequirement, ListRequirements,
    AddMissingLooks, ListLooks, GetLook, VoidLook, ListCaseFacts, FindLastEndedRun, ListUnfinishedRuns, FindVersionCreator, FindApprovedVersion, ListBaselines, ListFollowers,

    // Certificates of promotions, and what they are checked against
    AddCertificate, ListCertificates, GetCertificate, GetCertifiedVersion, GetVersionGate, ListCertifiedRequirements, GetCertifiedRun, ListCertifiedResults,
    ListCertifiedRecords, GetChangeRecord, FindOldestChangeId, ListVoidRecords, ListPurgeRecords,

    // Health
    ListTenantLoad, ListFailingAgents, CountRunsNeedingAction, SaveTenantHealth, ReadDatabaseClock,

    // Alerts: the outbox
    AddAlert, JoinAlert, ListHealthAlertFacts, FindLastTickAlert, HasDueAlerts, ClaimAlerts, ClaimEarlierAlerts, ListClaimedAlerts, ListAlerts,
    SetAlertSentTo, EndAlert, RetryAlert, SummarizeAlertOutage, DeleteOldAlerts,

    // Archive, restore and purge
    ListArchivableRuns, CopyRunsToArchive, CopyResultsToArchive, DeleteResults, DeleteRuns,
    FindArchivedRun, CopyRunsFromArchive, CopyResultsFromArchive, MarkRunRestored,
    ListPurgeableRuns, CountArchivedResults, DeleteArchivedResults, DeleteArchivedRuns,

    // History: ticks, batches and the audit trail, past their age
    DeleteOldBatches, DeleteOldDispatches, DeleteOldChanges,

    // Markers by which a process recognizes the database
    FindDatabaseMarker, SaveDatabaseMarker, DeleteOldDatabaseMarkers,

    // Sessions of the dashboard ended before their time
    AddSignOut, ListSignOuts, FindLastSignOutId, DeleteExpiredSignOuts,

    // Keys of the HTTP API
    AddApiKey, GetApiKey, FindApiKey, ListApiKeys, RevokeApiKey, RecordApiKeyUse,

    // Schedules of runs, and recurring jobs that are paused
    AddSchedule, GetSchedule, LockSchedule, ListSchedules, ListAllSchedules, ListFailingSchedules, ListScheduleTimes, CountSchedules, FindScheduledVersion,
    ChangeSchedule, SetSchedulePaused, RewindSchedule, RecordScheduleFiring, RecordScheduleRun, DeleteSchedule,
    ListJobPauses, SetJobPaused, AddJobPause,

    // Answers of the HTTP API to requests that may be repeated
    FindApiAnswer, AddApiAnswer, DropExpiredApiAnswer, DeleteOldApiAnswers,

    // Audit trail
    AddChangeRecord,
#pragma warning restore CS1591
}
