namespace EvalJobs.Execution;

/// <summary>Short pieces of foreign text for messages: a reply may be a megabyte long.</summary>
internal static class Excerpt
{
    /// <returns>The first <paramref name="length"/> characters on one line.</returns>
    public static string Of(string text, int length = 200)
    {
        var oneLine = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return OneLine(oneLine.Length <= length ? oneLine : $"{Cut(oneLine, length)}…");
    }

    // Never between the halves of a surrogate pair.
    private static string Cut(string text, int length) => text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static string OneLine(string text) => string.Create(text.Length, text, static (buffer, source) =>
    {
        for (var i = 0; i < buffer.Length; i++)
            buffer[i] = char.IsControl(source[i]) ? ' ' : source[i];
    });
}
