using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard;
using EvalJobs.Server.Dashboard.Components;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Times in a time zone, also on days of 23 and 25 hours.</summary>
public sealed class PageTimesTests
{
    private static readonly PageTimes Berlin = new(PageTimes.FindZone("Europe/Berlin")!, false);

    [TestCase("2026-07-01T10:00:00Z", "2026-07-01 12:00:00 +02:00")]
    [TestCase("2026-10-25T00:30:00Z", "2026-10-25 02:30:00 +02:00")]
    [TestCase("2026-10-25T01:30:00Z", "2026-10-25 02:30:00 +01:00")]
    [TestCase("2026-03-29T01:00:00Z", "2026-03-29 03:00:00 +02:00")]
    public void Moment_InAZone_ShowsTheOffsetFromUtc(string moment, string text) => Berlin.Moment(At(moment)).Should().Be(text);

    [Test]
    public void Moment_InUtc_SaysSo()
    {
        var utc = new PageTimes(PageTimes.FindZone("Etc/UTC")!, false);

        utc.IsUtc.Should().BeTrue();
        utc.Moment(At("2026-07-01T10:00:00Z")).Should().Be("2026-07-01 10:00:00 UTC");
        utc.MomentInBoth(At("2026-07-01T10:00:00Z")).Should().Be("2026-07-01 10:00:00 UTC");
        Berlin.MomentInBoth(At("2026-07-01T10:00:00Z")).Should().Be("2026-07-01 12:00:00 +02:00 (2026-07-01 10:00:00 UTC)");
    }

    [TestCase("2026-03-29T12:00:00Z", 23)]
    [TestCase("2026-10-25T12:00:00Z", 25)]
    [TestCase("2026-07-01T12:00:00Z", 24)]
    public void StartOfDay_WhereClocksChange_IsTheZonesMidnight(string moment, int hours)
    {
        var day = Berlin.StartOfDay(At(moment));

        Berlin.Clock(day).Should().Be("00:00");
        (Berlin.StartOfDay(At(moment).AddDays(1)) - day).Should().Be(TimeSpan.FromHours(hours));
        Berlin.StartOfDay(At(moment).AddDays(1), 1).Should().Be(day);
    }

    [Test]
    public void StartOfWeek_OfASunday_IsTheMondayBefore()
    {
        Berlin.StartOfWeek(At("2026-11-29T12:00:00Z")).Should().Be(At("2026-11-22T23:00:00Z"));
        Berlin.StartOfWeek(At("2026-11-29T12:00:00Z"), 1).Should().Be(At("2026-11-15T23:00:00Z"));
        Berlin.StartOfWeek(At("2026-11-22T23:00:00Z")).Should().Be(At("2026-11-22T23:00:00Z"), "it is Monday there");
    }

    [TestCase("2026-10-25T02:30", false, "2026-10-25T00:30:00Z", TestName = "AtClock_TimeThatComesTwice_AsABegin_IsTheFirst")]
    [TestCase("2026-10-25T02:30", true, "2026-10-25T01:30:00Z", TestName = "AtClock_TimeThatComesTwice_AsAnEnd_IsTheSecond")]
    [TestCase("2026-03-29T02:30", false, "2026-03-29T01:30:00Z", TestName = "AtClock_TimeThatIsSkipped_IsAfterTheChange")]
    [TestCase("2026-07-01T12:00", true, "2026-07-01T10:00:00Z", TestName = "AtClock_UsualTime_IsItsMoment")]
    [TestCase("0001-01-01T00:00", false, "0001-01-01T00:00:00Z", TestName = "AtClock_BeginOfTheCalendar_IsNoError")]
    public void AtClock_InBerlin(string clock, bool isLast, string moment) =>
        PageTimes.AtClock(DateTime.Parse(clock, CultureInfo.InvariantCulture), Berlin.Zone, isLast).Should().Be(At(moment));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("Nowhere/Town")]
    [TestCase("../../etc/passwd")]
    [TestCase("/usr/share/zoneinfo/Europe/Berlin")]
    [TestCase("right/Europe/Berlin")]
    [TestCase("posix/Europe/Berlin")]
    [TestCase("Europe/Berlin\n")]
    [TestCase("Europe/Berlin; path=/")]
    [TestCase("Europe")]
    [TestCase("tzdata.zi")]
    public void FindZone_UnknownName_IsNull(string? name) => PageTimes.FindZone(name).Should().BeNull();

    [Test]
    public void FindZone_VeryLongName_IsNull() => PageTimes.FindZone(new string('a', 100_000)).Should().BeNull();

    [Test]
    public void Chart_OfTheLastDay_HasTheHoursOfTheClockAndCountsTheBacklogBack()
    {
        var now = At("2026-10-25T12:20:00Z");
        var hour = DayFlow.HourOf(now);

        var chart = DayChartModel.Of([Flow(hour, created: 3, completed: 1), Flow(hour - 1, created: 1, completed: 0), Flow(hour - 24, created: 5, completed: 4)], 10, now);

        chart.Hours.Should().HaveCount(25);
        chart.Hours[^1].Should().Be(new DayChartHour(At("2026-10-25T12:00:00Z"), now, 3, 1, 0, 10));
        chart.Hours[^2].Should().Be(new DayChartHour(At("2026-10-25T11:00:00Z"), At("2026-10-25T12:00:00Z"), 1, 0, 0, 8));
        chart.Hours[0].Should().Be(new DayChartHour(At("2026-10-24T12:20:00Z"), At("2026-10-24T13:00:00Z"), 5, 4, 0, 7), "only a part of this hour is within the day");
        chart.CreatedCount.Should().Be(9);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static DayFlow Flow(long hour, int created, int completed) => new()
    {
        TenantId = 1, Hour = hour, CreatedCount = created, CompletedCount = completed, FailedCount = 0, CancelledCount = 0, PassedCaseCount = 0, CaseCount = 0,
    };
}
