-- Moves a version. The caller checked the move under LockVersion.
UPDATE AgentVersion
SET LifecycleState = @LifecycleState
WHERE Id = @VersionId;
