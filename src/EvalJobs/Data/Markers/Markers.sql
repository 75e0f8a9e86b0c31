-- name: FindDatabaseMarker
-- What this process wrote last; no row when the database is from before that.
-- Parameters: @Owner nvarchar(200)
SELECT Token
FROM {schema}DatabaseMarker
WHERE Owner = @Owner;

-- name: DeleteOldDatabaseMarkers
-- Deletes the rows of processes that have not written for long. READPAST: a row that a stopped process holds must not block the others.
-- Parameters: @OlderThanMs int
DELETE FROM {schema}DatabaseMarker {with READPAST, ROWLOCK}
WHERE WrittenAt < {now - @OlderThanMs};
