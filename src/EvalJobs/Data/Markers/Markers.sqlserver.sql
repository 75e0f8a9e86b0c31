-- name: SaveDatabaseMarker
-- Writes the token that this process will look for. Only that process writes its row, one statement at a time.
-- Parameters: @Owner nvarchar(200), @Token varchar(50)
UPDATE {schema}DatabaseMarker
SET Token = @Token, WrittenAt = {now}
WHERE Owner = @Owner;
IF @@ROWCOUNT = 0
    INSERT INTO {schema}DatabaseMarker (Owner, Token)
    VALUES (@Owner, @Token);
