using System.Text.Json;
using EvalJobs.Domain;
using Json.Schema;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// Checks a JSON Schema before it is used: every keyword is known and has a right value, every format is checked, every <c>$ref</c> is
/// found in the schema itself, and no schema refers to itself without end. Each error names its place by a JSON pointer.
/// </summary>
internal sealed class SchemaCheck
{
    // References may form a chain, and each of its links takes a piece of the stack.
    private const int MaxSchemas = 2_000;

    private const string RootUri = "https://schema.evaljobs.invalid/root";

    private static readonly (string Uri, Dialect Dialect, JsonSchema MetaSchema, string Name)[] Drafts =
    [
        ("https://json-schema.org/draft/2020-12/schema", Dialect.Draft202012, MetaSchemas.Draft202012, "2020-12"),
        ("https://json-schema.org/draft/2019-09/schema", Dialect.Draft201909, MetaSchemas.Draft201909, "2019-09"),
        ("http://json-schema.org/draft-07/schema", Dialect.Draft07, MetaSchemas.Draft7, "7"),
        ("http://json-schema.org/draft-06/schema", Dialect.Draft06, MetaSchemas.Draft6, "6"),
    ];

    private static readonly HashSet<string> Annotations = Set(
        "$schema $id $comment $anchor $dynamicAnchor $recursiveAnchor $vocabulary title description default examples deprecated readOnly writeOnly "
        + "contentEncoding contentMediaType");

    private static readonly HashSet<string> Values = Set(
        "type enum const format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems "
        + "minProperties maxProperties required dependentRequired minContains maxContains");

    private static readonly HashSet<string> References = Set("$ref $dynamicRef $recursiveRef");
    private static readonly HashSet<string> InPlace = Set("not if then else allOf anyOf oneOf dependentSchemas dependencies");
    internal static readonly HashSet<string> Single = Set(
        "not if then else items additionalItems additionalProperties contains propertyNames unevaluatedItems unevaluatedProperties contentSchema");
    internal static readonly HashSet<string> Lists = Set("allOf anyOf oneOf prefixItems items");
    internal static readonly HashSet<string> Maps = Set("properties patternProperties $defs definitions dependentSchemas dependencies");

    // Keywords of one draft that mean nothing in another.
    private static readonly HashSet<string> Since2020 = Set("prefixItems $dynamicRef $dynamicAnchor");
    private static readonly HashSet<string> Since2019 = Set(
        "$defs $anchor dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties minContains maxContains contentSchema deprecated $vocabulary");
    private static readonly HashSet<string> Since7 = Set("if then else readOnly writeOnly contentEncoding contentMediaType $comment");
    private static readonly HashSet<string> Until7 = Set("dependencies");
    private static readonly HashSet<string> Until2019 = Set("additionalItems");
    private static readonly HashSet<string> Only2019 = Set("$recursiveRef $recursiveAnchor");

    private readonly JsonElement _schema;
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _schemas = new(StringComparer.Ordinal);
    private readonly List<(string From, string Keyword, Uri Target, string Written)> _references = [];
    private readonly Dictionary<string, List<string>> _inPlace = new(StringComparer.Ordinal);

    public SchemaCheck(JsonElement schema) => _schema = schema;

    /// <returns>The dialect to read the schema with.</returns>
    /// <exception cref="InvalidInputException">The schema could not judge every reply.</exception>
    public Dialect Run()
    {
        if (_schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
            throw ScoringSettings.Wrong("schema", _schema, "must be a JSON schema: an object, true or false");

        var draft = DraftOf(_schema);
        CheckValues(draft.MetaSchema, draft.Name);
        Walk(_schema, "", new Uri(RootUri), draft.Name);
        CheckReferences();
        CheckCycles();
        return draft.Dialect;
    }

    private static (string Uri, Dialect Dialect, JsonSchema MetaSchema, string Name) DraftOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$schema", out var declared))
            return Drafts[0];
        var uri = declared.ValueKind == JsonValueKind.String ? declared.GetString()!.TrimEnd('#') : "";
        var draft = Array.Find(Drafts, draft => draft.Uri == uri || draft.Uri.Replace("http://", "https://", StringComparison.Ordinal) == uri);
        return draft.Uri is not null
            ? draft
            : throw Error("/$schema", $"({Excerpt.Of(declared.GetRawText(), 100)}) must be one of {string.Join(", ", Drafts.Select(known => known.Uri))}");
    }

