using EvalJobs.Jobs;

namespace EvalJobs.Tests.Jobs;

public sealed class TickScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [TestCase(9, false)]
    [TestCase(11, true)]
    public void IsMissed_EveryFiveMinutes_OnlyAfterTwoTicks(int minutes, bool missed) =>
        new TickSchedule("*/5 * * * *").IsMissed(Noon, Noon.AddMinutes(minutes)).Should().Be(missed);

    [Test]
    public void IsMissed_OfficeHoursOnly_TheNightDoesNotCount()
    {
        var friday = new DateTimeOffset(2026, 3, 6, 17, 55, 0, TimeSpan.Zero);

        new TickSchedule("*/5 9-17 * * 1-5").IsMissed(friday, friday.AddHours(30)).Should().BeFalse();
    }

    [Test]
    public void TwoTicksAfter_EveryFiveMinutes_IsTenMinutes() =>
        new TickSchedule("*/5 * * * *").TwoTicksAfter(Noon).Should().Be(TimeSpan.FromMinutes(10));

    [Test]
    public void Validate_NotACron_NamesTheSettingAndTheExpectedForm() =>
        TickSchedule.Validate("Cron", "every day").Single().ErrorMessage.Should().Contain("Cron ('every day')").And.Contain("*/5 * * * *");
}
