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
    /// <exception cref="InvalidInputException">Not a path; the message shows it and says where the error is.</exception>
    public static JsonPath Parse(string text) => new(text, new JsonPathReader(text).ReadSteps());

    /// <returns>The value the path names, the first one where it names several; null when there is none. A JSON null that is there is returned as such.</returns>
    public JsonElement? Resolve(JsonElement root)
    {
        foreach (var value in ResolveAll(root))
            return value;
        return null;
    }

    /// <returns>Every value the path names, in document order. A path without <c>[*]</c> and <c>[?…]</c> names at most one.</returns>
    public IEnumerable<JsonElement> ResolveAll(JsonElement root) => Resolve(root, 0);

    /// <summary>The text of a value as people read it: a string's own text, or the JSON text of any other value.</summary>
    /// <exception cref="InvalidInputException">The string is not valid text: half of a surrogate pair, or broken UTF-8.</exception>
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
            throw new InvalidInputException("The JSON string is not a text: half of a surrogate pair, or broken UTF-8.", error);
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

    private static bool TryGetProperty(JsonElement value, string name, out JsonElement found)
    {
        try
        {
            return value.TryGetProperty(name, out found);
        }
        catch (InvalidOperationException)
        {
            // Another key is not valid text (half of a surrogate pair): compare the keys one by one.
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

    /// <summary>A step from a value to its member, to one of its elements, or to several of them.</summary>
    internal sealed record Step
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

    /// <summary>The elements of an array that a step selects: those whose member has, or does not have, this value; null means any value.</summary>
    internal sealed record Filter(JsonPath Member, JsonElement? Expected, bool IsDifferent)
    {
        public bool Takes(JsonElement item)
        {
            // As in RFC 9535: a missing member is equal to no value, so it differs from every value.
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
                // The value is not valid text: half of a surrogate pair.
                return false;
            }
        }
    }
}
