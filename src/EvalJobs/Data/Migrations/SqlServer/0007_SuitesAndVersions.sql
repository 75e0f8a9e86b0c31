-- What the pages of suites and versions are read by; versions derived from one are found by the index of the migration before.

-- A tenant's suites, newest first.
CREATE INDEX IX_EvaluationSuite_Tenant ON eval.EvaluationSuite (TenantId, Id);
GO

-- A tenant's versions, newest first.
CREATE INDEX IX_AgentVersion_Tenant ON eval.AgentVersion (TenantId, Id);
GO
