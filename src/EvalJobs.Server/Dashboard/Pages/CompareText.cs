using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The words and figures of a comparison of runs.</summary>
internal static class CompareText
{
    public static string Probability(RunComparison comparison) => comparison.SharedCount == 0
        ? "no case in common"
        : DisplayText.Probability(comparison.P) + (comparison.P < RunComparison.Significance ? "" : ", may be chance");

    /// <returns>Such as <c>+12.5 %</c>; empty for the baseline and where there is nothing to divide by.</returns>
    public static string Change(double? value, double? baseline, bool isBaseline) => isBaseline || value is null || baseline is null or <= 0
        ? ""
        : ((value.Value - baseline.Value) / baseline.Value).ToString("+0.# %;−0.# %;±0 %", CultureInfo.InvariantCulture);

    /// <returns>Score with its change, time and cost of one case.</returns>
    public static string Figures(CaseFigures? baseline, CaseFigures outcome, int run)
    {
        var words = new List<string>();
        if (run > 0 && baseline is not null && (baseline.Verdict == CaseVerdict.Passed) != (outcome.Verdict == CaseVerdict.Passed))
            words.Add(outcome.Verdict == CaseVerdict.Passed ? "newly passing" : "newly failing");
        if (outcome.Score is { } score)
        {
            var change = run > 0 && baseline?.Score is { } before && Math.Abs(score - before) >= 0.0005 ? (score - before).ToString(" (+0.###); (−0.###)", CultureInfo.InvariantCulture) : "";
            words.Add($"score {DisplayText.Score(score)}{change}");
        }

        words.Add(DisplayText.Duration(outcome.DurationMs));
        if (outcome.Cost is > 0)
            words.Add($"cost {DisplayText.Cost(outcome.Cost)}");
        return string.Join(" · ", words);
    }

    /// <returns>The class of a cell that changed from the baseline; null for any other.</returns>
    public static string? Style(CaseFigures? baseline, CaseFigures? outcome, int run) => run == 0 || baseline is null || outcome is null ? null
        : (baseline.Verdict == CaseVerdict.Passed, outcome.Verdict == CaseVerdict.Passed) switch
        {
            (true, false) => "ej-newly-failing",
            (false, true) => "ej-newly-passing",
            _ => null,
        };

    /// <returns>The first line of a reply that is not blank, else of why there is none.</returns>
    public static string FirstLine(CaseReply? reply)
    {
        var text = string.IsNullOrWhiteSpace(reply?.Output) ? reply?.Error : reply.Output;
        return text is null ? "no reply" : DisplayText.Excerpt(DisplayText.WithoutHalf(text).Trim().Split('\n')[0].Trim(), 120);
    }
}
