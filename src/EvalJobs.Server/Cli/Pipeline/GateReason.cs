using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>Why a gate decided as it did, in the words of the standing.</summary>
internal static class GateReason
{
    /// <param name="verdict">What the evidence says.</param>
    /// <param name="reason">The standing's reason, which may begin with the verdict.</param>
    /// <param name="remedy">What to do next; null when nothing is missing.</param>
    /// <param name="suiteName">The suite the user named; null when none.</param>
    /// <param name="required">The suites that are required.</param>
    public static string Of(GateVerdict verdict, string reason, string? remedy, string? suiteName, IEnumerable<string> required)
    {
        // The verdict comes before the reason already.
        var word = $"{StoredWord.Of(verdict)}, ";
        var text = reason.StartsWith(word, StringComparison.Ordinal) ? reason[word.Length..] : reason;
        if (remedy is not null)
            text = $"{text} {remedy}";
        return suiteName is null || required.Contains(suiteName, StringComparer.Ordinal)
            ? text
            : $"{text} The suite '{suiteName}' was not asked: a policy, or the requirements stored before, say what is required.";
    }
}
