-- By its row each process knows the database again: one that was replaced or set back to an earlier state has not what it wrote last.
CREATE TABLE eval.DatabaseMarker (
    Owner nvarchar(200) NOT NULL CONSTRAINT PK_DatabaseMarker PRIMARY KEY,
    Token varchar(50) NOT NULL,
    WrittenAt datetime2(3) NOT NULL CONSTRAINT DF_DatabaseMarker_WrittenAt DEFAULT SYSUTCDATETIME()
);
GO
