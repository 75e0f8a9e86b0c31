-- Puts an alert into the outbox, due at once. Runs in the transaction of the change that causes it.
INSERT INTO Alert (TenantId, Topic, Phase, Text)
VALUES (@TenantId, @Topic, @Phase, @Text);
