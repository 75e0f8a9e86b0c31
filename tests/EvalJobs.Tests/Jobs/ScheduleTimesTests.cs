using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Tests.Jobs;

public sealed class ScheduleTimesTests
{
    /// <summary>Daylight saving time begins on 2026-03-29 (Berlin), 2026-03-08 (New York), 2026-10-04 (Lord Howe, by half an hour), and ends on 2026-10-25, 2026-11-01, 2026-04-05.</summary>
    [TestCase("0 2 * * *", "UTC", "2026-03-28T23:00Z", "2026-03-29T02:00Z 2026-03-30T02:00Z")]
    [TestCase("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", "2026-03-28T01:30Z 2026-03-29T01:00Z 2026-03-30T00:30Z", Description = "02:30 does not exist: once, at 03:00")]
    [TestCase("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00Z", "2026-10-24T00:30Z 2026-10-25T00:30Z 2026-10-26T01:30Z", Description = "02:30 exists twice: the first time only")]
    [TestCase("30 2 * * *", "America/New_York", "2026-03-07T00:00Z", "2026-03-07T07:30Z 2026-03-08T07:00Z 2026-03-09T06:30Z")]
    [TestCase("30 1 * * *", "America/New_York", "2026-10-31T00:00Z", "2026-10-31T05:30Z 2026-11-01T05:30Z 2026-11-02T06:30Z")]
    [TestCase("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T15:40Z", "2026-10-02T15:45Z 2026-10-03T15:30Z 2026-10-04T15:15Z", Description = "02:15 does not exist: once, at 02:30")]
    [TestCase("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T14:00Z", "2026-04-03T14:45Z 2026-04-04T14:45Z 2026-04-05T15:15Z")]
    [TestCase("0 * * * *", "Europe/Berlin", "2026-10-24T23:30Z", "2026-10-25T00:00Z 2026-10-25T01:00Z 2026-10-25T02:00Z", Description = "an hourly schedule is due every hour")]
    [TestCase("0 2 * * 1-5", "Asia/Kolkata", "2026-11-27T00:00Z", "2026-11-29T20:30Z 2026-11-30T20:30Z 2026-12-01T20:30Z")]
    public void NextAfter_OverDaylightSavingChanges_IsDueOnceADay(string cron, string zone, string after, string expected)
    {
        var times = ScheduleTimes.Validate(cron, zone);
        var dues = new List<DateTimeOffset>();
        var count = expected.Split(' ').Length;

        for (var next = times.NextAfter(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture)); dues.Count < count; next = times.NextAfter(next!.Value))
            dues.Add(next!.Value);

        dues.Should().Equal(expected.Split(' ').Select(text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)));
        times.LatestIn(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture), dues[^1]).Should().Be(dues[^1]);
        times.LatestIn(dues[^1], dues[^1].AddMinutes(1)).Should().BeNull("each due moment counts once");
    }

    [TestCase("* * * * *", "15 minutes")]
    [TestCase("*/10 * * * *", "15 minutes")]
    [TestCase("0,5 2 1 1 *", "15 minutes")]
    [TestCase("55,0 0,23 * * *", "15 minutes")]
    [TestCase("0 2 31 2 *", "never due")]
    [TestCase("0 0 2 * * *", "five fields")]
    [TestCase("@daily", "five fields")]
    [TestCase("", "five fields")]
    [TestCase("0 25 * * *", "the hour '25'")]
    [TestCase("0 2 * * MONDAYS", "the weekday 'MONDAYS'")]
    public void Validate_CronThatIsNotAllowed_SaysWhy(string cron, string reason) =>
        FluentActions.Invoking(() => ScheduleTimes.Validate(cron, "UTC")).Should().Throw<InvalidInputException>().WithMessage($"cron: *{reason}*");

    [TestCase("*/15 * * * *")]
    [TestCase("0 2 29 2 *")]
    [TestCase("0 2 L * *")]
    [TestCase("0 6 * * MON-FRI")]
    public void Validate_CronThatKeepsTheInterval_IsAccepted(string cron) => FluentActions.Invoking(() => ScheduleTimes.Validate(cron, "Europe/Berlin")).Should().NotThrow();

    [TestCase("61 * * * *", "the minute '61' must be 0 to 59, *, a list (1,2), a range (1-5) or steps (*/5).")]
    [TestCase("0 24 * * *", "the hour '24' must be 0 to 23, *")]
    [TestCase("0 2 32 * *", "the day '32' must be 1 to 31, *")]
    [TestCase("0 2 * 13 *", "the month '13' must be 1 to 12 or a name such as JAN, *")]
    [TestCase("0 2 * * MONDAY", "the weekday 'MONDAY' must be 0 to 7 or a name such as MON (0 and 7 are Sunday), *")]
    [TestCase("0 2 * *", "expected five fields")]
    public void Validate_InvalidCron_NamesTheWrongField(string cron, string says) =>
        FluentActions.Invoking(() => ScheduleTimes.Validate(cron, "UTC")).Should().Throw<InvalidInputException>().Which.Message.Should().Contain($"cron: '{cron}' is not a cron expression: {says}");

    [TestCase("W. Europe Standard Time", "Europe/Berlin")]
    [TestCase("Europe/Atlantis", "IANA id")]
    [TestCase("CET", "IANA id")]
    [TestCase("localtime", "IANA id")]
    [TestCase("posix/Europe/Berlin", "IANA id")]
    [TestCase("../../etc/passwd", "IANA id")]
    [TestCase("/etc/localtime", "IANA id")]
    [TestCase("+02:00", "IANA id")]
    [TestCase("", "IANA id")]
    public void Validate_InvalidZone_SaysWhatIsAllowed(string zone, string remedy) =>
        FluentActions.Invoking(() => ScheduleTimes.Validate("0 2 * * *", zone)).Should().Throw<InvalidInputException>().WithMessage($"timeZone: *{remedy}*");

    [TestCase("0 2 * * *", "every day at 02:00")]
    [TestCase("30 7 * * 1-5", "every weekday (Monday to Friday) at 07:30")]
    [TestCase("0 6 * * MON", "every Monday at 06:00")]
    [TestCase("0 6 * * 7", "every Sunday at 06:00")]
    [TestCase("0 6 * * 1,3,5", "every Monday, Wednesday and Friday at 06:00")]
    [TestCase("0 6,18 * * *", "every day at 06:00 and 18:00")]
    [TestCase("0 4 1 * *", "on day 1 of every month at 04:00")]
    [TestCase("*/30 * * * *", "every 30 minutes")]
    [TestCase("5 * * * *", "every hour at :05")]
    [TestCase("0 */6 * * *", "every 6 hours")]
    [TestCase("*/40 * * * *", "by the cron expression */40 * * * *")]
    [TestCase("0 2 1-7 * 1", "by the cron expression 0 2 1-7 * 1")]
    public void Describe_Expression_IsASentence(string cron, string words) => ScheduleText.Describe(cron).Should().Be(words);
}
