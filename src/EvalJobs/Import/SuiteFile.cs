using System.Runtime.CompilerServices;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The settings of the suite in a suite file. Null for a setting that is not in the file.</summary>
public sealed record SuiteSettings
{
    /// <summary>The suite's name.</summary>
    public string? Name { get; init; }

    /// <summary>What the suite is for.</summary>
    public string? Description { get; init; }

    /// <summary>Pass rate from which a version passes, 0..1.</summary>
    public double? PassThreshold { get; init; }

    /// <summary>Tags for finding suites.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The scoring of cases without their own.</summary>
    public ScoringSpec? Scoring { get; init; }
}

/// <summary>
/// A file of test cases that may contain settings of the suite: a JSON or YAML object
/// <c>{ name, description, passThreshold, tags, scoring, cases: [ … ] }</c>. Every other form contains only cases.
/// </summary>
internal sealed class SuiteFile
{
    private const string CasesProperty = "cases";
    private static readonly string[] SettingNames = ["name", "description", "passThreshold", "tags", "scoring"];

    private readonly string _name;
    private readonly Func<Stream> _open;
    private readonly TestCaseReadOptions _options;

    private SuiteFile(string name, Func<Stream> open, SuiteSettings settings, TestCaseReadOptions options)
    {
        _name = name;
        _open = open;
        _options = options;
        Settings = settings;
    }

    /// <summary>The suite's settings; all null when the file contains only cases.</summary>
    public SuiteSettings Settings { get; }

    /// <summary>Reads the settings of a file. <see cref="ReadCasesAsync"/> reads the cases.</summary>
    /// <param name="path">The file; its extension gives the format.</param>
    /// <param name="options">With a <see cref="TestCaseReadOptions.Root"/>, what is next to the root is not read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">A setting is unknown or wrong, or the file has no <c>cases</c>; the message says where.</exception>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    public static Task<SuiteFile> OpenAsync(string path, TestCaseReadOptions? options = null, CancellationToken cancellationToken = default) =>
        FromStreamAsync(Path.GetFileName(path), () => ImportFile.Open(path), options, cancellationToken);

    /// <summary>Reads the settings of a file that is not on this disk, such as an upload.</summary>
    /// <param name="name">The file's name, for messages; its extension gives the format.</param>
    /// <param name="open">Opens the content at its start; it is called again for the cases.</param>
    /// <param name="options">With a <see cref="TestCaseReadOptions.Root"/>, what is next to the root is not read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">A setting is unknown or wrong, or the file has no <c>cases</c>; the message says where.</exception>
    public static async Task<SuiteFile> FromStreamAsync(
        string name, Func<Stream> open, TestCaseReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TestCaseReadOptions();
        var format = ImportFormats.FromPath(name);
        var file = new FilePlace(name);
        var whose = options.Conversion?.Format
            ?? (options is { Root: null, Mapping: null } ? await SuiteFormatDetector.DetectAsync(open, format, file, cancellationToken) : SuiteFormat.EvalJobs);
        if (whose != SuiteFormat.EvalJobs)
            return new SuiteFile(name, open, new SuiteSettings(), options with { Conversion = (options.Conversion ?? new ConversionOptions()) with { Format = whose } });

        await using var opened = open();
        await using var stream = new ImportStream(opened, file);

        List<Setting>? properties;
        try
        {
            properties = (options.Root, format) switch
            {
                (null, ImportFormat.Json) => await ReadJsonAsync(stream, file, cancellationToken),
                (null, ImportFormat.Yaml) => await ReadYamlAsync(stream, file, cancellationToken),
                _ => null,
            };
        }
        catch (InvalidInputException error) when (format == ImportFormat.Json)
        {
            if (await HasObjectPerLineAsync(open, cancellationToken))
                throw file.Error("the file contains one JSON object per line; name it .jsonl.", inner: error);
            throw;
        }

        if (properties is null)
            return new SuiteFile(name, open, new SuiteSettings(), options);

        var settings = ToSettings(properties);
        return new SuiteFile(name, open, settings, options with
        {
            Root = CasesProperty,
            DefaultScoring = settings.Scoring ?? options.DefaultScoring,
        });
    }

