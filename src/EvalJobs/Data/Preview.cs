namespace EvalJobs.Data;

/// <summary>The beginnings of texts as the database returns them. SQLite's functions stop at a NUL character: a text with one is returned whole, with the length of the part before it.</summary>
internal static class Preview
{
    /// <returns>The beginning of the text, at most so many characters, never with half of a surrogate pair at its end, as SQL Server cuts it.</returns>
    public static string? Text(string? text, long? length, int limit)
    {
        var beginning = IsWhole(text, length) && text!.Length > limit ? text[..limit] : text;
        return beginning is { Length: > 0 } && char.IsHighSurrogate(beginning[^1]) ? beginning[..^1] : beginning;
    }

    /// <returns>The length of the whole, in characters; null when there is no text.</returns>
    public static long? Length(string? text, long? length) => IsWhole(text, length) ? text!.Length : length;

    // SQL Server counts a NUL character like any other: there no text is longer than its length.
    private static bool IsWhole(string? text, long? length) => text is not null && length < text.Length && text.Contains('\0', StringComparison.Ordinal);
}
