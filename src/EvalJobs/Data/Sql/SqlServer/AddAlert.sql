-- Puts an alert into the outbox, due at once. Runs in the transaction of the change that causes it.
-- Parameters: @TenantId bigint, @Topic varchar(20), @Phase varchar(20), @Text nvarchar(max)
INSERT INTO eval.Alert (TenantId, Topic, Phase, Text)
VALUES (@TenantId, @Topic, @Phase, @Text);
