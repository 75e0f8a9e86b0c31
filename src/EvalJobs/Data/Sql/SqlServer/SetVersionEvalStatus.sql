-- Sets what the latest evaluation says of a version.
-- Parameters: @VersionId bigint, @EvalStatus varchar(20)
UPDATE eval.AgentVersion
SET EvalStatus = @EvalStatus
WHERE Id = @VersionId;
