using System.Text.RegularExpressions;

namespace EvalJobs.Server.Web;

/// <summary>Error messages about a field, which begin with its name and a colon.</summary>
internal static partial class FieldMessage
{
    /// <returns>The field that a message is about; null when it names none, or a place in a body.</returns>
    public static string? FieldOf(string message) => Field().Match(message) is { Success: true } match ? match.Groups["name"].Value : null;

    /// <returns>The message as it is shown next to its field.</returns>
    public static string WithoutField(string message) => Field().Replace(message, "", 1);

    [GeneratedRegex(@"^(?!body\.)(?<name>[A-Za-z][A-Za-z0-9_.\[\]-]{0,60}): ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Field();
}
