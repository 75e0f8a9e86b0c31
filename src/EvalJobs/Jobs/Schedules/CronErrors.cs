using Cronos;

namespace EvalJobs.Jobs;

/// <summary>Says which field of a cron expression is wrong, and what it may hold.</summary>
internal static class CronErrors
{
    /// <summary>What a field may hold besides its values.</summary>
    public const string Forms = "*, a list (1,2), a range (1-5) or steps (*/5)";

    private static readonly (string Name, string Values)[] Fields =
    [
        ("second", "0 to 59"),
        ("minute", "0 to 59"),
        ("hour", "0 to 23"),
        ("day", "1 to 31"),
        ("month", "1 to 12 or a name such as JAN"),
        ("weekday", "0 to 7 or a name such as MON (0 and 7 are Sunday)"),
    ];

    /// <param name="cron">An expression that cannot be read, of five fields or, with the seconds before them, six.</param>
    /// <returns>Such as <c>the minute '61' must be 0 to 59, *, a list (1,2), a range (1-5) or steps (*/5)</c>; null when no field is wrong by itself.</returns>
    public static string? FindWrongField(string cron)
    {
        var values = cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (values.Length is not (5 or 6))
            return null;
        var fields = Fields[^values.Length..];
        for (var at = 0; at < values.Length; at++)
        {
            // Each field is parsed alone, with valid fields around it, because the parser does not say which field is wrong.
            var alone = Enumerable.Repeat("*", values.Length).ToArray();
            alone[at] = values[at];
            if (!CronExpression.TryParse(string.Join(' ', alone), values.Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard, out _))
                return $"the {fields[at].Name} '{values[at]}' must be {fields[at].Values}, {Forms}";
        }

        return null;
    }
}
