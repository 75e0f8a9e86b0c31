namespace EvalJobs.Domain;

/// <summary>Every run that failed for good is alerted. The outbox adds it to the tenant's alert that still waits to be sent.</summary>
internal static class FailureAlertRule
{
    /// <summary>A run failed for good.</summary>
    public static AlertDraft OfRun(EvaluationRun run) => new(
        run.TenantId, AlertTopic.Failure, AlertPhase.Raised, $"Run {run.Id} failed for good in attempt {run.Attempt}; the run says why.");
}
