-- Adds one more event to the tenant's alert that nobody has begun to send yet; no row when there is none.
UPDATE Alert
SET [Count] = [Count] + 1, Text = @Text, RaisedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
WHERE Topic = @Topic AND TenantId = @TenantId AND TakenAt IS NULL;
