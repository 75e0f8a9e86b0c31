using System.Text.Json;
using System.Text.Json.Serialization;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary>An evaluation suite at its current revision.</summary>
internal sealed record SuiteView
{
    /// <summary>The suite's id.</summary>
    public required long Id { get; init; }

    /// <summary>Unique for the tenant.</summary>
    public required string Name { get; init; }

    /// <summary>What the suite is for.</summary>
    public required string Description { get; init; }

    /// <summary>The current revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>Lowest pass rate for the outcome PASS, 0 to 1.</summary>
    public required double PassThreshold { get; init; }

    /// <summary>Whether versions that enter TESTING are evaluated with it.</summary>
    public required bool IsDefault { get; init; }

    /// <summary>Tags for finding the suite.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Cases of the current revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>When the suite was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>After an import: what was not imported, one sentence each; otherwise absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Notes { get; init; }

    public static SuiteView Of(EvaluationSuite suite, int caseCount) => new()
    {
        Id = suite.Id,
        Name = suite.Name,
        Description = suite.Description,
        Revision = suite.Revision,
        PassThreshold = suite.PassThreshold,
        IsDefault = suite.IsDefault,
        Tags = Words(suite.Tags),
        CaseCount = caseCount,
        CreatedAt = suite.CreatedAt,
    };

    /// <returns>A stored JSON array of words as a list.</returns>
    public static IReadOnlyList<string> Words(string json) => JsonSerializer.Deserialize<string[]>(json) ?? [];
}

/// <summary>A suite in a list.</summary>
internal sealed record SuiteItem
{
    /// <summary>The suite's id.</summary>
    public required long Id { get; init; }

    /// <summary>The tenant's slug.</summary>
    public required string Tenant { get; init; }

    /// <summary>Unique for the tenant.</summary>
    public required string Name { get; init; }

    /// <summary>The current revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>Lowest pass rate for the outcome PASS, 0 to 1.</summary>
    public required double PassThreshold { get; init; }

    /// <summary>Whether versions that enter TESTING are evaluated with it.</summary>
    public required bool IsDefault { get; init; }

    /// <summary>Tags for finding the suite.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Cases of the current revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>When the suite was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public static SuiteItem Of(SuiteRow suite) => new()
    {
        Id = suite.Id,
        Tenant = suite.TenantSlug,
        Name = suite.Name,
        Revision = suite.Revision,
        PassThreshold = suite.PassThreshold,
        IsDefault = suite.IsDefault,
        Tags = SuiteView.Words(suite.Tags),
        CaseCount = suite.CaseCount,
        CreatedAt = suite.CreatedAt,
    };
}

/// <summary>The new settings of a suite. Omitted fields and the cases stay unchanged.</summary>
internal sealed record SuiteChange
{
    /// <summary>Unique for the tenant; 1 to 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>What the suite is for.</summary>
    public string? Description { get; init; }

    /// <summary>Lowest pass rate for the outcome PASS, 0 to 1.</summary>
    public double? PassThreshold { get; init; }

    /// <summary>Whether versions that enter TESTING are evaluated with it.</summary>
    public bool? IsDefault { get; init; }

    /// <summary>Tags for finding the suite.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>Changes to 1 to 1000 cases of a suite. The other cases stay unchanged.</summary>
internal sealed record CasesChange
{
    /// <summary>New cases, added at the end of the suite. A case without a key gets a generated key.</summary>
    public IReadOnlyList<CaseBody> Added { get; init; } = [];

    /// <summary>Cases to change, by key. Omitted fields stay unchanged.</summary>
    public IReadOnlyList<CaseBody> Changed { get; init; } = [];

    /// <summary>The keys of cases to remove.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <returns>The edit.</returns>
    /// <exception cref="Domain.InvalidInputException">A case is the JSON null.</exception>
    public CaseEdit ToEdit() => new() { Added = Fields(Added, "added"), Changed = Fields(Changed, "changed"), Removed = Removed };

