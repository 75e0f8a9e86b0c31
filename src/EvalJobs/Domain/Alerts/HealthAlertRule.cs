namespace EvalJobs.Domain;

/// <summary>When a tenant's health is alerted, so that a WARNING which comes and goes does not cause many alerts. The last alert is the stored state.</summary>
/// <param name="WarnAfter">How long a tenant must have been in WARNING before it is alerted.</param>
/// <param name="RecoverAfter">How long it must have been HEALTHY again before that is alerted.</param>
/// <param name="ReminderInterval">How often a continuing WARNING is alerted again.</param>
internal sealed record HealthAlertRule(TimeSpan WarnAfter, TimeSpan RecoverAfter, TimeSpan ReminderInterval)
{
    /// <param name="status">The tenant's health now.</param>
    /// <param name="statusAge">How long it has had this health.</param>
    /// <param name="last">The phase of the last alert about it; null when there was none.</param>
    /// <param name="lastAge">How long ago that was raised.</param>
    /// <returns>The phase of the alert to raise; null when there is nothing new.</returns>
    public AlertPhase? Next(HealthStatus status, TimeSpan statusAge, AlertPhase? last, TimeSpan lastAge) =>
        (IsWarning: status == HealthStatus.Warning, IsSaid: last is not (null or AlertPhase.Cleared)) switch
        {
            (true, false) when statusAge >= WarnAfter => AlertPhase.Raised,
            (true, true) when lastAge >= ReminderInterval => AlertPhase.Reminder,
            (false, true) when statusAge >= RecoverAfter => AlertPhase.Cleared,
            _ => null,
        };

    /// <param name="tenantId">The tenant.</param>
    /// <param name="phase">What <see cref="Next"/> gave.</param>
    /// <param name="reasons">Why it is in WARNING, a sentence each.</param>
    /// <param name="since">Since when it has this health, UTC.</param>
    /// <returns>The alert to raise.</returns>
    public static AlertDraft OfTenant(long tenantId, AlertPhase phase, IEnumerable<string> reasons, DateTimeOffset since) => new(tenantId, AlertTopic.Health, phase, phase switch
    {
        AlertPhase.Raised => $"WARNING. {string.Join(' ', reasons)}",
        AlertPhase.Reminder => $"still in WARNING, since {since:yyyy-MM-dd HH:mm} UTC. {string.Join(' ', reasons)}",
        _ => $"HEALTHY again, since {since:yyyy-MM-dd HH:mm} UTC.",
    });
}
