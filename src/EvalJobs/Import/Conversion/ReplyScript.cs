using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EvalJobs.Import;

/// <summary>Writes checks of other tools as the script of a <c>custom</c> scorer, which judges in the same way as those tools.</summary>
internal sealed class ReplyScript
{
    private const string Canonical = """
        const canonical = value => value === null || typeof value !== 'object' ? JSON.stringify(value)
          : Array.isArray(value) ? '[' + value.map(canonical).join() + ']'
          : '{' + Object.keys(value).sort().map(key => JSON.stringify(key) + ':' + canonical(value[key])).join() + '}';
        const parsed = text => { try { return canonical(JSON.parse(text)); } catch { return null; } };
        """;

    private const string Distance = """
        const distance = (a, b) => {
          let row = [...Array(b.length + 1).keys()];
          for (let i = 1; i <= a.length; i++) {
            const next = [i];
            for (let j = 1; j <= b.length; j++)
              next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
            row = next;
          }
          return row[b.length];
        };
        """;

    /// <summary>The scoring object for the scorer <c>custom</c>.</summary>
    private const int MaxLength = 20_000;

    private static readonly JsonSerializerOptions Literal = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Expression, double Weight, double? Threshold)> _checks = [];
    private readonly HashSet<string> _helpers = new(StringComparer.Ordinal);

    /// <summary>Adds a check.</summary>
    /// <param name="expression">Returns true or false, a score, or an object with <c>pass</c> and <c>score</c>.</param>
    /// <param name="weight">Its share in the score, above 0.</param>
    /// <param name="threshold">The score from which it passes; null: any score above 0.</param>
    public void Add(string expression, double weight = 1, double? threshold = null) => _checks.Add((expression, weight, threshold));

    /// <returns>A text as a JavaScript literal.</returns>
    public static string Text(string text) => JsonSerializer.Serialize(text, Literal);

    /// <returns>A value as a JavaScript literal.</returns>
    public static string Value(JsonElement value) => JsonSerializer.Serialize(value, Literal);

    /// <returns>Whether the reply is this text; white space around it does not count.</returns>
    public static string EqualsText(string text) => $"actual.trim() === {Text(text.Trim())}";

    /// <returns>Whether the reply is this JSON value, in any order of keys.</returns>
    public string EqualsJson(JsonElement value)
    {
        _helpers.Add(Canonical);
        return $"parsed(actual) === canonical({Value(value)})";
    }

    public static string Contains(string text) => $"actual.includes({Text(text)})";

    public static string ContainsIgnoringCase(string text) => $"actual.toLowerCase().includes({Text(text.ToLowerInvariant())})";

    public static string ContainsAny(IEnumerable<string> texts, bool ignoreCase) => Contains(texts, ignoreCase, "some");

    public static string ContainsAll(IEnumerable<string> texts, bool ignoreCase) => Contains(texts, ignoreCase, "every");

    public static string StartsWith(string text) => $"actual.startsWith({Text(text)})";

    public static string Matches(string pattern) => $"new RegExp({Text(pattern)}).test(actual)";

    public static string IsJson() => "(() => { try { JSON.parse(actual); return true; } catch { return false; } })()";

    public string IsNear(string text, double distance)
    {
        _helpers.Add(Distance);
        return string.Create(CultureInfo.InvariantCulture, $"distance(actual, {Text(text)}) <= {distance}");
    }

    /// <summary>The scoring object.</summary>
    /// <param name="threshold">The case passes when the weighted mean of the scores reaches it; null: when every check passes.</param>
    /// <exception cref="UnsupportedCaseException">The script would be too long.</exception>
    public JsonObject ToScoring(double? threshold)
    {
        var script = new StringBuilder();
        foreach (var helper in _helpers)
            script.Append(helper).Append('\n');

        if (threshold is null && _checks is [(var only, _, null)] && !only.StartsWith("(function", StringComparison.Ordinal))
            script.Append("return ").Append(only).Append(';');
        else
            AppendAll(script, threshold);

        if (script.Length > MaxLength)
            throw new UnsupportedCaseException($"its assertions make a script of {script.Length} characters; a script has at most {MaxLength}.");
        var scoring = new JsonObject { ["type"] = "custom", ["script"] = script.ToString() };
        if (threshold is not null)
            scoring["threshold"] = threshold;
        return scoring;
    }

    private void AppendAll(StringBuilder script, double? threshold)
    {
        script.Append("const checks = [\n");
        foreach (var (expression, weight, passesFrom) in _checks)
            script.Append(CultureInfo.InvariantCulture, $"  [{weight}, {(passesFrom is { } from ? from.ToString(CultureInfo.InvariantCulture) : "null")}, () => {expression}],\n");
        script.Append("""
            ];
            let all = true, sum = 0, weights = 0;
            for (const [weight, threshold, check] of checks) {
              const found = check();
              const isObject = found !== null && typeof found === 'object';
              const value = isObject ? (found.score ?? found.pass) : found;
              const score = Math.min(1, Math.max(0, Number(value)));
              const passes = isObject && 'pass' in found ? found.pass : threshold === null ? score > 0 : score >= threshold;
              all = all && passes;
              sum += weight * score;
              weights += weight;
            }

            """);

        // The scorer passes at 1. If every check has to pass, the mean of the scores only shows how close the reply is.
        script.Append(threshold is null ? "return all ? 1 : Math.min(0.99, sum / weights);" : "return sum / weights;");
    }

    private static string Contains(IEnumerable<string> texts, bool ignoreCase, string quantifier)
    {
        var list = string.Join(", ", texts.Select(text => Text(ignoreCase ? text.ToLowerInvariant() : text)));
        return $"[{list}].{quantifier}(text => actual{(ignoreCase ? ".toLowerCase()" : "")}.includes(text))";
    }
}
