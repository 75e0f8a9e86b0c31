using System.Globalization;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>Reads the text of a <see cref="JsonPath"/> from its beginning to its end. For one use.</summary>
internal sealed class JsonPathReader(string text)
{
    private int _at;

    /// <exception cref="InvalidInputException">Not a path; the message shows it and says where the error is.</exception>
    public IReadOnlyList<JsonPath.Step> ReadSteps()
    {
        if (text.Length == 0)
            throw new InvalidInputException("A JSON path must not be empty; '$' names the whole value.");

        var steps = new List<JsonPath.Step>();

        // '$' is the root only when a step or nothing follows it; '$ref' is an ordinary name.
        if (text[0] == '$' && (text.Length == 1 || text[1] is '.' or '['))
            _at = 1;
        else if (text[0] != '[')
            steps.Add(JsonPath.Step.Named(ReadName()));

        while (_at < text.Length)
        {
            switch (text[_at])
            {
                case '.':
                    _at++;
                    steps.Add(JsonPath.Step.Named(ReadName()));
                    break;
                case '[':
                    steps.Add(ReadBracket());
                    break;
                default:
                    throw Malformed(_at, "expected '.' or '['");
            }
        }

        return steps;
    }

    private string ReadName()
    {
        var start = _at;
        while (_at < text.Length && text[_at] is not ('.' or '[' or ']'))
            _at++;
        return _at > start ? text[start.._at] : throw Malformed(_at, "expected a name");
    }

    private JsonPath.Step ReadBracket()
    {
        var open = _at++;
        if (_at < text.Length && text[_at] == '?')
            return ReadFilter(open);
        if (_at < text.Length && text[_at] is '\'' or '"')
        {
            var name = ReadQuoted(open);
            if (_at >= text.Length || text[_at] != ']')
                throw Malformed(open, "a quoted name ends with its quote and ]");
            _at++;
            return JsonPath.Step.Named(name);
        }

        var end = text.IndexOf(']', _at);
        if (end >= 0 && text.AsSpan(_at, end - _at) is "*")
        {
            _at = end + 1;
            return JsonPath.Step.Every;
        }
        if (end < 0 || !int.TryParse(text.AsSpan(_at, end - _at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) || text[_at] == '+')
            throw Malformed(open, "expected a position such as [0] or [-1], a quoted name such as ['a.b'], [*], or a filter such as [?type=='text']");
        _at = end + 1;
        return JsonPath.Step.At(index);
    }

    /// <summary>Reads <c>?name=='value'</c>, <c>?@.name != 1</c>, <c>?(@.name)</c> and the closing bracket.</summary>
    private JsonPath.Step ReadFilter(int open)
    {
        _at++;
        SkipBlanks();
        var isInParentheses = TakeWord("(");
        SkipBlanks();
        if (TakeWord("@") && !TakeWord(".") && (_at >= text.Length || text[_at] != '['))
            throw Malformed(open, "a filter names a member after @, such as @.type");

        var start = _at;
        while (_at < text.Length && text[_at] is not ('=' or '!' or ']' or ')' or ' ' or '&' or '|' or '<' or '>'))
        {
            if (text[_at] == '[')
                ReadBracket();
            else
                _at++;
        }
        if (_at == start)
            throw Malformed(_at, "expected the member a filter compares");
        var member = JsonPath.Parse(text[start.._at]);

        SkipBlanks();
        var isEqual = TakeWord("==");
        var isDifferent = !isEqual && TakeWord("!=");
        var expected = isEqual || isDifferent ? ReadLiteral(open) : (JsonElement?)null;
        SkipBlanks();
        if ((isInParentheses && !TakeWord(")")) || !TakeWord("]"))
            throw Malformed(open, "a filter is one comparison with == or != and ends with ]");
        return JsonPath.Step.Where(new JsonPath.Filter(member, expected, isDifferent));
    }

    private JsonElement ReadLiteral(int open)
    {
        SkipBlanks();
        if (_at < text.Length && text[_at] is '\'' or '"')
            return JsonSerializer.SerializeToElement(ReadQuoted(open));

        var start = _at;
        while (_at < text.Length && text[_at] is not (']' or ')' or ' '))
            _at++;
        try
        {
            return JsonElement.Parse(text[start.._at]) is { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null } literal
                ? literal
                : throw Malformed(start, "expected a text in quotes, a number, true, false or null");
        }
        catch (JsonException)
        {
            throw Malformed(start, "expected a text in quotes, a number, true, false or null");
        }
    }

    private string ReadQuoted(int open)
    {
        var close = text.IndexOf(text[_at], _at + 1);
        if (close < 0)
            throw Malformed(open, $"a quoted name ends with {text[_at]}]");
        var quoted = text[(_at + 1)..close];
        _at = close + 1;
        return quoted;
    }

    private bool TakeWord(string word)
    {
        if (string.CompareOrdinal(text, _at, word, 0, word.Length) != 0)
            return false;
        _at += word.Length;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && text[_at] == ' ')
            _at++;
    }

    private InvalidInputException Malformed(int at, string why) =>
        new($"The JSON path '{text}' has an error at character {at + 1}: {why}.");
}