    private void CheckValues(JsonSchema metaSchema, string draft)
    {
        var options = new EvaluationOptions { OutputFormat = OutputFormat.List, Culture = System.Globalization.CultureInfo.InvariantCulture };
        var results = metaSchema.Evaluate(_schema, options);
        if (results.IsValid)
            return;

        // The deepest place says most: the keyword itself, not the schemas around it.
        var worst = (results.Details ?? []).Prepend(results)
            .Where(detail => !detail.IsValid && detail.Errors is { Count: > 0 })
            .OrderByDescending(detail => detail.InstanceLocation.SegmentCount)
            .FirstOrDefault();
        throw worst is null
            ? Error("", $"is not a schema of draft {draft}")
            : Error(worst.InstanceLocation.ToString(), $"is not allowed in draft {draft}: {Excerpt.Of(string.Join("; ", worst.Errors!.Values))}");
    }

    private void Walk(JsonElement schema, string pointer, Uri baseUri, string draft)
    {
        if (_schemas.Count >= MaxSchemas)
            throw Error("", $"contains more than {MaxSchemas} schemas");
        _schemas.Add(pointer);
        if (schema.ValueKind != JsonValueKind.Object)
            return;

        if (Text(schema, "$id") is { } id && !(id.StartsWith('#') && draft is "6" or "7"))
        {
            if (!Uri.TryCreate(baseUri, id, out var own))
                throw Error($"{pointer}/$id", "is not a URI reference");
            baseUri = own;
        }
        if (pointer.Length == 0 || Text(schema, "$id") is not null)
            _places.TryAdd(WithoutFragment(baseUri), pointer);
        if (pointer.Length > 0 && schema.TryGetProperty("$schema", out _) && DraftOf(schema).Name != draft)
            throw Error($"{pointer}/$schema", $"must be that of the whole schema, draft {draft}");
        foreach (var anchor in (string?[])[Text(schema, "$anchor"), Text(schema, "$dynamicAnchor"), draft is "6" or "7" && Text(schema, "$id") is ['#', .. var name] ? name : null])
        {
            if (anchor is not null)
                _places.TryAdd($"{WithoutFragment(baseUri)}#{anchor}", pointer);
        }

        var replaced = draft is "6" or "7" && schema.TryGetProperty("$ref", out _);
        foreach (var keyword in schema.EnumerateObject())
            WalkKeyword(keyword.Name, keyword.Value, pointer, baseUri, draft, replaced);
    }

