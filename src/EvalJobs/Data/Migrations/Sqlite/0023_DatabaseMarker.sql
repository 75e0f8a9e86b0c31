-- By its row each process knows the database again: one that was replaced or set back to an earlier state has not what it wrote last.
CREATE TABLE DatabaseMarker (
    Owner TEXT NOT NULL CONSTRAINT PK_DatabaseMarker PRIMARY KEY,
    Token TEXT NOT NULL,
    WrittenAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
) STRICT;
