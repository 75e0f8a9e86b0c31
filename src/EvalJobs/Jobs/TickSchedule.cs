using System.ComponentModel.DataAnnotations;
using Cronos;

namespace EvalJobs.Jobs;

/// <summary>When ticks are due, read from their cron expression in UTC.</summary>
internal sealed class TickSchedule(string cron)
{
    private readonly CronExpression _expression = Parse(cron);

    /// <returns>The first tick after a moment; null when there is none within a century.</returns>
    public DateTimeOffset? NextAfter(DateTimeOffset moment) => _expression.GetNextOccurrence(moment.UtcDateTime, inclusive: false);

    /// <summary>The time two ticks take, counted from a moment: after that long without one, a tick was missed.</summary>
    public TimeSpan TwoTicksAfter(DateTimeOffset moment) =>
        NextAfter(moment) is { } first && NextAfter(first) is { } second && NextAfter(second) is { } third
            ? third - first
            : TimeSpan.MaxValue;

    /// <returns>Whether a tick that was due is missing: the second one due since the last start has passed.</returns>
    /// <remarks>One late tick may be a busy moment; two are a stopped schedule.</remarks>
    public bool IsMissed(DateTimeOffset lastStart, DateTimeOffset now) =>
        NextAfter(lastStart) is { } first && NextAfter(first) is { } second && second < now;

    /// <summary>Validates a cron setting for options validation.</summary>
    public static IEnumerable<ValidationResult> Validate(string setting, string cron)
    {
        if (!CronExpression.TryParse(cron, FormatOf(cron), out _))
        {
            const string expected = $"expected five fields (minute hour day month weekday), each a number, a name such as MON, {CronErrors.Forms}, such as */5 * * * * for every five minutes";
            yield return new($"{setting} ('{cron}') is not a cron expression: {CronErrors.FindWrongField(cron) ?? expected}.", [setting]);
        }
    }

    private static CronExpression Parse(string cron) => CronExpression.Parse(cron, FormatOf(cron));

    private static CronFormat FormatOf(string cron) => cron.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
}
