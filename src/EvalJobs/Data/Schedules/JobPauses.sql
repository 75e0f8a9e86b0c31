-- name: ListJobPauses
-- The recurring jobs that people have paused or resumed.
-- Parameters: none
SELECT JobId, IsPaused, Reason, Actor, At
FROM {schema}JobPause
ORDER BY JobId;

-- name: SetJobPaused
-- Pauses or resumes a recurring job. No row when it is in that state already, or was never paused.
-- Parameters: @JobId nvarchar(100), @IsPaused bit, @Reason nvarchar(1000), @Actor nvarchar(200)
UPDATE {schema}JobPause
SET IsPaused = @IsPaused, Reason = @Reason, Actor = @Actor, At = {now}
WHERE JobId = @JobId AND IsPaused <> @IsPaused;

-- name: AddJobPause
-- Pauses a recurring job that nobody has ever paused. A second row of the same job violates PK_JobPause.
-- Parameters: @JobId nvarchar(100), @Reason nvarchar(1000), @Actor nvarchar(200)
INSERT INTO {schema}JobPause (JobId, IsPaused, Reason, Actor)
VALUES (@JobId, 1, @Reason, @Actor);
