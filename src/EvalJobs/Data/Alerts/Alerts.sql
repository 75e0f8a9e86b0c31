-- list: alert columns
Id, TenantId, Topic, Phase, Text, Data, [Count], Status, DueAt,
Attempt, LeaseOwner, SentTo, LastError, CreatedAt, RaisedAt, TakenAt, EndedAt

-- name: AddAlert
-- Puts an alert into the outbox, due at once. Runs in the transaction of the change that causes it.
-- Parameters: @TenantId bigint, @Topic varchar(20), @Phase varchar(20), @Text nvarchar(max), @Data nvarchar(max)
INSERT INTO {schema}Alert (TenantId, Topic, Phase, Text, Data)
VALUES (@TenantId, @Topic, @Phase, @Text, @Data);

-- name: JoinAlert
-- Adds one more event to the tenant's alert that nobody has begun to send yet; no row when there is none.
-- UPDLOCK and SERIALIZABLE hold the gap, so that two failures at once do not both add an alert. FORCESEEK: that gap, and not a small table that would be scanned.
-- The word is cast: the program sends text as nvarchar, and by some collations a varchar column is then converted row by row instead of sought.
-- Parameters: @TenantId bigint, @Topic varchar(20), @Text nvarchar(max)
UPDATE {schema}Alert {with UPDLOCK, SERIALIZABLE, FORCESEEK}
SET [Count] = [Count] + 1, Text = @Text, RaisedAt = {now}
WHERE Topic = {word @Topic} AND TenantId = @TenantId AND TakenAt IS NULL;

-- name: ListHealthAlertFacts
-- Of tenants in a range of ids: their health, what was last said of it, and how long ago both were. Left out is who is HEALTHY and of whom nothing is open.
-- The rule that decides is HealthAlertRule, in the program.
-- Parameters: @FirstTenantId bigint, @LastTenantId bigint
SELECT h.TenantId, h.Status, h.Reasons, h.Since, {milliseconds since h.Since} AS AgeMs, l.Phase AS LastPhase, {milliseconds since l.CreatedAt} AS LastAgeMs
FROM {schema}TenantHealth h
LEFT JOIN {schema}Alert l ON l.Id = (SELECT MAX(a.Id) FROM {schema}Alert a WHERE a.Topic = 'HEALTH' AND a.TenantId = h.TenantId)
WHERE h.TenantId BETWEEN @FirstTenantId AND @LastTenantId
  AND (h.Status = 'WARNING' OR l.Phase IN ('RAISED', 'REMINDER'))
ORDER BY h.TenantId;

-- name: FindLastTickAlert
-- What was last said of the ticks, and how long ago.
-- UPDLOCK and SERIALIZABLE: of two servers that notice at once, the second waits here and sees what the first has said. FORCESEEK: as in JoinAlert.
-- Parameters: none
SELECT {top 1} Phase, {milliseconds since CreatedAt} AS AgeMs
FROM {schema}Alert {with UPDLOCK, SERIALIZABLE, FORCESEEK}
WHERE Topic = 'TICK' AND TenantId IS NULL
ORDER BY Id DESC
{limit 1};

-- name: ListClaimedAlerts
-- The alerts just claimed, oldest first.
-- Parameters: @Ids nvarchar(max)
SELECT t.Slug AS TenantSlug, {alert columns of a}
FROM {schema}Alert a
LEFT JOIN {schema}Tenant t ON t.Id = a.TenantId
WHERE a.Id IN ({ids @Ids})
ORDER BY a.Id;

-- name: SetAlertSentTo
-- Remembers which channels have had an alert, if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200), @SentTo nvarchar(max)
UPDATE {schema}Alert
SET SentTo = @SentTo
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: EndAlert
-- Every channel has had the alert; done, if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE {schema}Alert
SET Status = 'SENT', LeaseOwner = NULL, LeaseUntil = NULL, LastError = NULL, EndedAt = {now}
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: SummarizeAlertOutage
-- Alerts some channel has not taken yet, alerts given up lately, and the latest error of either.
-- Parameters: @FailedWithinMs int
SELECT d.DelayedCount, d.FailedCount, l.LastError
FROM (SELECT COALESCE(SUM(CASE WHEN a.Status = 'PENDING' THEN 1 ELSE 0 END), 0) AS DelayedCount,
             COALESCE(SUM(CASE WHEN a.Status = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount, MAX(a.Id) AS LastId
      FROM (SELECT p.Id, p.Status FROM {schema}Alert p WHERE p.Status = 'PENDING' AND p.LastError IS NOT NULL
            UNION ALL
            SELECT f.Id, f.Status FROM {schema}Alert f WHERE f.Status = 'FAILED' AND f.EndedAt > {now - @FailedWithinMs}) a) d
LEFT JOIN {schema}Alert l ON l.Id = d.LastId;
