namespace EvalJobs.Domain;

/// <summary>When a lasting trouble is spoken of, so that one which comes and goes makes no flood.</summary>
/// <param name="WarnAfter">How long a tenant must have been in WARNING before it is said.</param>
/// <param name="RecoverAfter">How long it must have been HEALTHY again before that is said.</param>
/// <param name="ReminderInterval">How often a trouble that goes on is said again.</param>
internal sealed record HealthAlertRule(TimeSpan WarnAfter, TimeSpan RecoverAfter, TimeSpan ReminderInterval);
