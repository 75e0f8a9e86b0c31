-- name: AddSchedule
-- Adds a schedule, due after now.
INSERT INTO {schema}RunSchedule (TenantId, SuiteId, AgentName, Cron, TimeZone, Priority, CreatedBy)
VALUES (@TenantId, @SuiteId, @AgentName, @Cron, @TimeZone, @Priority, @Actor)
RETURNING Id;
