-- name: AddSignOut
-- Ends a session of the dashboard, or with no @SessionId all that began before it, until they would have expired.
-- Parameters: @Subject nvarchar(300), @SessionId varchar(50), @LifetimeMs bigint
INSERT INTO {schema}SignOut (Subject, SessionId, ExpiresAt)
VALUES (@Subject, @SessionId, {now + @LifetimeMs});

-- name: ListSignOuts
-- The sign-outs of sessions that could otherwise still be used.
-- Parameters: none
SELECT Id, Subject, SessionId
FROM {schema}SignOut
WHERE ExpiresAt > {now}
ORDER BY Id;

-- name: FindLastSignOutId
-- The greatest id so far among those kept; a session that begins now begins after it.
-- Parameters: none
SELECT COALESCE(MAX(Id), 0) AS Id
FROM {schema}SignOut;

-- name: DeleteExpiredSignOuts
-- Deletes sign-outs of sessions that have expired.
-- Parameters: none
DELETE FROM {schema}SignOut
WHERE ExpiresAt <= {now};
