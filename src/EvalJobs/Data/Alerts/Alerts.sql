-- list: alert columns
Id, TenantId, Topic, Phase, Text, Data, [Count], Status, DueAt,
Attempt, LeaseOwner, SentTo, LastError, CreatedAt, RaisedAt, TakenAt, EndedAt

-- name: AddAlert
-- Puts an alert into the outbox, due at once. Runs in the transaction of the change that causes it.
-- Parameters: @TenantId bigint, @Topic varchar(20), @Phase varchar(20), @Text nvarchar(max), @Data nvarchar(max)
INSERT INTO {schema}Alert (TenantId, Topic, Phase, Text, Data)
VALUES (@TenantId, @Topic, @Phase, @Text, @Data);

-- name: JoinAlert
-- Adds one more event to the tenant's alert that no sender has claimed yet; no row when there is none.
-- UPDLOCK and SERIALIZABLE hold the gap, so that two failures at once do not both add an alert. FORCESEEK: it locks that gap; a scan of a small table would lock more.
-- The word is cast: the program sends text as nvarchar, and by some collations a varchar column is then converted row by row instead of sought.
-- Parameters: @TenantId bigint, @Topic varchar(20), @Text nvarchar(max)
UPDATE {schema}Alert {with UPDLOCK, SERIALIZABLE, FORCESEEK}
SET [Count] = [Count] + 1, Text = @Text, RaisedAt = {now}
WHERE Topic = {word @Topic} AND TenantId = @TenantId AND TakenAt IS NULL;

-- name: ListHealthAlertFacts
-- Of tenants in a range of ids: their health, the last alert about it, and the age of both. HEALTHY tenants without an open alert are left out.
-- The rule that decides is HealthAlertRule, in the program.
-- Parameters: @FirstTenantId bigint, @LastTenantId bigint
SELECT h.TenantId, h.Status, h.Reasons, h.Since, {milliseconds since h.Since} AS AgeMs, l.Phase AS LastPhase, {milliseconds since l.CreatedAt} AS LastAgeMs
FROM {schema}TenantHealth h
LEFT JOIN {schema}Alert l ON l.Id = (SELECT MAX(a.Id) FROM {schema}Alert a WHERE a.Topic = 'HEALTH' AND a.TenantId = h.TenantId)
WHERE h.TenantId BETWEEN @FirstTenantId AND @LastTenantId
  AND (h.Status = 'WARNING' OR l.Phase IN ('RAISED', 'REMINDER'))
ORDER BY h.TenantId;

-- name: FindLastTickAlert
-- The last alert about the ticks, and its age.
-- UPDLOCK and SERIALIZABLE: if two servers notice at once, the second waits here and sees the alert of the first. FORCESEEK: as in JoinAlert.
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
-- Stores which channels have received an alert, if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200), @SentTo nvarchar(max)
UPDATE {schema}Alert
SET SentTo = @SentTo
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: EndAlert
-- Ends an alert that every channel has received, if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE {schema}Alert
SET Status = 'SENT', LeaseOwner = NULL, LeaseUntil = NULL, LastError = NULL, EndedAt = {now}
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: SummarizeAlertOutage
-- Alerts that some channel has not accepted yet, alerts given up recently, and the latest error of either.
-- Parameters: @FailedWithinMs int
SELECT d.DelayedCount, d.FailedCount, l.LastError
FROM (SELECT COALESCE(SUM(CASE WHEN a.Status = 'PENDING' THEN 1 ELSE 0 END), 0) AS DelayedCount,
             COALESCE(SUM(CASE WHEN a.Status = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount, MAX(a.Id) AS LastId
      FROM (SELECT p.Id, p.Status FROM {schema}Alert p WHERE p.Status = 'PENDING' AND p.LastError IS NOT NULL
            UNION ALL
            SELECT f.Id, f.Status FROM {schema}Alert f WHERE f.Status = 'FAILED' AND f.EndedAt > {now - @FailedWithinMs}) a) d
LEFT JOIN {schema}Alert l ON l.Id = d.LastId;
