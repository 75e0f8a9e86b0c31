-- Sessions of the dashboard that were ended before their time: a cookie that was copied before the sign-out is good for nothing.
-- No SessionId: every session of the subject that began before this row.
CREATE TABLE SignOut (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    Subject TEXT NOT NULL,
    SessionId TEXT NULL,
    ExpiresAt INTEGER NOT NULL
) STRICT;

-- What still counts, and what can be forgotten.
CREATE INDEX IX_SignOut_ExpiresAt ON SignOut (ExpiresAt);
