using System.Text.RegularExpressions;

namespace EvalJobs.Server.Dashboard.Components;

/// <summary>Finds the runs that a reason of a health state names.</summary>
internal static partial class ReasonText
{
    /// <returns>The text in parts, in order; those that name a run with its id.</returns>
    public static IEnumerable<(string Text, string? RunId)> Split(string reason)
    {
        var end = 0;
        foreach (Match run in RunName().Matches(reason))
        {
            yield return (reason[end..run.Index], null);
            yield return (run.Value, run.Groups["id"].Value);
            end = run.Index + run.Length;
        }

        yield return (reason[end..], null);
    }

    [GeneratedRegex(@"\b[Rr]un (?<id>[0-9]{1,18})\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RunName();
}
