using System.Globalization;
using System.Text.RegularExpressions;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard;

/// <summary>Figures and texts for display.</summary>
internal static partial class DisplayText
{
    /// <summary>Shown where there is no figure.</summary>
    public const string Nothing = "–";

    /// <returns>Such as <c>1,234</c>.</returns>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <returns>A share of 0..1 as percent with at most one decimal, such as <c>87.5 %</c>.</returns>
    /// <remarks>Not rounded up to 100 % when the share is less than 1.</remarks>
    public static string Percent(double? share) => share is { } value
        ? $"{(value is < 1 and > 0.999 ? 99.9 : value * 100).ToString("0.#", CultureInfo.InvariantCulture)} %"
        : Nothing;

    /// <returns>A score of 0..1 with at most three decimals.</returns>
    public static string Score(double? score) => score?.ToString("0.###", CultureInfo.InvariantCulture) ?? Nothing;

    /// <returns>A cost, in the unit of the agent's prices, with at most six decimals.</returns>
    public static string Cost(double? cost) => cost?.ToString("0.######", CultureInfo.InvariantCulture) ?? Nothing;

    /// <returns>A probability with at most four decimals, or that it is below 0.0001.</returns>
    public static string Probability(double p) => p < 0.0001 ? "below 0.0001" : p.ToString("0.####", CultureInfo.InvariantCulture);

    /// <returns>A length of time in its two largest units, such as <c>2 h 5 min</c>.</returns>
    public static string Duration(TimeSpan time) => Rounded(time) switch
    {
        { TotalDays: >= 1 } rounded => $"{(int)rounded.TotalDays} d {rounded.Hours} h",
        { TotalHours: >= 1 } rounded => $"{(int)rounded.TotalHours} h {rounded.Minutes} min",
        { TotalMinutes: >= 1 } rounded => $"{(int)rounded.TotalMinutes} min {rounded.Seconds} s",
        { TotalSeconds: >= 1 } rounded => string.Create(CultureInfo.InvariantCulture, $"{rounded.TotalSeconds:0.#} s"),
        var rounded => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, rounded.TotalMilliseconds):0} ms"),
    };

    // Rounded before the units are chosen: 59.97 s is 1 min 0 s, not 60 s.
    private static TimeSpan Rounded(TimeSpan time) => time.TotalSeconds switch
    {
        >= 60 => time,
        >= 0.9995 => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds, 1)),
        _ => TimeSpan.FromMilliseconds(Math.Round(time.TotalMilliseconds)),
    };

    /// <inheritdoc cref="Duration(TimeSpan)"/>
    public static string Duration(long? milliseconds) => milliseconds is { } value ? Duration(TimeSpan.FromMilliseconds(value)) : Nothing;

    /// <returns>A moment in UTC to the second.</returns>
    public static string Moment(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <returns>A stored word as the database and the commands spell it.</returns>
    public static string Word<TEnum>(TEnum value) where TEnum : struct, Enum => StoredWord.Of(value);

    /// <returns>The beginning of a text, at most so many characters, cut between characters as people see them.</returns>
    public static string Excerpt(string text, int length)
    {
        if (text.Length <= length)
            return text;

        var end = 0;
        while (end < length && StringInfo.GetNextTextElementLength(text, end) is var next && end + next <= length)
            end += next;

        // A character that is longer than the limit is cut, but never within a surrogate pair.
        if (end == 0)
            end = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
        return $"{text[..end]}…";
    }

    /// <returns>The beginning of a text on one line, cut like <see cref="Excerpt"/>.</returns>
    public static string Line(string text, int length) =>
        Excerpt(string.Join(' ', WithoutHalf(text.Length <= 4 * length ? text : text[..(4 * length)]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), length);

    /// <returns>The text without half of a surrogate pair at its end, which a cut by length may leave.</returns>
    public static string WithoutHalf(string text) => text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[..^1] : text;

    /// <returns>A length of time in its largest units, no finer than a second.</returns>
    public static string Age(TimeSpan time) => time < TimeSpan.FromSeconds(1) ? "0 s" : Duration(TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds)));

    /// <returns>An identifier in words: <c>pass threshold</c> for <c>passThreshold</c>.</returns>
    public static string Words(string name) => NextWord().Replace(name, " ").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NextWord();

    /// <returns>One or many: <c>1 run</c>, <c>2 runs</c>.</returns>
    public static string Many(long count, string one, string? many = null) => $"{Count(count)} {Plural.Of(count, one, many)}";
}
