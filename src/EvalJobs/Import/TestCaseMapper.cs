using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EvalJobs.Domain;
using F23.StringSimilarity;

namespace EvalJobs.Import;

/// <summary>Makes test cases from the records of one file, in order, and rejects invalid ones.</summary>
internal sealed class TestCaseMapper(TestCaseReadOptions options, FilePlace file)
{
    /// <summary>Names checked in one file at most. Usual records have far fewer, and a file with a new name in each record must not fill the memory.</summary>
    private const int MaxJudgedNames = 10_000;

    private static readonly Levenshtein Distance = new();

    // 16 bytes per key, whatever its length, so that the keys of a large file do not fill the memory.
    private readonly Dictionary<UInt128, long> _lineByKey = [];
    private readonly HashSet<string> _judgedNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private readonly FieldUse _use = options.Findings?.Use ?? new();
    private FieldMapping? _mapping = options.Mapping;
    private int _ordinal;
    private bool _hasError;

    /// <summary>Checks a CSV header before the first row, so that the error of a wrong mapping names the line of the header.</summary>
    public void ValidateColumns(FilePlace place, CsvHeader header)
    {
        foreach (var name in header.Names)
            _use.Record(name);

        if (header.IsNumbered)
            _mapping ??= new FieldMapping { Input = header.Names[0], Expected = header.Names.ElementAtOrDefault(1) };

        _hasError = false;
        foreach (var field in CaseField.All)
            Try(() => ValidateColumn(field, place, header));
        if (_mapping is null)
            Try(() => EnsureNoMisspeltColumn(place, header));
        if (_hasError)
            throw new PreviewEndedException();
    }

    private void ValidateColumn(CaseField field, FilePlace place, CsvHeader header)
    {
        var path = Locate(field, place, name => header.IndexOf(name) >= 0);
        if (path is not null && header.IndexOf(path) < 0)
            throw place.Error(header.IsNumbered ? $"there is no such column; they are called {header}." : $"the header has no such column; it has {header}.", path);
        if (path is not null)
        {
            options.Findings?.Record(field, path);
            _use.RecordUse(header.Names[header.IndexOf(path)]);
        }

        if (path is null && field == CaseField.Input)
            throw MissingInput(place, header);
    }

