-- Ends a run for good with the reason and what figures there are, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @Error nvarchar(max), @PassRate float, @OverallScore float, @PassedCount int, @FailedCount int, @ErroredCount int, @UnscoredCount int, @InputTokens bigint, @OutputTokens bigint, @Cost float
UPDATE eval.EvaluationRun
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = SYSUTCDATETIME(), Error = @Error,
    PassRate = @PassRate, OverallScore = @OverallScore,
    PassedCount = @PassedCount, FailedCount = @FailedCount, ErroredCount = @ErroredCount, UnscoredCount = @UnscoredCount,
    InputTokens = @InputTokens, OutputTokens = @OutputTokens, Cost = @Cost
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
