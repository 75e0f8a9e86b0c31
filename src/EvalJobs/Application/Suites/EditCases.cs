using System.Buffers;
using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;

namespace EvalJobs.Application;

/// <summary>Adds, changes and removes cases of a suite by their keys: the next revision, in which all other cases are unchanged.</summary>
internal sealed class EditCases(EvaluationSuiteRepository suites, SuiteListRepository lists, ScorerRegistry scorers)
{
    /// <summary>Cases of one edit at most; more are imported as a file.</summary>
    public const int MaxCases = 1000;

    /// <param name="suite">The suite at the revision the edit was made from.</param>
    /// <param name="edit">What changes.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The suite at its new revision and the number of its cases.</returns>
    /// <exception cref="InvalidInputException">A case is not acceptable or not there, or none would be left; the message names it.</exception>
    /// <exception cref="ConflictException">The suite is at another revision by now, or a key is taken.</exception>
    public async Task<SavedSuite> ExecuteAsync(EvaluationSuite suite, CaseEdit edit, string actor, CancellationToken cancellationToken)
    {
        var count = edit.Added.Count + edit.Changed.Count + edit.Removed.Count;
        if (count is 0 or > MaxCases)
            throw new InvalidInputException($"An edit adds, changes or removes 1 to {MaxCases} cases; this one {count}. Import a whole file as a revision.");

        var ordinals = await FindAsync(suite, edit, cancellationToken);
        var changed = new List<TestCase>();
        foreach (var (fields, index) in edit.Changed.Select((fields, index) => (fields, index)))
        {
            var ordinal = ordinals[fields.Key!];
            var stored = (await suites.ListCasesAsync(suite.Id, suite.Revision, ordinal - 1, 1, cancellationToken))[0];
            changed.Add(Read($"changed[{index}]", FieldsOf(stored).Concat(fields.Values), ordinal));
        }

        var total = await suites.CountCasesAsync(suite.Id, suite.Revision, cancellationToken);
        var added = edit.Added.Select((fields, index) => Read(
            $"added[{index}]", fields.Key is null ? fields.Values : fields.Values.Append(new("key", JsonSerializer.SerializeToElement(fields.Key))), total + index + 1)).ToList();
        return await suites.ReviseAsync(
            suite.Id,
            new SuiteEdit
            {
                FromRevision = suite.Revision,
                Draft = new SuiteDraft
                {
                    Name = suite.Name,
                    BasedOn = suite.Revision,
                    Description = suite.Description,
                    PassThreshold = suite.PassThreshold,
                    IsDefault = suite.IsDefault,
                    Tags = JsonSerializer.Deserialize<string[]>(suite.Tags) ?? [],
                },
                Added = added,
                Replaced = changed,
                Removed = [.. edit.Removed.Select(key => ordinals[key!])],
            },
            actor,
            cancellationToken);
    }

    /// <returns>The ordinals of the cases that are changed or removed, by key.</returns>
    private async Task<IReadOnlyDictionary<string, int>> FindAsync(EvaluationSuite suite, CaseEdit edit, CancellationToken cancellationToken)
    {
        var named = edit.Changed.Select((fields, index) => (fields.Key, Place: $"changed[{index}].key")).Concat(edit.Removed.Select((key, index) => (Key: key, Place: $"removed[{index}]"))).ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, place) in named)
        {
            if (key is null || !seen.Add(key))
                throw new InvalidInputException(key is null ? $"{place}: name the case by its key." : $"{place}: the case '{key}' is changed or removed once already.");
        }

        var ordinals = await lists.FindKeysAsync(suite.Id, suite.Revision, seen, cancellationToken);
        foreach (var (key, place) in named.Where(each => !ordinals.ContainsKey(each.Key!)))
            throw new InvalidInputException($"{place}: revision {suite.Revision} of the suite has no case '{key}'.");
        return ordinals;
    }

    /// <returns>The case of these fields, read like a case of a file. Of two fields with one name, the later one counts.</returns>
    private TestCase Read(string place, IEnumerable<KeyValuePair<string, JsonElement>> fields, int ordinal)
    {
        var last = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
            last[name] = value;
        last.TryAdd("key", JsonSerializer.SerializeToElement($"case-{ordinal:00000}"));

        var file = new FilePlace(place);
        var record = new JsonCaseRecord(file, ObjectOf(last), []);
        return new TestCaseMapper(new TestCaseReadOptions { ValidateScoring = scorers.Validate }, file).Map(record)! with { Ordinal = ordinal };
    }

    private static JsonElement ObjectOf(Dictionary<string, JsonElement> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                json.WritePropertyName(name);

                // Unchanged: the reader rejects a text that is not valid Unicode.
                json.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>> FieldsOf(TestCase stored) =>
    [
        new("key", JsonSerializer.SerializeToElement(stored.CaseKey)),
        new("name", JsonSerializer.SerializeToElement(stored.Name)),
        new("input", JsonSerializer.SerializeToElement(stored.Input)),
        new("expected", JsonSerializer.SerializeToElement(stored.ExpectedOutput)),
        new("scoring", JsonElement.Parse(stored.Scoring)),
        new("weight", JsonSerializer.SerializeToElement(stored.Weight)),
        new("tags", JsonElement.Parse(stored.Tags)),
        new("mustPass", JsonSerializer.SerializeToElement(stored.MustPass)),
    ];
}

/// <summary>What changes in the cases of a suite.</summary>
internal sealed record CaseEdit
{
    /// <summary>New cases, added at the end of the suite. A case without a key gets a generated key.</summary>
    public IReadOnlyList<CaseFields> Added { get; init; } = [];

    /// <summary>Cases by their keys, with the fields that change.</summary>
    public IReadOnlyList<CaseFields> Changed { get; init; } = [];

    /// <summary>The keys of the cases to remove.</summary>
    public IReadOnlyList<string?> Removed { get; init; } = [];
}

/// <summary>Fields of a case, named as in a file of test cases.</summary>
/// <param name="Key">The case's key.</param>
/// <param name="Values">The other fields; a null field means the same as a missing field in a file.</param>
internal sealed record CaseFields(string? Key, IReadOnlyList<KeyValuePair<string, JsonElement>> Values);
