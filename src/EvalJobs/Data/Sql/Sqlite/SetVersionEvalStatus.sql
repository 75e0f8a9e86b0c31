-- Sets what the latest evaluation says of a version.
UPDATE AgentVersion
SET EvalStatus = @EvalStatus
WHERE Id = @VersionId;
