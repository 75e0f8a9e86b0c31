-- Moves a version. The caller checked the move under LockVersion.
-- Parameters: @VersionId bigint, @LifecycleState varchar(20)
UPDATE eval.AgentVersion
SET LifecycleState = @LifecycleState
WHERE Id = @VersionId;
