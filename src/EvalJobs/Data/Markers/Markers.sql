-- name: FindDatabaseMarker
-- What this process wrote last; no row when the database is of a time before that.
-- Parameters: @Owner nvarchar(200)
SELECT Token
FROM {schema}DatabaseMarker
WHERE Owner = @Owner;

-- name: DeleteOldDatabaseMarkers
-- Forgets processes that have not written for long. READPAST: a row that a stopped process holds keeps no other from knowing its database.
-- Parameters: @OlderThanMs int
DELETE FROM {schema}DatabaseMarker {with READPAST, ROWLOCK}
WHERE WrittenAt < {now - @OlderThanMs};
