-- Ends a run with its figures, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @PassRate float, @OverallScore float, @PassedCount int, @FailedCount int, @ErroredCount int, @UnscoredCount int, @InputTokens bigint, @OutputTokens bigint, @Cost float
UPDATE eval.EvaluationRun
SET Status = 'COMPLETED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = SYSUTCDATETIME(), Error = NULL,
    PassRate = @PassRate, OverallScore = @OverallScore,
    PassedCount = @PassedCount, FailedCount = @FailedCount, ErroredCount = @ErroredCount, UnscoredCount = @UnscoredCount,
    InputTokens = @InputTokens, OutputTokens = @OutputTokens, Cost = @Cost
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
