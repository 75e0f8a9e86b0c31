-- name: AddSchedule
-- Adds a schedule, due after now.
-- Parameters: @TenantId bigint, @SuiteId bigint, @AgentName nvarchar(200), @Cron nvarchar(100), @TimeZone nvarchar(64), @Priority int, @Actor nvarchar(200)
INSERT INTO {schema}RunSchedule (TenantId, SuiteId, AgentName, Cron, TimeZone, Priority, CreatedBy)
OUTPUT inserted.Id
VALUES (@TenantId, @SuiteId, @AgentName, @Cron, @TimeZone, @Priority, @Actor);
