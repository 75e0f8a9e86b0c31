-- name: SaveDatabaseMarker
-- Writes what this process will look for.
INSERT INTO {schema}DatabaseMarker (Owner, Token)
VALUES (@Owner, @Token)
ON CONFLICT (Owner) DO UPDATE
SET Token = excluded.Token, WrittenAt = {now};
