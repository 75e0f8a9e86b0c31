-- Gives a run that someone else than its worker has just ended the figures of the results it has. Runs after FailExhaustedRuns or CancelRun in the same transaction.
-- Parameters: @RunId bigint, @PassRate float, @OverallScore float, @PassedCount int, @FailedCount int, @ErroredCount int, @UnscoredCount int, @InputTokens bigint, @OutputTokens bigint, @Cost float
UPDATE eval.EvaluationRun
SET PassRate = @PassRate, OverallScore = @OverallScore,
    PassedCount = @PassedCount, FailedCount = @FailedCount, ErroredCount = @ErroredCount, UnscoredCount = @UnscoredCount,
    InputTokens = @InputTokens, OutputTokens = @OutputTokens, Cost = @Cost
WHERE Id = @RunId AND Status IN ('FAILED', 'CANCELLED');
