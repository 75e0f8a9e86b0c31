-- name: FindDatabaseMarker
-- What this process wrote last; no row when the database is of a time before that.
-- Parameters: @Owner nvarchar(200)
SELECT Token
FROM {schema}DatabaseMarker
WHERE Owner = @Owner;

-- name: DeleteOldDatabaseMarkers
-- Forgets processes that have not written for long.
-- Parameters: @OlderThanMs int
DELETE FROM {schema}DatabaseMarker
WHERE WrittenAt < {now - @OlderThanMs};
