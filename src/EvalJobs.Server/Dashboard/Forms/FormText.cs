using System.Globalization;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>Texts in a browser's form, which changes some texts.</summary>
internal static class FormText
{
    /// <returns>The text as a text area posts it, with line feeds alone.</returns>
    public static string Lines(string? text) => (text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    /// <returns>The text as a one-line field posts it.</returns>
    public static string Line(string? text) => (text ?? "").Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    /// <returns>The number of 0 or more that a hidden field posts, such as a revision; 0 when it is absent or anything else.</returns>
    public static int Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <returns>Whether a browser returns the text unchanged, except for line ends.</returns>
    public static bool CanRoundTrip(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogatePair(text, index))
                index++;
            else if (char.IsSurrogate(text[index]) || (char.IsControl(text[index]) && text[index] is not ('\n' or '\r' or '\t')))
                return false;
        }

        return true;
    }
}
