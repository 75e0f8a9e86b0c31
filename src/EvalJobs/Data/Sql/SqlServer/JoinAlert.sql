-- Adds one more event to the tenant's alert that nobody has begun to send yet; no row when there is none.
-- UPDLOCK and SERIALIZABLE hold the gap, so that two failures at once do not both add an alert.
-- CAST: the program sends text as nvarchar, and by some collations a varchar column is then converted row by row instead of sought.
-- Parameters: @TenantId bigint, @Topic varchar(20), @Text nvarchar(max)
UPDATE eval.Alert WITH (UPDLOCK, SERIALIZABLE)
SET [Count] = [Count] + 1, Text = @Text, RaisedAt = SYSUTCDATETIME()
WHERE Topic = CAST(@Topic AS varchar(20)) AND TenantId = @TenantId AND TakenAt IS NULL;
