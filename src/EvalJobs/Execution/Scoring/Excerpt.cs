namespace EvalJobs.Execution.Scoring;

/// <summary>Keeps texts quoted in messages and remarks short: a reply may be a megabyte long.</summary>
internal static class Excerpt
{
    /// <returns>The text, cut to <paramref name="longest"/> characters and an ellipsis when it is longer.</returns>
    public static string Of(string text, int longest = 200)
    {
        if (text.Length <= longest)
            return text;

        // Half of a surrogate pair could not be stored as UTF-8.
        var end = char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
        return $"{text.AsSpan(0, end)}…";
    }
}
