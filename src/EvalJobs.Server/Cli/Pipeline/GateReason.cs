using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The reason for a gate's decision, in the words of the standing.</summary>
internal static class GateReason
{
    /// <param name="verdict">The verdict of the evidence.</param>
    /// <param name="reason">The standing's reason, which may begin with the verdict.</param>
    /// <param name="remedy">What to do next; null when nothing is missing.</param>
    /// <param name="suiteName">The suite that the user named; null when none.</param>
    /// <param name="required">The suites that are required.</param>
    public static string Of(GateVerdict verdict, string reason, string? remedy, string? suiteName, IEnumerable<string> required)
    {
        // The verdict is already written before the reason.
        var word = $"{StoredWord.Of(verdict)}, ";
        var text = reason.StartsWith(word, StringComparison.Ordinal) ? reason[word.Length..] : reason;
        if (remedy is not null)
            text = $"{text} {remedy}";
        return suiteName is null || required.Contains(suiteName, StringComparer.Ordinal)
            ? text
            : $"{text} The suite '{suiteName}' was not asked: a policy, or the requirements stored before, say what is required.";
    }
}
