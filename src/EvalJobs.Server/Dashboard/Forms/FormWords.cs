using System.Text.RegularExpressions;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>Error messages in the words of our forms: the command line and the API call a field by its parameter, a page by the label of the field.</summary>
internal static partial class FormWords
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["reason"] = "Reason",
        ["note"] = "Note",
        ["agent"] = "Agent",
        ["agentName"] = "Agent",
        ["name"] = "Name",
        ["description"] = "Description",
        ["tags"] = "Tags",
        ["caseKey"] = "Key",
        ["input"] = "Input",
        ["expectedOutput"] = "Expected output",
        ["cron"] = "Cron expression",
        ["timeZone"] = "Time zone",
        ["priority"] = "Priority",
        ["document"] = "Policy",
    };

    /// <returns>The label of a field of a filter that people type into, by its query value; else the query value, as in the address.</returns>
    public static string OfQuery(string name) => name switch
    {
        "id" => "Entity id",
        "min" => "Score from",
        "max" => "Score to",
        "slower" => "Slower than",
        "q" or "search" => "Search text",
        _ => name,
    };

    /// <returns>The message with the label in place of the parameter that it begins with; unchanged if it begins with none.</returns>
    public static string Of(string message) =>
        Parameter().Match(message) is { Success: true } found && Labels.TryGetValue(found.Value, out var label) ? label + message[found.Length..] : message;

    [GeneratedRegex(@"^[A-Za-z]{1,30}(?=: | contains the character )", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