    /// <returns>The value; the default if the value is wrong and errors are collected.</returns>
    private T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidInputException error) when (options.Findings is not null)
        {
            options.Findings.Add(error);
            _hasError = true;
            return default;
        }
    }

    /// <summary>The same for a check without a result.</summary>
    private void Try(Action check) => Try(() =>
    {
        check();
        return true;
    });

    /// <summary>
    /// Rejects a column whose name is almost that of a known one: otherwise it would be silently ignored, and the cases would be scored without it.
    /// </summary>
    private static void EnsureNoMisspeltColumn(FilePlace place, CsvHeader header)
    {
        foreach (var field in CaseField.All.Where(field => !Array.Exists(field.DefaultNames, name => header.IndexOf(name) >= 0)))
        {
            foreach (var column in header.Names)
            {
                if (Meant(field, column) is { } meant)
                    throw place.Error($"unknown column; did you mean '{meant}'? Name it so, or say which column is what. The header is: {header}.", column, remedy: new(RemedyKind.MapField, field.Role, column));
            }
        }
    }

    /// <summary>The same for the fields of JSON and YAML records. Each name is checked once in a file.</summary>
    private void EnsureNoMisspeltField(CaseRecord record)
    {
        foreach (var name in record.Names.Where(name => _judgedNames.Count < MaxJudgedNames && _judgedNames.Add(name)).ToList())
        {
            foreach (var field in CaseField.All.Where(field => !Array.Exists(field.DefaultNames, record.Has)))
            {
                if (Meant(field, name) is { } meant)
                    throw record.Place.Error($"unknown field; did you mean '{meant}'? Name it so, or say which field is what.", name, remedy: new(RemedyKind.MapField, field.Role, name));
            }
        }
    }

    /// <returns>The name that was probably meant, if this name is almost one of the field's names.</returns>
    private static string? Meant(CaseField field, string name) => name.Length is < 4 or > 20 || CaseField.All.Any(other => other.DefaultNames.Contains(name, StringComparer.Ordinal))
        ? null
        : Array.Find(field.DefaultNames, known => known.Length >= 4 && Distance.Distance(known.ToUpperInvariant(), name.ToUpperInvariant()) <= (known.Length >= 6 ? 2 : 1));

    /// <summary>Makes the next test case.</summary>
    /// <returns>Null when it has an error and errors are collected; if they are not collected, the first error is thrown.</returns>
    public TestCase? Map(CaseRecord record)
    {
        var ordinal = _ordinal + 1;
        _hasError = false;
        foreach (var name in record.Names)
            _use.Record(name);

        if (_mapping is null)
            Try(() => EnsureNoMisspeltField(record));
        var expected = Try(() => Read(CaseField.Expected, record, record.Text).Value);
        var made = new TestCase
        {
            Ordinal = ordinal,
            CaseKey = Try(() => Key(record, ordinal)) ?? "",
            Name = Try(() => Name(record)) ?? "",
            Input = Try(() => Input(record)) ?? "",
            ExpectedOutput = expected,
            Scoring = Try(() => Scoring(record, expected)) ?? "",
            Weight = Try(() => Weight(record)),
            Tags = Try(() => Tags(record)) ?? "",
            MustPass = Try(() => Read(CaseField.MustPass, record, record.Flag).Value ?? false),
        };
        _ordinal = ordinal;
        return _hasError ? null : made;
    }

    /// <summary>The fields of the records so far that are no part of a case, in words; null when there are none.</summary>
    public string? NotTaken => _use.NotTaken;

    /// <summary>Rejects a file without cases, and a mapping with a path that no record has, because it is probably misspelt.</summary>
    public void Finish()
    {
        if (_ordinal == 0)
            throw file.Error("the file contains no test case.");

        foreach (var field in CaseField.All)
        {
            if (_mapping is not null && field.Mapped(_mapping) is { } path && !_found.Contains(path))
                Try(() => throw file.Error($"no record has the field the mapping names for '{field.Role}'.", path));
        }
    }

    private string Input(CaseRecord record)
    {
        var (path, input) = Read(CaseField.Input, record, record.Text);
        if (path is null)
            throw MissingInput(record.Place);
        if (!record.Has(path))
            throw record.Place.Error("is missing; every test case needs an input.", path);
        return string.IsNullOrWhiteSpace(input) ? throw record.Place.Error("is empty; every test case needs an input.", path) : input;
    }

    private string Key(CaseRecord record, int ordinal)
    {
        var (path, given) = Read(CaseField.Key, record, record.Label);

        // Databases compare spaces at the end of a text differently. Without such spaces two keys are equal in every database or in none.
        var key = given?.Trim() ?? $"case-{ordinal.ToString("00000", CultureInfo.InvariantCulture)}";
        if (key.Length is 0 or > ImportLimits.MaxKeyLength)
            throw record.Place.Error($"a case key has 1 to {ImportLimits.MaxKeyLength} characters; this one has {key.Length}.", path);

        var hash = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        return _lineByKey.TryAdd(hash, record.Place.Line)
            ? key
            : throw record.Place.Error($"the case key '{key}' occurs twice, first on line {_lineByKey[hash]}.", path ?? "key");
    }

    private string Name(CaseRecord record)
    {
        var (path, name) = Read(CaseField.Name, record, record.Label);
        return name is { Length: > ImportLimits.MaxNameLength }
            ? throw record.Place.Error($"a case's name has at most {ImportLimits.MaxNameLength} characters; this one has {name.Length}.", path)
            : name ?? "";
    }

    private double Weight(CaseRecord record)
    {
        var (path, weight) = Read(CaseField.Weight, record, record.Number);
        return weight switch
        {
            null => 1,
            > 0 and <= ImportLimits.MaxWeight => weight.Value,
            > ImportLimits.MaxWeight and < double.PositiveInfinity => throw record.Place.Error(
                string.Create(CultureInfo.InvariantCulture, $"must be at most {ImportLimits.MaxWeight}, not {weight.Value}."), path),
            _ => throw record.Place.Error($"must be a number above 0, not {weight.Value.ToString(CultureInfo.InvariantCulture)}.", path),
        };
    }

    private string Tags(CaseRecord record)
    {
        var (path, words) = Read(CaseField.Tags, record, record.Words);
        try
        {
            return words is null ? "[]" : CaseTags.ToJson(words);
        }
        catch (InvalidInputException error)
        {
            throw record.Place.Error(error.Message, path, error);
        }
    }

    private string Scoring(CaseRecord record, string? expected)
    {
        var (path, given) = Read(CaseField.Scoring, record, record.Scoring);
        try
        {
            var spec = given is null ? options.DefaultScoring ?? ScoringSpec.Default : ScoringSpec.Parse(given);
            options.ValidateScoring?.Invoke(spec, expected);
            return spec.Json;
        }
        catch (InvalidInputException error)
        {
            throw record.Place.Error(error.Message, path ?? "scoring", error);
        }
    }

    private (string? Path, T? Value) Read<T>(CaseField field, CaseRecord record, Func<string, T?> read)
    {
        var path = Locate(field, record.Place, record.Has);
        if (path is null)
            return (null, default);
        if (_mapping is not null && !_found.Contains(path) && record.Has(path))
            _found.Add(path);
        if (record.Has(path))
        {
            options.Findings?.Record(field, path);
            _use.RecordUse(path);
        }

        var value = read(path);
        if (StoredText.Problem(value as string) is { } problem)
            throw record.Place.Error($"{problem}.", path);
        return (path, value);
    }

    private string? Locate(CaseField field, FilePlace place, Func<string, bool> has)
    {
        if (_mapping is not null)
            return field.Mapped(_mapping);

        var present = Array.FindAll(field.DefaultNames, name => has(name));
        if (present.Length > 1)
        {
            var names = string.Join("' and '", present);
            throw place.Error($"'{names}' could all be the {field.Role}; say which.", present[1], remedy: new(RemedyKind.MapField, field.Role, present[0]));
        }
        return present.Length == 1 ? present[0] : null;
    }

    private static InvalidInputException MissingInput(FilePlace place, CsvHeader? header = null) => place.Error(
        $"is missing; every test case needs one of {string.Join(", ", CaseField.Input.DefaultNames)}, or say which {(header is null ? "field" : "column")} is the input."
        + (header is null ? "" : $" The header is: {header}."), "input", remedy: new(RemedyKind.MapField, CaseField.Input.Role));
}
