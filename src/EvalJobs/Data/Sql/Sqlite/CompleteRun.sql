-- Ends a run with its figures, if the caller still holds it.
UPDATE EvaluationRun
SET Status = 'COMPLETED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER), Error = NULL,
    PassRate = @PassRate, OverallScore = @OverallScore,
    PassedCount = @PassedCount, FailedCount = @FailedCount, ErroredCount = @ErroredCount, UnscoredCount = @UnscoredCount,
    InputTokens = @InputTokens, OutputTokens = @OutputTokens, Cost = @Cost
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
