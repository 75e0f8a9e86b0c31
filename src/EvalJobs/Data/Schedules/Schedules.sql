-- list: schedule columns
Id, TenantId, SuiteId, AgentName, Cron, TimeZone, Priority, IsPaused, Revision, DueAfter, CreatedAt, CreatedBy
LastDueAt, LastFiredAt, LastOutcome, LastRunId, LastReason

-- name: GetSchedule
-- One schedule, with the names of its tenant and suite.
-- Parameters: @ScheduleId bigint
SELECT {schedule columns of c}, t.Slug AS TenantSlug, t.IsPaused AS IsTenantPaused, s.Name AS SuiteName
FROM {schema}RunSchedule c
JOIN {schema}EvaluationSuite s ON s.Id = c.SuiteId
JOIN {schema}Tenant t ON t.Id = c.TenantId
WHERE c.Id = @ScheduleId;

-- name: LockSchedule
-- The revision of a schedule, locked until the transaction ends.
-- Parameters: @ScheduleId bigint
SELECT Revision
FROM {schema}RunSchedule {with UPDLOCK, ROWLOCK}
WHERE Id = @ScheduleId;

-- name: ListSchedules
-- A tenant's schedules, or those of one of its suites, by id, a page at a time: pass the last id seen as @AfterId. Null means any suite.
-- Parameters: @TenantId bigint, @SuiteId bigint, @AfterId bigint, @Limit int
SELECT {top @Limit} {schedule columns of c}, t.Slug AS TenantSlug, t.IsPaused AS IsTenantPaused, s.Name AS SuiteName
FROM {schema}RunSchedule c
JOIN {schema}EvaluationSuite s ON s.Id = c.SuiteId
JOIN {schema}Tenant t ON t.Id = c.TenantId
WHERE c.TenantId = @TenantId AND c.Id > @AfterId AND (@SuiteId IS NULL OR c.SuiteId = @SuiteId)
ORDER BY c.Id
{limit @Limit};

-- name: ListAllSchedules
-- The schedules of all tenants by id, a page at a time: pass the last id seen as @AfterId.
-- Parameters: @AfterId bigint, @Limit int
SELECT {top @Limit} {schedule columns of c}, t.Slug AS TenantSlug, t.IsPaused AS IsTenantPaused, s.Name AS SuiteName
FROM {schema}RunSchedule c
JOIN {schema}EvaluationSuite s ON s.Id = c.SuiteId
JOIN {schema}Tenant t ON t.Id = c.TenantId
WHERE c.Id > @AfterId
ORDER BY c.Id
{limit @Limit};

-- name: ListFailingSchedules
-- The schedules, not paused and of tenants that are not, that could not create a run when they were last due.
-- Parameters: none
SELECT c.Id, c.TenantId, s.Name AS SuiteName, c.AgentName, c.LastReason
FROM {schema}RunSchedule c
JOIN {schema}EvaluationSuite s ON s.Id = c.SuiteId
JOIN {schema}Tenant t ON t.Id = c.TenantId
WHERE c.LastOutcome = 'FAILED' AND c.IsPaused = 0 AND t.IsPaused = 0
ORDER BY c.Id;

-- name: ListScheduleTimes
-- The expressions and zones of the schedules that are not paused, with how many schedules have each and the first of them.
-- Parameters: none
SELECT Cron, TimeZone, COUNT(*) AS ScheduleCount, MIN(Id) AS FirstId
FROM {schema}RunSchedule
WHERE IsPaused = 0
GROUP BY Cron, TimeZone
ORDER BY MIN(Id);

-- name: CountSchedules
-- How many schedules a tenant has.
-- Parameters: @TenantId bigint
SELECT COUNT(*) AS ScheduleCount
FROM {schema}RunSchedule
WHERE TenantId = @TenantId;

-- name: FindScheduledVersion
-- The version that a schedule runs: the newest one of the agent that is neither DEPRECATED nor RETIRED.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200)
SELECT {top 1} Id
FROM {schema}AgentVersion
WHERE TenantId = @TenantId AND AgentName = @AgentName AND LifecycleState NOT IN ('DEPRECATED', 'RETIRED')
ORDER BY Id DESC
{limit 1};

-- name: ChangeSchedule
-- Gives a schedule its next revision. Earlier due moments no longer count.
-- Parameters: @ScheduleId bigint, @AgentName nvarchar(200), @Cron nvarchar(100), @TimeZone nvarchar(64), @Priority int
UPDATE {schema}RunSchedule
SET AgentName = @AgentName, Cron = @Cron, TimeZone = @TimeZone, Priority = @Priority, Revision = Revision + 1, DueAfter = {now}
WHERE Id = @ScheduleId;

-- name: SetSchedulePaused
-- Pauses or resumes a schedule. No row when it is in that state already. Due moments while it was paused do not count.
-- Parameters: @ScheduleId bigint, @IsPaused bit
UPDATE {schema}RunSchedule
SET IsPaused = @IsPaused, Revision = Revision + 1, DueAfter = {now}
WHERE Id = @ScheduleId AND IsPaused <> @IsPaused;

-- name: RewindSchedule
-- Restarts a schedule from now, because its last due moment lies in the future: the clock was set back.
-- Parameters: @ScheduleId bigint, @SlackMs bigint
UPDATE {schema}RunSchedule
SET DueAfter = {now}
WHERE Id = @ScheduleId AND DueAfter > {now + @SlackMs};

-- name: RecordScheduleFiring
-- Stores the outcome of a due moment (@DueMinute: minutes since 1970 UTC). No row when that moment was processed before, or the schedule has changed since it was read.
-- Parameters: @ScheduleId bigint, @Revision int, @DueMinute int, @Outcome varchar(20), @RunId bigint, @Reason nvarchar(1000)
UPDATE {schema}RunSchedule
SET DueAfter = {minute @DueMinute}, LastDueAt = {minute @DueMinute}, LastFiredAt = {now}, LastOutcome = @Outcome, LastRunId = @RunId, LastReason = @Reason
WHERE Id = @ScheduleId AND Revision = @Revision AND IsPaused = 0 AND DueAfter < {minute @DueMinute};

-- name: RecordScheduleRun
-- Stores the run that a person had a schedule create now. Due moments stay due.
-- Parameters: @ScheduleId bigint, @RunId bigint
UPDATE {schema}RunSchedule
SET LastDueAt = NULL, LastFiredAt = {now}, LastOutcome = 'CREATED', LastRunId = @RunId, LastReason = NULL
WHERE Id = @ScheduleId;

-- name: DeleteSchedule
-- Deletes a schedule. Its runs stay.
-- Parameters: @ScheduleId bigint
DELETE FROM {schema}RunSchedule
WHERE Id = @ScheduleId;

-- name: DeleteTenantSchedules
-- Deletes the first of a tenant's schedules.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}RunSchedule
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}RunSchedule t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});
