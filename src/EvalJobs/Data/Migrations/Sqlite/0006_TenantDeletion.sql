-- What deleting a tenant looks up to be sure that nothing points to what it deletes: without these, every result, or every version,
-- would be read for each case and each version deleted.
CREATE INDEX IX_TestCaseResult_TestCase ON TestCaseResult (TestCaseId);
CREATE INDEX IX_AgentVersion_Parent ON AgentVersion (ParentVersionId);
