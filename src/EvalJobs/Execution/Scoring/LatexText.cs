namespace EvalJobs.Execution.Scoring;

/// <summary>Removes the LaTeX that only changes how a number looks. Commands that calculate stay, so that they are detected.</summary>
internal static class LatexText
{
    private static readonly (string Command, string Meaning)[] Replacements =
    [
        ("\\dfrac", "\\frac"), ("\\tfrac", "\\frac"), ("\\cfrac", "\\frac"), ("\\%", "%"), ("\\$", "$"), ("{,}", ","), ("\\!", ""),
        ("\\,", "\u2009"), ("\\;", "\u2009"), ("\\:", "\u2009"), ("\\ ", " "), ("\\(", " "), ("\\)", " "), ("\\[", " "), ("\\]", " "),
        ("\\left(", "("), ("\\left[", "["), ("\\right)", ")"), ("\\right]", "]"), ("\\boxed{", " {"), ("\\fbox{", " {"), ("\\text{", " {"), ("\\textbf{", " {"), ("\\mathrm{", " {"),
        ("\\mathbf{", " {"), ("\\mbox{", " {"), ("\\textit{", " {"), ("\\mathit{", " {"),
    ];

    /// <returns>The text, simplified; the same when it has no LaTeX.</returns>
    public static string Simplify(string text)
    {
        if (!text.Contains('\\') && !text.Contains("{,}", StringComparison.Ordinal))
            return text;
        foreach (var (command, meaning) in Replacements)
            text = text.Replace(command, meaning, StringComparison.Ordinal);
        return text;
    }
}
