using System.Globalization;
using System.Text;

namespace EvalJobs.Execution.Scoring;

/// <summary>Makes invisible parts of a text visible: spaces, ends of lines, invisible characters, and letters of other scripts that look like Latin ones.</summary>
internal static class VisibleText
{
    private const string LooksLike = "АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";
    private const string Latin = "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo";

    private static readonly Dictionary<int, string> Names = new()
    {
        [0x00] = "NUL", [0x09] = "TAB", [0x0A] = "LF", [0x0D] = "CR", [0x20] = "SPACE", [0xA0] = "NBSP", [0xAD] = "SOFT HYPHEN", [0x2009] = "THIN SPACE",
        [0x200B] = "ZWSP", [0x200C] = "ZWNJ", [0x200D] = "ZWJ", [0x200E] = "LRM", [0x200F] = "RLM", [0x202F] = "NNBSP", [0x2060] = "WORD JOINER",
        [0x3000] = "WIDE SPACE", [0xFEFF] = "BOM",
    };

    /// <returns>Whether the two texts look the same to a person and are not: they differ in white space, invisible characters or look-alike letters only.</returns>
    public static bool LooksEqual(string one, string other) => one != other && Fold(one).SequenceEqual(Fold(other));

    /// <returns>The text with every invisible character marked: a space as <c>·</c>, the end of a line as <c>↵</c>, others by name.</returns>
    public static string MarkInvisible(string text)
    {
        var marked = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            marked.Append(rune.Value switch
            {
                ' ' => "·",
                '\n' => "↵\n",
                _ when Names.TryGetValue(rune.Value, out var name) => $"⟨{name}⟩",
                _ when IsInvisible(rune) => $"⟨U+{rune.Value:X4}⟩",
                _ => rune.ToString(),
            });
        }

        return marked.ToString();
    }

    /// <returns>Where the texts first differ and by which characters, as a sentence; null when they do not.</returns>
    public static string? FirstDifference(string expected, string actual)
    {
        if (expected == actual)
            return null;

        var index = CommonLength(expected, actual);
        var at = expected.AsSpan(0, index).EnumerateRunes().Count();
        return (index < expected.Length, index < actual.Length) switch
        {
            (true, false) when actual.Length == 0 => "The reply is empty.",
            (true, true) => $"First difference at character {at + 1}: expected {Name(RuneAt(expected, index))}, the reply has {Name(RuneAt(actual, index))}.",
            (true, false) => $"The reply ends after character {at}, where {Name(RuneAt(expected, index))} is expected.",
            _ => $"The reply continues after the expected text, with {Name(RuneAt(actual, index))} at character {at + 1}.",
        };
    }

    /// <returns>The length of the beginning that both texts share, never half of a surrogate pair.</returns>
    public static int CommonLength(string one, string other)
    {
        var length = one.AsSpan().CommonPrefixLength(other);
        return length > 0 && char.IsHighSurrogate(one[length - 1]) && (length < one.Length || length < other.Length) ? length - 1 : length;
    }

    private static Rune RuneAt(string text, int index) => Rune.TryGetRuneAt(text, index, out var rune) ? rune : Rune.ReplacementChar;

    private static int Count(this SpanRuneEnumerator runes)
    {
        var count = 0;
        foreach (var _ in runes)
            count++;
        return count;
    }

    private static string Name(Rune rune)
    {
        var code = $"U+{rune.Value:X4}";
        if (Names.TryGetValue(rune.Value, out var name))
            return $"{name} ({code})";
        if (IsInvisible(rune))
            return $"an invisible character ({code})";
        return Script(rune.Value) is { } script ? $"“{rune}” ({code}, {script})" : $"“{rune}” ({code})";
    }

    private static string? Script(int code) => code switch
    {
        >= 0x0370 and <= 0x03FF => LookAlike(code, "Greek"),
        >= 0x0400 and <= 0x052F => LookAlike(code, "Cyrillic"),
        >= 0xFF01 and <= 0xFF5E => "full width",
        >= 0x1D400 and <= 0x1D7FF => "a mathematical letter",
        _ => null,
    };

    private static string LookAlike(int code, string script) =>
        LooksLike.IndexOf((char)code, StringComparison.Ordinal) is >= 0 and var index ? $"{script}, looks like {Latin[index]}" : script;

    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // What a person sees, one character after the other: two texts that begin differently, as most do, are told apart by their beginnings.
    private static IEnumerable<int> Fold(string text)
    {
        var (isFirst, isAfterSpace) = (true, false);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                isAfterSpace = true;
            }
            else if (!IsInvisible(rune))
            {
                if (isAfterSpace && !isFirst)
                    yield return ' ';
                yield return Fold(rune.Value);
                (isFirst, isAfterSpace) = (false, false);
            }
        }
    }

    private static int Fold(int code) =>
        code is >= 0xFF01 and <= 0xFF5E ? code - 0xFEE0
        : code <= char.MaxValue && LooksLike.IndexOf((char)code, StringComparison.Ordinal) is >= 0 and var index ? Latin[index]
        : code;
}
