-- Void runs by when they completed: their cases are taken off the figures of the last day.
CREATE INDEX IX_RunLook_Void ON RunLook (CompletedAt) WHERE VoidedAt IS NOT NULL;
