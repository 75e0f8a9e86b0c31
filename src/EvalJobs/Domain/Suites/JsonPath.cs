using System.Globalization;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>
/// Where a value sits inside JSON: names joined by dots, array positions in brackets, such as <c>choices[0].message.content</c>.
/// A leading <c>$</c> stands for the whole value and may be left out. A bare name is any text without <c>.</c>, <c>[</c> or <c>]</c>;
/// one that needs them is quoted: <c>['a.b'].c</c> or <c>["it's"]</c>. There are no wildcards or filters: a path names at most one value.
/// </summary>
public sealed class JsonPath
{
    private readonly IReadOnlyList<Step> _steps;

    private JsonPath(string text, IReadOnlyList<Step> steps)
    {
        Text = text;
        _steps = steps;
    }

    /// <summary>The path as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a path.</summary>
    /// <exception cref="InvalidInputException">Not a path; the message shows it and says where it goes wrong.</exception>
    public static JsonPath Parse(string text)
    {
        var steps = new List<Step>();
        var at = 0;

        // '$' is the root only when a step or nothing follows it; '$ref' is an ordinary name.
        if (text.Length > 0 && text[0] == '$' && (text.Length == 1 || text[1] is '.' or '['))
            at = 1;
        else if (text.Length == 0)
            throw new InvalidInputException("A JSON path must not be empty; '$' names the whole value.");
        else if (text[0] != '[')
            steps.Add(new Step(ReadName(text, ref at)));

        while (at < text.Length)
        {
            switch (text[at])
            {
                case '.':
                    at++;
                    steps.Add(new Step(ReadName(text, ref at)));
                    break;
                case '[':
                    steps.Add(ReadBracket(text, ref at));
                    break;
                default:
                    throw Malformed(text, at, "expected '.' or '['");
            }
        }

        return new JsonPath(text, steps);
    }

    /// <returns>The value the path names; null when there is none. A JSON null that is there is returned as such.</returns>
    public JsonElement? Resolve(JsonElement root)
    {
        var value = root;
        foreach (var step in _steps)
        {
            if (step.Name is null)
            {
                if (value.ValueKind != JsonValueKind.Array || step.Index >= value.GetArrayLength())
                    return null;
                value = value[step.Index];
            }
            else
            {
                if (value.ValueKind != JsonValueKind.Object || !TryGetProperty(value, step.Name, out value))
                    return null;
            }
        }
        return value;
    }

    /// <summary>What people read at the end of a path: a string's own text, any other value's JSON text.</summary>
    /// <exception cref="InvalidInputException">The string is no text: half of a surrogate pair, or broken UTF-8.</exception>
    public static string TextOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return value.GetRawText();

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidInputException("The JSON string is no text: half of a surrogate pair, or broken UTF-8.", error);
        }
    }

    /// <returns><see cref="Text"/>.</returns>
    public override string ToString() => Text;

    private static string ReadName(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] is not ('.' or '[' or ']'))
            at++;
        return at > start ? text[start..at] : throw Malformed(text, at, "expected a name");
    }

    private static Step ReadBracket(string text, ref int at)
    {
        var open = at++;
        if (at < text.Length && text[at] is '\'' or '"')
        {
            var close = text.IndexOf(text[at], at + 1);
            if (close < 0 || close + 1 >= text.Length || text[close + 1] != ']')
                throw Malformed(text, open, $"a quoted name ends with {text[at]}]");
            var name = text[(at + 1)..close];
            at = close + 2;
            return new Step(name);
        }

        var end = text.IndexOf(']', at);
        if (end < 0 || !int.TryParse(text.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw Malformed(text, open, "expected a position such as [0] or a quoted name such as ['a.b']");
        at = end + 1;
        return new Step(null, index);
    }

    private static InvalidInputException Malformed(string text, int at, string why) =>
        new($"The JSON path '{text}' goes wrong at character {at + 1}: {why}.");

    private static bool TryGetProperty(JsonElement value, string name, out JsonElement found)
    {
        try
        {
            return value.TryGetProperty(name, out found);
        }
        catch (InvalidOperationException)
        {
            // A key beside the one sought is no text (half of a surrogate pair); compare the others one by one.
            foreach (var property in value.EnumerateObject().Reverse())
            {
                if (IsNamed(property, name))
                {
                    found = property.Value;
                    return true;
                }
            }
            found = default;
            return false;
        }
    }

    private static bool IsNamed(JsonProperty property, string name)
    {
        try
        {
            return property.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private readonly record struct Step(string? Name, int Index = 0);
}
