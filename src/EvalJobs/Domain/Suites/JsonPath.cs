using System.Globalization;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>
/// Where a value sits inside JSON: names joined by dots, array positions in brackets, such as <c>choices[0].message.content</c>; a small part of
/// JSONPath (RFC 9535). A leading <c>$</c> stands for the whole value and may be left out. A bare name is any text without <c>.</c>, <c>[</c> or <c>]</c>;
/// one that needs them is quoted: <c>['a.b'].c</c> or <c>["it's"]</c>. <c>[-1]</c> is the last element, <c>[*]</c> every element, and
/// <c>[?type=='text']</c> the elements whose member has this value (<c>==</c>, <c>!=</c>, or a name alone for those that have it).
/// </summary>
internal sealed class JsonPath
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
        if (text.Length == 0)
            throw new InvalidInputException("A JSON path must not be empty; '$' names the whole value.");

        var steps = new List<Step>();
        var at = 0;

        // '$' is the root only when a step or nothing follows it; '$ref' is an ordinary name.
        if (text[0] == '$' && (text.Length == 1 || text[1] is '.' or '['))
            at = 1;
        else if (text[0] != '[')
            steps.Add(Step.Named(ReadName(text, ref at)));

        while (at < text.Length)
        {
            switch (text[at])
            {
                case '.':
                    at++;
                    steps.Add(Step.Named(ReadName(text, ref at)));
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

    /// <returns>The value the path names, the first one where it names several; null when there is none. A JSON null that is there is returned as such.</returns>
    public JsonElement? Resolve(JsonElement root)
    {
        foreach (var value in ResolveAll(root))
            return value;
        return null;
    }

    /// <returns>Every value the path names, in document order. A path without <c>[*]</c> and <c>[?…]</c> names at most one.</returns>
    public IEnumerable<JsonElement> ResolveAll(JsonElement root) => Resolve(root, 0);

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

    private IEnumerable<JsonElement> Resolve(JsonElement value, int depth)
    {
        for (; depth < _steps.Count; depth++)
        {
            var step = _steps[depth];
            if (step.NamesSeveral)
            {
                foreach (var item in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default)
                {
                    if (!step.Takes(item))
                        continue;
                    foreach (var found in Resolve(item, depth + 1))
                        yield return found;
                }
                yield break;
            }
            if (!step.TryFollow(value, out value))
                yield break;
        }
        yield return value;
    }

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
        if (at < text.Length && text[at] == '?')
            return ReadFilter(text, open, ref at);
        if (at < text.Length && text[at] is '\'' or '"')
        {
            var name = ReadQuoted(text, open, ref at);
            if (at >= text.Length || text[at] != ']')
                throw Malformed(text, open, "a quoted name ends with its quote and ]");
            at++;
            return Step.Named(name);
        }

        var end = text.IndexOf(']', at);
        if (end >= 0 && text.AsSpan(at, end - at) is "*")
        {
            at = end + 1;
            return Step.Every;
        }
        if (end < 0 || !int.TryParse(text.AsSpan(at, end - at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) || text[at] == '+')
            throw Malformed(text, open, "expected a position such as [0] or [-1], a quoted name such as ['a.b'], [*], or a filter such as [?type=='text']");
        at = end + 1;
        return Step.At(index);
    }

    /// <summary>Reads <c>?name=='value'</c>, <c>?@.name != 1</c>, <c>?(@.name)</c> and the closing bracket.</summary>
    private static Step ReadFilter(string text, int open, ref int at)
    {
        at++;
        SkipBlanks(text, ref at);
        var isInParentheses = TakeWord(text, "(", ref at);
        SkipBlanks(text, ref at);
        if (TakeWord(text, "@", ref at) && !TakeWord(text, ".", ref at) && (at >= text.Length || text[at] != '['))
            throw Malformed(text, open, "a filter names a member after @, such as @.type");

        var start = at;
        while (at < text.Length && text[at] is not ('=' or '!' or ']' or ')' or ' ' or '&' or '|' or '<' or '>'))
        {
            if (text[at] == '[')
                ReadBracket(text, ref at);
            else
                at++;
        }
        if (at == start)
            throw Malformed(text, at, "expected the member a filter compares");
        var member = Parse(text[start..at]);

        SkipBlanks(text, ref at);
        var isEqual = TakeWord(text, "==", ref at);
        var isDifferent = !isEqual && TakeWord(text, "!=", ref at);
        var expected = isEqual || isDifferent ? ReadLiteral(text, open, ref at) : (JsonElement?)null;
        SkipBlanks(text, ref at);
        if ((isInParentheses && !TakeWord(text, ")", ref at)) || !TakeWord(text, "]", ref at))
            throw Malformed(text, open, "a filter is one comparison with == or != and ends with ]");
        return Step.Where(new Filter(member, expected, isDifferent));
    }

    private static JsonElement ReadLiteral(string text, int open, ref int at)
    {
        SkipBlanks(text, ref at);
        if (at < text.Length && text[at] is '\'' or '"')
            return JsonSerializer.SerializeToElement(ReadQuoted(text, open, ref at));

        var start = at;
        while (at < text.Length && text[at] is not (']' or ')' or ' '))
            at++;
        try
        {
            return JsonElement.Parse(text[start..at]) is { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null } literal
                ? literal
                : throw Malformed(text, start, "expected a text in quotes, a number, true, false or null");
        }
        catch (JsonException)
        {
            throw Malformed(text, start, "expected a text in quotes, a number, true, false or null");
        }
    }

    private static string ReadQuoted(string text, int open, ref int at)
    {
        var close = text.IndexOf(text[at], at + 1);
        if (close < 0)
            throw Malformed(text, open, $"a quoted name ends with {text[at]}]");
        var quoted = text[(at + 1)..close];
        at = close + 1;
        return quoted;
    }

    private static bool TakeWord(string text, string word, ref int at)
    {
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
            return false;
        at += word.Length;
        return true;
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
            at++;
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

    private sealed record Step
    {
        private string? Name { get; init; }
        private int Index { get; init; }
        private Filter? Filter { get; init; }

        public bool NamesSeveral { get; private init; }

        public static Step Every { get; } = new() { NamesSeveral = true };

        public static Step Named(string name) => new() { Name = name };

        public static Step At(int index) => new() { Index = index };

        public static Step Where(Filter filter) => new() { NamesSeveral = true, Filter = filter };

        public bool Takes(JsonElement item) => Filter?.Takes(item) ?? true;

        public bool TryFollow(JsonElement value, out JsonElement found)
        {
            if (Name is not null)
            {
                found = default;
                return value.ValueKind == JsonValueKind.Object && TryGetProperty(value, Name, out found);
            }

            var length = value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : 0;
            var index = Index < 0 ? length + (long)Index : Index;
            var isThere = index >= 0 && index < length;
            found = isThere ? value[(int)index] : default;
            return isThere;
        }
    }

    private sealed record Filter(JsonPath Member, JsonElement? Expected, bool IsDifferent)
    {
        public bool Takes(JsonElement item)
        {
            // As in RFC 9535: a member that is not there equals nothing, so it differs from everything.
            if (Member.Resolve(item) is not { } value)
                return IsDifferent;
            return Expected is not { } expected || IsEqual(value, expected) != IsDifferent;
        }

        private static bool IsEqual(JsonElement value, JsonElement expected)
        {
            try
            {
                return JsonElement.DeepEquals(value, expected);
            }
            catch (InvalidOperationException)
            {
                // The value is no text: half of a surrogate pair.
                return false;
            }
        }
    }
}
