-- Sessions of the dashboard that were ended before their time: a cookie that was copied before the sign-out is good for nothing.
-- No SessionId: every session of the subject that began before this row.
CREATE TABLE eval.SignOut (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_SignOut PRIMARY KEY,
    Subject nvarchar(300) NOT NULL,
    SessionId varchar(50) NULL,
    ExpiresAt datetime2(3) NOT NULL
);
GO

-- What still counts, and what can be forgotten.
CREATE INDEX IX_SignOut_ExpiresAt ON eval.SignOut (ExpiresAt);
GO
