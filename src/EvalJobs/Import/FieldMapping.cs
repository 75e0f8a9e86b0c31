namespace EvalJobs.Import;

/// <summary>
/// Which fields of a record make a test case. A text is first searched as a name, because a key or column may contain a dot, and then, except in CSV,
/// as a path such as <c>messages[0].content</c>. A CSV column also matches a name that differs only in case.
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

    /// <summary>The case's tags: a list of texts, or one text with commas between them.</summary>
    public string? Tags { get; init; }

    /// <summary>Whether the case has to pass: true or false.</summary>
    public string? MustPass { get; init; }
}

/// <summary>A part of a test case, and its names in files without a mapping.</summary>
/// <param name="Role">Its name in error messages.</param>
/// <param name="Mapped">Its name or path in a mapping.</param>
/// <param name="DefaultNames">The names to search without a mapping.</param>
internal sealed record CaseField(string Role, Func<FieldMapping, string?> Mapped, params string[] DefaultNames)
{
    public static readonly CaseField Input = new("input", mapping => mapping.Input, "input", "question", "prompt");

    public static readonly CaseField Expected = new(
        "expected", mapping => mapping.Expected, "expected", "expectedOutput", "expected_output", "answer", "ground_truth");

    public static readonly CaseField Key = new("key", mapping => mapping.Key, "key", "id");
    public static readonly CaseField Name = new("name", mapping => mapping.Name, "name");
    public static readonly CaseField Weight = new("weight", mapping => mapping.Weight, "weight");
    public static readonly CaseField Scoring = new("scoring", mapping => mapping.Scoring, "scoring");
    public static readonly CaseField Tags = new("tags", mapping => mapping.Tags, "tags");
    public static readonly CaseField MustPass = new("must-pass mark", mapping => mapping.MustPass, "mustPass", "must_pass");

    public static readonly IReadOnlyList<CaseField> All = [Input, Expected, Key, Name, Weight, Scoring, Tags, MustPass];
}
