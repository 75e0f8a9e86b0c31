namespace EvalJobs.Domain;

/// <summary>When missing ticks are alerted, alerted again, and reported as over. Unlike a tenant's health they are alerted at once: no work begins without ticks.</summary>
/// <param name="ReminderInterval">How often it is alerted again while it lasts.</param>
internal sealed record TickAlertRule(TimeSpan ReminderInterval)
{
    /// <param name="isWrong">Whether something is wrong with the ticks now.</param>
    /// <param name="last">The phase of the last alert about them; null when there was none.</param>
    /// <param name="age">How long ago that was raised.</param>
    /// <returns>The phase of the alert to raise; null when there is nothing new.</returns>
    public AlertPhase? Next(bool isWrong, AlertPhase? last, TimeSpan age) => (isWrong, IsSaid: last is not (null or AlertPhase.Cleared)) switch
    {
        (false, true) => AlertPhase.Cleared,
        (true, false) => AlertPhase.Raised,
        (true, true) when age >= ReminderInterval => AlertPhase.Reminder,
        _ => null,
    };

    /// <param name="phase">What <see cref="Next"/> gave.</param>
    /// <param name="reason">What is wrong with the ticks; null when nothing is.</param>
    /// <returns>The alert to raise.</returns>
    public static AlertDraft Of(AlertPhase phase, string? reason) => new(null, AlertTopic.Tick, phase, reason ?? "Ticks run again.");
}
