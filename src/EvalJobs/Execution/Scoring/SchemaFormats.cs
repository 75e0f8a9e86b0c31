using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace EvalJobs.Execution.Scoring;

/// <summary>The formats of JSON Schema. The library's checks, which are stricter here: no white space at the ends, and no invalid durations.</summary>
internal static partial class SchemaFormats
{
    private static readonly Dictionary<string, Format> Checked = new Format[]
    {
        Formats.Date, Formats.DateTime, Formats.Duration, Formats.Email, Formats.Hostname, Formats.IdnEmail, Formats.IdnHostname, Formats.Ipv4,
        Formats.Ipv6, Formats.Iri, Formats.IriReference, Formats.JsonPointer, Formats.RelativeJsonPointer, Formats.Time, Formats.Uri,
        Formats.UriReference, Formats.UriTemplate, Formats.Uuid, Formats.Regex,
    }.ToDictionary(format => format.Key, format => (Format)new StrictFormat(format), StringComparer.Ordinal);

    /// <summary>The names of the formats that are checked, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checked.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether this format is checked.</summary>
    public static bool IsKnown(string name) => Checked.ContainsKey(name);

    /// <returns>A registry of its own with these formats.</returns>
    public static FormatRegistry Create()
    {
        var registry = new FormatRegistry();
        foreach (var format in Checked.Values)
            registry.Register(format);
        return registry;
    }

    private sealed class StrictFormat(Format inner) : Format(inner.Key)
    {
        public override bool Validate(JsonElement element, out string? errorMessage)
        {
            errorMessage = null;
            if (element.ValueKind != JsonValueKind.String)
                return true;

            var text = element.GetString()!;
            if (Key != "regex" && text.Any(char.IsControl) || Key is not ("regex" or "json-pointer" or "iri-reference") && text != text.Trim())
                return false;
            if (Key == "duration" && !Duration().IsMatch(text))
                return false;
            try
            {
                return inner.Validate(element, out errorMessage);
            }
            catch (FormatException)
            {
                // The library reads digits of other scripts as a number and fails on them.
                return false;
            }
        }
    }

    // RFC 3339, appendix A: units in order and without gaps, weeks alone.
    [GeneratedRegex(@"\AP(?:[0-9]+W|(?:[0-9]+D|[0-9]+M(?:[0-9]+D)?|[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?)(?:T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?|T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Duration();
}
