namespace EvalJobs.Domain;

/// <summary>When a tenant's health is alerted, so that a WARNING which comes and goes makes no flood. The statement ListHealthAlertsDue applies it to many tenants at once.</summary>
/// <param name="WarnAfter">How long a tenant must have been in WARNING before it is said.</param>
/// <param name="RecoverAfter">How long it must have been HEALTHY again before that is said.</param>
/// <param name="ReminderInterval">How often a WARNING that lasts is said again.</param>
internal sealed record HealthAlertRule(TimeSpan WarnAfter, TimeSpan RecoverAfter, TimeSpan ReminderInterval);
