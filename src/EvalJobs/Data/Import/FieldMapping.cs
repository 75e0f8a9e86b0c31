using EvalJobs.Domain;

namespace EvalJobs.Data.Import;

/// <summary>
/// Which fields of a record make a test case. A path is tried as a name first (so a key or column may hold a dot), then, except in CSV,
/// as a <see cref="JsonPath"/> such as <c>messages[0].content</c>. CSV columns also match when only the case of letters differs.
/// A mapping is complete: fields it does not name are not read.
/// </summary>
public sealed record FieldMapping
{
    /// <summary>What the agent is asked. Every record must have it.</summary>
    public required string Input { get; init; }

    /// <summary>The right answer.</summary>
    public string? Expected { get; init; }

    /// <summary>The case's stable name.</summary>
    public string? Key { get; init; }

    /// <summary>The case's title for people.</summary>
    public string? Name { get; init; }

    /// <summary>The case's share in the overall score.</summary>
    public string? Weight { get; init; }

    /// <summary>The case's own scoring: an object, or a scorer's bare name.</summary>
    public string? Scoring { get; init; }

    /// <summary>Reads a mapping written as pairs such as <c>input=question</c> and <c>expected=meta.answer</c>.</summary>
    /// <exception cref="InvalidInputException">Not a pair, an unknown field, a field named twice, or no <c>input</c>.</exception>
    public static FieldMapping Parse(IEnumerable<string> pairs)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var parts = pair.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts is not [_, { Length: > 0 }])
                throw new InvalidInputException($"'{pair}' is not a field mapping; write field=path, such as input=question.");
            if (!CaseField.All.Any(field => field.Role == parts[0]))
            {
                throw new InvalidInputException(
                    $"Unknown field '{parts[0]}' in the mapping; expected {string.Join(", ", CaseField.All.Select(field => field.Role))}.");
            }
            if (!paths.TryAdd(parts[0], parts[1]))
                throw new InvalidInputException($"The mapping names the field '{parts[0]}' twice.");
        }

        return new FieldMapping
        {
            Input = paths.GetValueOrDefault("input")
                ?? throw new InvalidInputException("The mapping needs the field 'input', such as input=question."),
            Expected = paths.GetValueOrDefault("expected"),
            Key = paths.GetValueOrDefault("key"),
            Name = paths.GetValueOrDefault("name"),
            Weight = paths.GetValueOrDefault("weight"),
            Scoring = paths.GetValueOrDefault("scoring"),
        };
    }
}

/// <summary>A part of a test case and the names it goes by in files that come without a mapping.</summary>
internal sealed record CaseField(string Role, Func<FieldMapping, string?> Mapped, params string[] DefaultNames)
{
    public static readonly CaseField Input = new("input", mapping => mapping.Input, "input", "question", "prompt");

    public static readonly CaseField Expected = new(
        "expected", mapping => mapping.Expected, "expected", "expectedOutput", "expected_output", "answer", "ground_truth");

    public static readonly CaseField Key = new("key", mapping => mapping.Key, "key", "id");
    public static readonly CaseField Name = new("name", mapping => mapping.Name, "name");
    public static readonly CaseField Weight = new("weight", mapping => mapping.Weight, "weight");
    public static readonly CaseField Scoring = new("scoring", mapping => mapping.Scoring, "scoring");

    public static readonly IReadOnlyList<CaseField> All = [Input, Expected, Key, Name, Weight, Scoring];
}
