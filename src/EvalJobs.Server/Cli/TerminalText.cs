using System.Globalization;
using System.Text;

namespace EvalJobs.Server.Cli;

/// <summary>Makes text from data safe for a terminal: control characters could move the cursor, change colours or titles, or hide text.</summary>
internal static class TerminalText
{
    /// <returns>The text with control characters, and characters that change the direction of writing, in the form <c>\u001B</c>. Line ends and tabs stay.</returns>
    public static string Escape(string text)
    {
        if (!text.Any(IsUnsafe))
            return text;

        var safe = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsUnsafe(c))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                safe.Append(c);
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C';
}
