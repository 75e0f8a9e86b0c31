-- What the pages of suites and versions are read by.

-- A tenant's suites, newest first.
CREATE INDEX IX_EvaluationSuite_Tenant ON EvaluationSuite (TenantId, Id);

-- A tenant's versions, newest first.
CREATE INDEX IX_AgentVersion_Tenant ON AgentVersion (TenantId, Id);

-- The versions derived from one, newest first. Takes the place of its plainer forerunner.
DROP INDEX IX_AgentVersion_Parent;
CREATE INDEX IX_AgentVersion_Parent ON AgentVersion (ParentVersionId, Id) WHERE ParentVersionId IS NOT NULL;
