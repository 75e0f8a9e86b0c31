namespace EvalJobs.Data;

/// <summary>The beginnings of texts as the database gives them. SQLite's functions stop at a NUL character: a text with one comes whole, with the length <c>-1</c>.</summary>
internal static class Preview
{
    /// <returns>The beginning of the text, at most so many characters, never with half of a surrogate pair at its end, as SQL Server cuts it.</returns>
    public static string? Text(string? text, long? length, int limit)
    {
        var beginning = length < 0 && text!.Length > limit ? text[..limit] : text;
        return beginning is { Length: > 0 } && char.IsHighSurrogate(beginning[^1]) ? beginning[..^1] : beginning;
    }

    /// <returns>The length of the whole, in characters; null when there is no text.</returns>
    public static long? Length(string? text, long? length) => length < 0 ? text!.Length : length;
}
