using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

internal sealed class HealthAlertRuleTests
{
    private static readonly HealthAlertRule Rule = new(WarnAfter: TimeSpan.FromMinutes(2), RecoverAfter: TimeSpan.FromMinutes(5), ReminderInterval: TimeSpan.FromMinutes(60));

    [TestCase(HealthStatus.Healthy, 100, null, 0, null)]
    [TestCase(HealthStatus.Healthy, 100, AlertPhase.Cleared, 100, null)]
    [TestCase(HealthStatus.Healthy, 4.9, AlertPhase.Raised, 100, null)]
    [TestCase(HealthStatus.Healthy, 5, AlertPhase.Raised, 0, AlertPhase.Cleared)]
    [TestCase(HealthStatus.Healthy, 5, AlertPhase.Reminder, 0, AlertPhase.Cleared)]
    [TestCase(HealthStatus.Warning, 1.9, null, 0, null)]
    [TestCase(HealthStatus.Warning, 2, null, 0, AlertPhase.Raised)]
    [TestCase(HealthStatus.Warning, 1.9, AlertPhase.Cleared, 100, null)]
    [TestCase(HealthStatus.Warning, 2, AlertPhase.Cleared, 0, AlertPhase.Raised)]
    [TestCase(HealthStatus.Warning, 100, AlertPhase.Raised, 59.9, null)]
    [TestCase(HealthStatus.Warning, 0, AlertPhase.Raised, 60, AlertPhase.Reminder)]
    [TestCase(HealthStatus.Warning, 100, AlertPhase.Reminder, 60, AlertPhase.Reminder)]
    public void Next_OfHealthAndLastAlert_ReturnsThePhase(HealthStatus status, double minutes, AlertPhase? last, double lastMinutes, AlertPhase? expected) =>
        Rule.Next(status, TimeSpan.FromMinutes(minutes), last, TimeSpan.FromMinutes(lastMinutes)).Should().Be(expected);

    [TestCase(AlertPhase.Raised, "WARNING. Nobody works. Runs wait.")]
    [TestCase(AlertPhase.Reminder, "still in WARNING, since 2026-03-01 12:00 UTC. Nobody works. Runs wait.")]
    [TestCase(AlertPhase.Cleared, "HEALTHY again, since 2026-03-01 12:00 UTC.")]
    public void OfTenant_Phase_DescribesWhatHappened(AlertPhase phase, string text) =>
        HealthAlertRule.OfTenant(7, phase, ["Nobody works.", "Runs wait."], new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
            .Should().Be(new AlertDraft(7, AlertTopic.Health, phase, text));
}
