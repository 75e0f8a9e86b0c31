-- Pending work by the time it comes due: what came due lately is found without reading what has waited for long.
CREATE INDEX IX_EvaluationRun_PendingByDue ON eval.EvaluationRun (DueAt, TenantId) WHERE Status = 'PENDING';
GO