    private void WalkKeyword(string name, JsonElement value, string pointer, Uri baseUri, string draft, bool hasReference)
    {
        var place = $"{pointer}/{Escape(name)}";
        if (!IsKeyword(name, draft))
            throw Error(place, $"is not a keyword of draft {draft}, so it would not be checked");
        if (hasReference && name is not ("$ref" or "definitions" or "$defs") && !Annotations.Contains(name))
            throw Error(place, $"is not checked next to $ref in draft {draft}; put both into allOf");

        if (References.Contains(name) && value.ValueKind == JsonValueKind.String)
        {
            var written = value.GetString()!;
            if (!Uri.TryCreate(baseUri, written, out var target))
                throw Error(place, $"({Excerpt.Of(written, 100)}) is not a URI reference");
            _references.Add((pointer, place, target, written));
        }
        if (name == "format" && value.ValueKind == JsonValueKind.String && !SchemaFormats.IsKnown(value.GetString()!))
            throw Error(place, $"({Excerpt.Of(value.GetString()!, 50)}) is not a format that is checked; known are {string.Join(", ", SchemaFormats.Names)}");
        if (name == "pattern" && value.ValueKind == JsonValueKind.String)
            CheckPattern(value.GetString()!, place);

        if (value.ValueKind == JsonValueKind.Object && Maps.Contains(name))
        {
            foreach (var member in value.EnumerateObject())
            {
                var inner = $"{place}/{Escape(member.Name)}";
                if (name == "patternProperties")
                    CheckPattern(member.Name, inner);
                if (name != "dependencies" || member.Value.ValueKind != JsonValueKind.Array)
                    WalkInner(member.Value, inner, pointer, name, baseUri, draft);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array && Lists.Contains(name))
        {
            foreach (var (index, item) in value.EnumerateArray().Index())
                WalkInner(item, $"{place}/{index}", pointer, name, baseUri, draft);
        }
        else if (Single.Contains(name))
        {
            WalkInner(value, place, pointer, name, baseUri, draft);
        }
    }

    private void WalkInner(JsonElement schema, string pointer, string owner, string keyword, Uri baseUri, string draft)
    {
        if (InPlace.Contains(keyword))
            Link(owner, pointer);
        Walk(schema, pointer, baseUri, draft);
    }

    private static bool IsKeyword(string name, string draft)
    {
        if (!Annotations.Contains(name) && !Values.Contains(name) && !References.Contains(name) && !Single.Contains(name) && !Lists.Contains(name) && !Maps.Contains(name))
            return false;
        return draft switch
        {
            "2020-12" => !Until7.Contains(name) && !Until2019.Contains(name) && !Only2019.Contains(name),
            "2019-09" => !Until7.Contains(name) && !Since2020.Contains(name),
            _ => !Since2019.Contains(name) && !Since2020.Contains(name) && !Only2019.Contains(name) && (draft == "7" || !Since7.Contains(name)),
        };
    }

    // Built by the library as it will be used: it reads ECMAScript's patterns its own way.
    private static void CheckPattern(string pattern, string place)
    {
        if (pattern.Length > ScoringPattern.MaxLength)
            throw Error(place, $"has {pattern.Length} characters; a pattern has at most {ScoringPattern.MaxLength}");
        try
        {
            _ = JsonSchema.Build(JsonSerializer.SerializeToElement(new { pattern = SchemaForLibrary.Pattern(pattern) }),
                new BuildOptions { SchemaRegistry = new(), DialectRegistry = new(), VocabularyRegistry = new(), Dialect = Dialect.Draft202012 });
        }
        catch (Exception error) when (error is JsonSchemaException or ArgumentException)
        {
            throw Error(place, $"is not a regular expression: {Excerpt.Of(error.Message)}");
        }
    }

    private void CheckReferences()
    {
        foreach (var (from, keyword, target, written) in _references)
        {
            var resource = WithoutFragment(target);
            var fragment = Uri.UnescapeDataString(target.Fragment.TrimStart('#'));
            var found =
                fragment.Length > 0 && fragment[0] != '/' ? _places.GetValueOrDefault($"{resource}#{fragment}")
                : _places.TryGetValue(resource, out var root) ? root + fragment
                : null;
            if (found is not null && _schemas.Contains(found))
                Link(from, found);
            else if (!Array.Exists(Drafts, draft => draft.Uri == resource))
                throw Error(keyword, $"({Excerpt.Of(written, 100)}) is not found; it must point into the schema itself, such as \"#/$defs/name\". Nothing is fetched");
        }
    }

    private void CheckCycles()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in _inPlace.Keys)
            Visit(start);

        void Visit(string place)
        {
            if (done.Contains(place))
                return;
            if (!path.Add(place))
                throw Error(place, "refers to itself without end: no reply could ever be judged");
            foreach (var next in _inPlace.GetValueOrDefault(place) ?? [])
                Visit(next);
            path.Remove(place);
            done.Add(place);
        }
    }

    private void Link(string from, string to)
    {
        if (!_inPlace.TryGetValue(from, out var targets))
            _inPlace[from] = targets = [];
        targets.Add(to);
    }

    private static string WithoutFragment(Uri uri) => uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped);

    private static string? Text(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static InvalidInputException Error(string pointer, string problem) => new($"scoring.schema#{Excerpt.Of(pointer, 200)} {problem}.");

    private static HashSet<string> Set(string names) => new(names.Split(' '), StringComparer.Ordinal);
}