    /// <summary>Reads the cases; see <see cref="TestCaseFileReader.ReadAsync(string, TestCaseReadOptions?, CancellationToken)"/>.</summary>
    /// <remarks>A case's own scoring overrides the file's, the file's overrides <see cref="TestCaseReadOptions.DefaultScoring"/>.</remarks>
    public async IAsyncEnumerable<TestCase> ReadCasesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var stream = _open();
        await foreach (var testCase in TestCaseFileReader.ReadAsync(stream, ImportFormats.FromPath(_name), new FilePlace(_name), _options, cancellationToken))
            yield return testCase;
    }

    private static async Task<List<Setting>?> ReadJsonAsync(ImportStream stream, FilePlace file, CancellationToken cancellationToken)
    {
        var tokens = new JsonTokens(stream, file);
        if (!await tokens.ReadAsync(cancellationToken))
            throw file.Error("the file is empty.");
        if (tokens.Type != JsonTokenType.StartObject)
            return null;

        var start = tokens.Place;
        var settings = new List<Setting>();
        var hasCases = false;
        while (await tokens.ReadAsync(cancellationToken) && tokens.Type == JsonTokenType.PropertyName)
        {
            var (name, place) = (tokens.Name, tokens.Place);
            await tokens.ReadAsync(cancellationToken);
            if (name == CasesProperty)
            {
                if (hasCases)
                    throw place.Error("the key occurs twice.", name);
                hasCases = true;
                await tokens.SkipAsync(cancellationToken);
            }
            else
            {
                ValidateSetting(name, place);
                settings.Add(new Setting(name, await tokens.ReadValueAsync(cancellationToken), place));
            }
        }
        return hasCases ? settings : throw NoCases(start);
    }

    /// <returns>Whether each of the first two lines that are not blank is a complete JSON object.</returns>
    private static async Task<bool> HasObjectPerLineAsync(Func<Stream> open, CancellationToken cancellationToken)
    {
        await using var stream = open();
        using var text = new StreamReader(stream);
        var objects = 0;
        for (var read = 0; objects < 2 && read < 100; read++)
        {
            if (await text.ReadLineAsync(cancellationToken) is not { } line)
                return false;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (!IsObject(line))
                return false;
            objects++;
        }

        return objects == 2;
    }

    private static bool IsObject(string line)
    {
        try
        {
            return JsonElement.Parse(line).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<List<Setting>?> ReadYamlAsync(ImportStream stream, FilePlace file, CancellationToken cancellationToken)
    {
        var value = await YamlValue.ReadAsync(stream, file, ImportLimits.MaxYamlBytes, cancellationToken)
            ?? throw file.Error("the file is empty.");
        if (value.Kind != YamlKind.Mapping)
            return null;
        if (value.Property(CasesProperty) is null)
            throw NoCases(value.Place);

        var budget = new YamlBudget(ImportLimits.MaxYamlBytes);
        var settings = new List<Setting>();
        foreach (var (name, inner) in value.Properties.Where(property => property.Name != CasesProperty))
        {
            ValidateSetting(name, inner.Place);
            settings.Add(new Setting(name, inner.ToJson(budget), inner.Place));
        }
        return settings;
    }

    private static SuiteSettings ToSettings(List<Setting> properties)
    {
        var settings = new SuiteSettings();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value, place) in properties)
        {
            if (!seen.Add(name))
                throw place.Error("the key occurs twice.", name);

            // Null means that the setting is absent, as everywhere in an imported file.
            if (value.ValueKind == JsonValueKind.Null)
                continue;
            settings = name switch
            {
                "name" => settings with { Name = NonBlank(name, value, place) },
                "description" => settings with { Description = Text(name, value, place) },
                "passThreshold" => settings with { PassThreshold = Share(name, value, place) },
                "tags" => settings with { Tags = Tags(name, value, place) },
                _ => settings with { Scoring = Scoring(name, value, place) },
            };
        }
        return settings;
    }

    private static string Text(string name, JsonElement value, FilePlace place)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw place.Error($"must be a text, not {JsonCaseRecord.Kind(value)}.", name);
        try
        {
            return JsonPath.TextOf(value);
        }
        catch (InvalidInputException error)
        {
            throw place.Error(error.Message, name, error);
        }
    }

    private static string NonBlank(string name, JsonElement value, FilePlace place)
    {
        var text = Text(name, value, place).Trim();
        return text.Length > 0 ? text : throw place.Error("must not be empty.", name);
    }

    private static double Share(string name, JsonElement value, FilePlace place) =>
        value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and <= 1 and var share
            ? share
            : throw place.Error($"must be a number from 0 to 1, not {value.GetRawText()}.", name);

    private static IReadOnlyList<string> Tags(string name, JsonElement value, FilePlace place) =>
        value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select((tag, index) => NonBlank($"{name}[{index}]", tag, place))]
            : throw place.Error($"must be an array of texts, not {JsonCaseRecord.Kind(value)}.", name);

    private static ScoringSpec Scoring(string name, JsonElement value, FilePlace place)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.String))
            throw place.Error($"must be a scoring object or a scorer's name, not {JsonCaseRecord.Kind(value)}.", name);
        try
        {
            return ScoringSpec.Parse(JsonPath.TextOf(value));
        }
        catch (InvalidInputException error)
        {
            throw place.Error(error.Message, name, error);
        }
    }

    private static void ValidateSetting(string name, FilePlace place)
    {
        if (!SettingNames.Contains(name, StringComparer.Ordinal))
            throw place.Error($"unknown suite setting; expected {string.Join(", ", SettingNames)} and {CasesProperty}.", name);
    }

    private static InvalidInputException NoCases(FilePlace place) => place.Error(
        "a suite file needs an array of test cases; if it has another name, give that as the root.", CasesProperty);

    private sealed record Setting(string Name, JsonElement Value, FilePlace Place);
}
