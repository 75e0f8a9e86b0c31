using System.Globalization;

namespace EvalJobs.Domain;

/// <summary>What names of tenants, suites, agents and versions may not contain: invisible characters, and characters that change the order in which a name is shown, so that it looks like another name.</summary>
internal static class NameText
{
    /// <returns>What is wrong with a name, in words that follow the kind of name; null when nothing is.</returns>
    /// <remarks>Joiners and the marks of a direction stay: Persian, Arabic, Hebrew and emoji are written with them.</remarks>
    public static string? Problem(string name)
    {
        if (name.Any(char.IsControl))
            return "has no control characters, such as line ends";
        foreach (var each in name)
        {
            if (IsHidden(each))
                return string.Create(CultureInfo.InvariantCulture, $"has no invisible characters, such as this one's U+{(int)each:X4}");
        }

        return null;
    }

    private static bool IsHidden(char each) => each is '\u200B' or '\uFEFF'
        or (>= '\u2028' and <= '\u202E') or (>= '\u2060' and <= '\u206F') or (>= '\uFFF9' and <= '\uFFFB');
}
