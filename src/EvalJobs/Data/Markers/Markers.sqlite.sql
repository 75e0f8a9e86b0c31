-- name: SaveDatabaseMarker
-- Writes the token that this process will look for.
INSERT INTO {schema}DatabaseMarker (Owner, Token)
VALUES (@Owner, @Token)
ON CONFLICT (Owner) DO UPDATE
SET Token = excluded.Token, WrittenAt = {now};
