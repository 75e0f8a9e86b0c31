using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>
/// Reads a promptfoo configuration, or a list of its tests, in YAML or JSON (which is YAML). A test becomes a case: its input is the prompt with
/// the test's vars, its scoring the assertions. Providers are no part of a suite, because the genome says which model is called.
/// </summary>
internal sealed class PromptfooFile
{
    // A default assertion may be part of every case, so the result may be larger than the file, but it has a limit.
    private const long MaxWritten = 10L * ImportLimits.MaxYamlBytes;

    private readonly YamlValue _root;
    private readonly ConversionOptions _options;
    private readonly FilePlace _file;

    private PromptfooFile(YamlValue root, ConversionOptions options, FilePlace file)
    {
        _root = root;
        _options = options;
        _file = file;
    }

    /// <summary>Reads the whole file, at most <see cref="ImportLimits.MaxYamlBytes"/>.</summary>
    /// <exception cref="InvalidInputException">Not YAML or JSON, no tests, or more text than is allowed.</exception>
    public static async IAsyncEnumerable<CaseRecord> ReadAsync(
        ImportStream stream, FilePlace file, ConversionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var root = await YamlValue.ReadAsync(stream, file, ImportLimits.MaxYamlBytes, cancellationToken) ?? throw file.Error("the file is empty.");
        var paths = new Dictionary<string, JsonPath>(StringComparer.Ordinal);
        var written = 0L;
        foreach (var (place, converted) in new PromptfooFile(root, options, file).Cases())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var element = ConvertedRecords.ToElement(converted);
            written += element.GetRawText().Length;
            if (written > MaxWritten)
                throw place.Error($"with its vars and default assertions filled in the file is larger than {MaxWritten / (1024 * 1024)} MiB.");
            yield return new JsonCaseRecord(place, element, paths);
        }
    }

    private IEnumerable<(FilePlace Place, JsonObject Case)> Cases()
    {
        var defaults = _root.Kind == YamlKind.Mapping ? _root.Property("defaultTest") : null;
        if (_root.Kind == YamlKind.Mapping)
            CheckTop();

        var template = Prompt();
        var budget = new YamlBudget(ImportLimits.MaxYamlBytes);
        var converter = new PromptfooTest(_options, template, defaults);
        var number = 0;
        foreach (var test in Tests())
        {
            // Limits the expansion of aliases before the test is converted.
            test.ToJson(budget);
            foreach (var converted in Convert(converter, test, ++number))
                yield return (test.Place, converted);
        }
    }

    private List<JsonObject> Convert(PromptfooTest converter, YamlValue test, int number)
    {
        try
        {
            return converter.Convert(test, $"test-{number}");
        }
        catch (UnsupportedCaseException error)
        {
            _options.Report.LeaveOut(test.Place, $"test-{number}", error.Message, error.Remedy);
            return [];
        }
    }

    private IReadOnlyList<YamlValue> Tests()
    {
        var tests = _root.Kind == YamlKind.Sequence ? _root : _root.Property("tests") ?? throw _file.Error("the file has no 'tests'.");
        return tests.Kind == YamlKind.Sequence
            ? tests.Items
            : throw tests.Place.Error("the tests are in another file, or are made by a program; import the file that contains them.", "tests");
    }

    /// <summary>Other fields next to the tests belong to the genome, are reported in a note, or are an error.</summary>
    private void CheckTop()
    {
        foreach (var (name, value) in _root.Properties)
        {
            if (name is "scenarios" or "redteam")
                throw value.Place.Error("cannot be converted; write its tests out as 'tests'.", name);
            if (name is "providers" or "targets")
                _options.Report.AddNote("Providers are left to the genome of each agent version.");
            else if (name is not ("tests" or "prompts" or "defaultTest" or "$schema"))
                _options.Report.AddNote($"'{name}' of the file is not kept.");
        }
    }

    /// <returns>The template of the inputs; null when the input is only the vars.</returns>
    private string? Prompt()
    {
        var prompts = _root.Kind == YamlKind.Mapping ? _root.Property("prompts") : null;
        IReadOnlyList<YamlValue> all = prompts is null ? [] : prompts.Kind == YamlKind.Sequence ? prompts.Items : [prompts];
        if (_options.Prompt == 0 || (all.Count == 0 && _options.Prompt is null))
            return null;
        if (_options.Prompt is null && all.Count > 1)
            throw prompts!.Place.Error($"the file has {all.Count} prompts, and a suite asks one: choose one, 1 to {all.Count}, or 0 for the vars alone (each prompt then belongs in a genome).", "prompts", remedy: new(RemedyKind.ChoosePrompt));
        if (_options.Prompt > all.Count)
            throw _file.Error($"prompt {_options.Prompt}: the file has {all.Count} prompts.", remedy: new(RemedyKind.ChoosePrompt));

        var chosen = all[(_options.Prompt ?? 1) - 1];
        var text = chosen.Kind == YamlKind.Mapping ? chosen.Property("raw") : chosen;
        if (text is not { Kind: YamlKind.String } || text.Text.StartsWith("file://", StringComparison.Ordinal))
            throw chosen.Place.Error("the prompt's text is not in this file: write it here, or take the vars alone, as prompt 0.", "prompts", remedy: new(RemedyKind.ChoosePrompt));
        return text.Text;
    }
}
