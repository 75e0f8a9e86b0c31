using System.Globalization;

namespace EvalJobs.Domain;

/// <summary>The sentences of standings, for people who know the product and not the statistics.</summary>
internal static class GateText
{
    private const int NamedCases = 3;

    public static string Overall(IReadOnlyList<RequirementStanding> requirements)
    {
        if (requirements.Count == 0)
            return "Nothing is required of this version, so nothing can be met.";
        var unmet = requirements.Where(requirement => requirement.Verdict != GateVerdict.Pass).OrderByDescending(requirement => requirement.Verdict).ToList();
        if (unmet.Count == 0)
            return requirements.Count == 1 ? $"The requirement is met: {requirements[0].Reason}" : $"All {requirements.Count} requirements are met.";

        var first = $"{StoredWord.Of(unmet[0].Verdict)}, {unmet[0].Requirement.Name}: {unmet[0].Reason}";
        return unmet.Count == 1 ? first : $"{first} Of {requirements.Count} requirements {unmet.Count} are not met.";
    }

    public static string FailedRun(long runId) => $"The latest run ({runId}) FAILED, which is no evidence: retry it.";

    public static string MissedCases(IReadOnlyList<string> keys, long runId)
    {
        var named = string.Join(", ", keys.Take(NamedCases).Select(key => $"'{key}'"));
        var rest = keys.Count > NamedCases ? $" and {keys.Count - NamedCases} more" : "";
        return keys.Count == 1
            ? $"The must-pass case {named} did not pass in the latest look (run {runId})."
            : $"The must-pass cases {named}{rest} did not pass in the latest look (run {runId}).";
    }

    public static string Rate(string? tag, long passed, long cases, int looks, double threshold, GateVerdict verdict) =>
        $"{Seen(tag, passed, cases, looks)}; {Percent(threshold)} {(verdict == GateVerdict.Pass ? "is required" : "is required, which is more")}.";

    public static string Evidence(
        string? tag, long passed, long cases, int looks, double threshold, double alpha, GateVerdict verdict, double logEvidence, long? more) =>
        $"{Seen(tag, passed, cases, looks)}; " + verdict switch
        {
            GateVerdict.Pass => $"that the rate is above {Percent(threshold)} is shown {Odds(logEvidence)}, and {Odds(-Math.Log(alpha))} is required.",
            GateVerdict.Fail => $"that the rate is below {Percent(threshold)} is shown {Odds(logEvidence)}.",
            _ => $"that the rate is above {Percent(threshold)} is shown {Odds(logEvidence)}, but {Odds(-Math.Log(alpha))} is required. {More(more, "", "threshold")}",
        };

    public static string NotWorse(
        string? tag, PairedDifference difference, string? baseline, int looks, double margin, GateVerdict verdict, double low, double high, long? more) =>
        $"{Prefix(tag)}On the same {Number(difference.Cases)} cases, over {Looks(looks)}, {Number(difference.NewlyFailing)} pass with the baseline '{baseline}' only and " +
        $"{Number(difference.NewlyPassing)} with this version only; " + verdict switch
        {
            GateVerdict.Pass when high <= 0 => $"the version is better by at least {Points(-high)}.",
            GateVerdict.Pass => $"the version is worse by {Points(high)} at most, less than the margin of {Points(margin)}.",
            GateVerdict.Fail => $"the version is worse by {Points(low)} at least, and the margin is {Points(margin)}.",
            _ => $"the version is between {Side(low)} and {Side(high)}, and the margin is {Points(margin)}. {More(more, " in the suite", "margin")}",
        };

    private static string Seen(string? tag, long passed, long cases, int looks) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(tag)}{passed:N0} of {cases:N0} answers passed over {Looks(looks)} ({Percent((double)passed / cases)})");

    private static string Prefix(string? tag) => tag is null ? "" : $"Tag '{tag}': ";

    private static string Looks(int looks) => $"{looks} {Plural.Of(looks, "look")}";

    private static string More(long? more, string where, string limit) => more is { } count
        ? string.Create(CultureInfo.InvariantCulture, $"About {count:N0} more {Plural.Of(count, "case")}{where} would decide at the rate seen.")
        : $"What was seen is so near the {limit} that no useful number of cases would decide.";

    private static string Side(double difference) => difference < 0 ? $"{Points(-difference)} better" : $"{Points(difference)} worse";

    internal static string Points(double difference) => string.Create(CultureInfo.InvariantCulture, $"{difference * 100:0.##} percentage {Plural.Of(Math.Round(difference * 100, 2), "point")}");

    internal static string Percent(double rate) => string.Create(CultureInfo.InvariantCulture, $"{rate * 100:0.##} %");

    private static string Number(double count) => count.ToString("#,0.##", CultureInfo.InvariantCulture);

    /// <summary>Evidence of 20 means: 20 times as likely as at the threshold.</summary>
    private static string Odds(double logEvidence) => logEvidence switch
    {
        > 13.8 => "by more than 1,000,000 to 1",
        >= 0 => string.Create(CultureInfo.InvariantCulture, $"by {Math.Exp(logEvidence):#,0.#} to 1"),
        _ => "by less than 1 to 1",
    };
}