    private static List<CaseFields> Fields(IReadOnlyList<CaseBody?> cases, string name) =>
        [.. cases.Select((each, index) => each?.ToFields() ?? throw new InvalidInputException($"{name}[{index}]: expected a case."))];
}

/// <summary>A case to add or change; docs/guide/importing.md describes the fields. A null field means the same as a missing field in a file.</summary>
internal sealed record CaseBody
{
    /// <summary>The name of the case in every revision.</summary>
    public string? Key { get; init; }

    /// <summary>Title for people.</summary>
    public JsonElement Name { get; init; }

    /// <summary>What the agent is asked.</summary>
    public JsonElement Input { get; init; }

    /// <summary>The right answer, for scorers that need one.</summary>
    public JsonElement Expected { get; init; }

    /// <summary>How the reply is judged: a scoring object or a scorer's name.</summary>
    public JsonElement Scoring { get; init; }

    /// <summary>Share in the overall score, above 0.</summary>
    public JsonElement Weight { get; init; }

    /// <summary>Words that group cases.</summary>
    public JsonElement Tags { get; init; }

    /// <summary>Whether it must pass, whatever the pass rate.</summary>
    public JsonElement MustPass { get; init; }

    /// <returns>The fields that are given.</returns>
    public CaseFields ToFields() => new(
        Key,
        [
            .. new[] { ("name", Name), ("input", Input), ("expected", Expected), ("scoring", Scoring), ("weight", Weight), ("tags", Tags), ("mustPass", MustPass) }
                .Where(field => field.Item2.ValueKind != JsonValueKind.Undefined)
                .Select(field => KeyValuePair.Create(field.Item1, field.Item2)),
        ]);
}

/// <summary>One revision of a suite.</summary>
internal sealed record SuiteRevisionView
{
    /// <summary>The revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>Its cases.</summary>
    public required int CaseCount { get; init; }
}

/// <summary>One run in the history of a suite.</summary>
internal sealed record SuiteRunView
{
    /// <summary>The run.</summary>
    public required long RunId { get; init; }

    /// <summary>The run's status.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Passed cases / all cases, 0 to 1.</summary>
    public double? PassRate { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The outcomes of the latest runs of a suite.</summary>
internal sealed record SuiteStatistics
{
    /// <summary>The suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>The latest runs, newest first.</summary>
    public required IReadOnlyList<SuiteRunView> Runs { get; init; }

    /// <summary>The number of COMPLETED runs among them.</summary>
    public required int CompletedCount { get; init; }

    /// <summary>Mean pass rate of those; null when there is none.</summary>
    public double? MeanPassRate { get; init; }
}

/// <summary>One test case of a suite revision.</summary>
internal sealed record CaseView
{
    /// <summary>Position in the revision, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The name of the case in every revision.</summary>
    public required string Key { get; init; }

    /// <summary>Title for people.</summary>
    public required string Name { get; init; }

    /// <summary>What the agent is asked.</summary>
    public required string Input { get; init; }

    /// <summary>The right answer, for scorers that need one.</summary>
    public string? Expected { get; init; }

    /// <summary>How the reply is judged.</summary>
    public required JsonElement Scoring { get; init; }

    /// <summary>Share in the overall score.</summary>
    public required double Weight { get; init; }

    /// <summary>Words that group cases.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Whether it must pass, whatever the pass rate.</summary>
    public required bool MustPass { get; init; }

    public static CaseView Of(TestCase testCase) => new()
    {
        Ordinal = testCase.Ordinal,
        Key = testCase.CaseKey,
        Name = testCase.Name,
        Input = testCase.Input,
        Expected = testCase.ExpectedOutput,
        Scoring = JsonElement.Parse(testCase.Scoring),
        Weight = testCase.Weight,
        Tags = SuiteView.Words(testCase.Tags),
        MustPass = testCase.MustPass,
    };
}
