-- What the pages of suites and versions are read by.

-- A tenant's suites, newest first.
CREATE INDEX IX_EvaluationSuite_Tenant ON eval.EvaluationSuite (TenantId, Id);
GO

-- A tenant's versions, newest first.
CREATE INDEX IX_AgentVersion_Tenant ON eval.AgentVersion (TenantId, Id);
GO

-- The versions derived from one, newest first. Takes the place of its plainer forerunner.
DROP INDEX IX_AgentVersion_Parent ON eval.AgentVersion;
CREATE INDEX IX_AgentVersion_Parent ON eval.AgentVersion (ParentVersionId, Id) WHERE ParentVersionId IS NOT NULL;
GO
