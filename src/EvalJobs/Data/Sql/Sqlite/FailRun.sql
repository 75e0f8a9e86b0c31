-- Ends a run for good with the reason and what figures there are, if the caller still holds it.
UPDATE EvaluationRun
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER), Error = @Error,
    PassRate = @PassRate, OverallScore = @OverallScore,
    PassedCount = @PassedCount, FailedCount = @FailedCount, ErroredCount = @ErroredCount, UnscoredCount = @UnscoredCount,
    InputTokens = @InputTokens, OutputTokens = @OutputTokens, Cost = @Cost
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
