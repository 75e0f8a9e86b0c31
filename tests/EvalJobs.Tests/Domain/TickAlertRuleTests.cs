using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

internal sealed class TickAlertRuleTests
{
    private static readonly TickAlertRule Rule = new(TimeSpan.FromHours(6));

    [TestCase(false, null, 0, null)]
    [TestCase(false, AlertPhase.Cleared, 100, null)]
    [TestCase(false, AlertPhase.Raised, 0, AlertPhase.Cleared)]
    [TestCase(false, AlertPhase.Reminder, 0, AlertPhase.Cleared)]
    [TestCase(true, null, 0, AlertPhase.Raised)]
    [TestCase(true, AlertPhase.Cleared, 0, AlertPhase.Raised)]
    [TestCase(true, AlertPhase.Raised, 5.9, null)]
    [TestCase(true, AlertPhase.Raised, 6, AlertPhase.Reminder)]
    [TestCase(true, AlertPhase.Reminder, 6, AlertPhase.Reminder)]
    public void Next_OfLastAlertAndCurrentState_ReturnsThePhase(bool isWrong, AlertPhase? last, double hours, AlertPhase? expected) =>
        Rule.Next(isWrong, last, TimeSpan.FromHours(hours)).Should().Be(expected);
}
