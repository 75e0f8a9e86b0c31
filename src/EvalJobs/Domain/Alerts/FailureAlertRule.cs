namespace EvalJobs.Domain;

/// <summary>Every run that failed permanently is alerted. The outbox adds it to the tenant's alert that still waits to be sent.</summary>
internal static class FailureAlertRule
{
    /// <summary>A run failed permanently.</summary>
    public static AlertDraft OfRun(EvaluationRun run) => new(
        run.TenantId, AlertTopic.Failure, AlertPhase.Raised, $"Run {run.Id} failed permanently in attempt {run.Attempt}; the run says why.");
}
