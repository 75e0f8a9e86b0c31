-- name: FindApiAnswer
-- The answer kept for a request that may be repeated.
-- Parameters: @KeyHash char(64), @KeptMs int
SELECT KeyHash, TenantId, RequestHash, Status, Location, Tag, Body
FROM {schema}ApiAnswer
WHERE KeyHash = {hash @KeyHash} AND CreatedAt > {now - @KeptMs};

-- name: AddApiAnswer
-- Keeps the answer to a request that may be repeated. A second one with the same key violates PK_ApiAnswer.
-- Parameters: @KeyHash char(64), @TenantId bigint, @RequestHash char(64), @Status int, @Location nvarchar(400), @Tag nvarchar(200), @Body nvarchar(max)
INSERT INTO {schema}ApiAnswer (KeyHash, TenantId, RequestHash, Status, Location, Tag, Body)
VALUES (@KeyHash, @TenantId, @RequestHash, @Status, @Location, @Tag, @Body);

-- name: DropExpiredApiAnswer
-- Makes room for a key that was used long ago.
-- Parameters: @KeyHash char(64), @KeptMs int
DELETE FROM {schema}ApiAnswer
WHERE KeyHash = {hash @KeyHash} AND CreatedAt <= {now - @KeptMs};

-- name: DeleteOldApiAnswers
-- Deletes expired answers, the oldest first.
-- Parameters: @KeptMs int, @Limit int
DELETE FROM {schema}ApiAnswer
WHERE KeyHash IN (SELECT {top @Limit} KeyHash FROM {schema}ApiAnswer WHERE CreatedAt <= {now - @KeptMs} ORDER BY CreatedAt {limit @Limit});
