using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;

namespace EvalJobs.Server.Cli;

/// <summary>The options for reading a file of test cases, for every command that reads one.</summary>
internal sealed class CaseFileOptions
{
    private readonly Option<string?> _root = new("--root") { Description = "Path of the array of cases inside a JSON or YAML file." };
    private readonly Option<string?> _input = new("--input") { Description = "Field that contains the question, such as question or a.b[0]." };
    private readonly Option<string?> _expected = new("--expected") { Description = "Field that contains the right answer." };
    private readonly Option<string?> _key = new("--key") { Description = "Field that names the case." };
    private readonly Option<string?> _title = new("--title") { Description = "Field that contains the case's title." };
    private readonly Option<string?> _weight = new("--weight") { Description = "Field that contains the case's weight." };
    private readonly Option<string?> _scoringField = new("--scoring-field") { Description = "Field that contains the case's own scoring." };
    private readonly Option<string?> _caseTags = new("--case-tags") { Description = "Field that contains the case's tags." };
    private readonly Option<string?> _mustPass = new("--must-pass") { Description = "Field that says whether the case has to pass." };
    private readonly Option<string?> _scoring = new("--scoring") { Description = "Scoring of cases without their own: a name such as contains, or a JSON object." };
    private readonly Option<double?> _threshold = new("--threshold")
    {
        CustomParser = ReadThreshold,
        Description = "Pass rate from which a version passes, 0 to 1. Default 0.8, or the suite's present one.",
    };

    private readonly Option<string?> _separator = new("--separator") { Description = $"CSV: the separator between the columns: {string.Join(", ", CsvForm.Names)}, or the character. Default: found by the first line." };
    private readonly Option<bool> _noHeader = new("--no-header") { Description = "CSV: the first row is a case. The columns are then called 1, 2, 3 and so on; the first is the input, the second the expected output." };
    private readonly Option<string?> _format = new("--format") { Description = $"Tool whose format the file has: {SuiteFormats.Names}. Default: recognised by its content." };
    private readonly Option<bool> _skipUnsupported = new("--skip-unsupported") { Description = "Leave out, and list, what cannot be converted from another tool's file; otherwise the file is rejected." };
    private readonly Option<string?> _judge = new("--judge") { Description = "Settings of llm_judge for cases of another tool's file that a model judges, as a JSON object." };
    private readonly Option<FileInfo?> _criteria = new("--criteria") { Description = "JSON file of the OpenAI eval whose testing criteria judge the items.", HelpName = "file" };
    private readonly Option<int?> _prompt = new("--prompt") { Description = "Which prompt of a promptfoo file makes the questions, from 1; 0 takes the vars alone.", HelpName = "number" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_root, _input, _expected, _key, _title, _weight, _scoringField, _caseTags, _mustPass, _scoring, _threshold,
                     _separator, _noHeader, _format, _skipUnsupported, _judge, _criteria, _prompt])
            command.Add(option);
    }

    /// <returns>The file to import, with the values of these options.</returns>
    /// <param name="parsed">The command line.</param>
    /// <param name="context">Gives access to the scorers.</param>
    /// <param name="file">The file.</param>
    /// <param name="tenantId">The tenant that owns the suite.</param>
    /// <exception cref="InvalidInputException">An option is not acceptable; the message names it.</exception>
    public SuiteImport Read(ParseResult parsed, CommandContext context, FileInfo file, long tenantId) => Directory.Exists(file.FullName)
        ? throw new InvalidInputException($"'{file.FullName}' is a folder; expected a file of test cases.")
        : new()
    {
        TenantId = tenantId,
        FileName = file.Name,
        Open = SuiteImport.FileOpener(file.FullName),
        PassThreshold = parsed.GetValue(_threshold),
        Root = parsed.GetValue(_root),
        Mapping = Mapping(parsed),
        Csv = Csv(parsed),
        DefaultScoring = parsed.GetValue(_scoring) is { } scoring ? DefaultScoring(context, scoring) : null,
        Conversion = new ConversionOptions
        {
            Format = parsed.GetValue(_format) is { } format ? Format(format) : null,
            SkipUnsupported = parsed.GetValue(_skipUnsupported),
            Judge = parsed.GetValue(_judge) is { } judge ? ReadObject(judge, _judge.Name) : null,
            Criteria = parsed.GetValue(_criteria) is { } criteria ? ReadObject(ReadText(criteria), $"{_criteria.Name} {criteria.Name}") : null,
            Prompt = parsed.GetValue(_prompt) is { } prompt ? prompt >= 0 ? prompt : throw new InvalidInputException($"--prompt {prompt}: expected 0 or more.") : null,
        },
    };

    private CsvForm? Csv(ParseResult parsed)
    {
        var (separator, noHeader) = (parsed.GetValue(_separator), parsed.GetValue(_noHeader));
        try
        {
            return separator is null && !noHeader ? null : new CsvForm { Separator = separator is null ? null : CsvForm.ParseSeparator(separator), HasHeader = !noHeader };
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"{_separator.Name}: {error.Message}", error);
        }
    }

    private static SuiteFormat Format(string name)
    {
        try
        {
            return SuiteFormats.Parse(name);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"--format: {error.Message}", error);
        }
    }

    private static JsonElement ReadObject(string text, string name)
    {
        try
        {
            var value = JsonElement.Parse(text);
            return value.ValueKind == JsonValueKind.Object ? value : throw new InvalidInputException($"{name}: expected a JSON object.");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"{name}: {JsonErrorText.Of(text)}.", error);
        }
    }

    private static string ReadText(FileInfo file)
    {
        if (Directory.Exists(file.FullName))
            throw new InvalidInputException($"'{file.FullName}' is a folder; expected a JSON file.");
        if (!file.Exists)
            throw new NotFoundException($"There is no file '{file.FullName}'.");
        return file.Length <= ImportLimits.MaxGenomeBytes ? File.ReadAllText(file.FullName) : throw new InvalidInputException($"{file.Name}: the eval is larger than 1 MiB.");
    }

    /// <summary>Without a mapping the usual names are searched. With a mapping, only the named fields are read.</summary>
    private FieldMapping? Mapping(ParseResult parsed)
    {
        Option<string?>[] fields = [_input, _expected, _key, _title, _weight, _scoringField, _caseTags, _mustPass];
        if (Array.TrueForAll(fields, field => parsed.GetValue(field) is null))
            return null;

        return new FieldMapping
        {
            Input = parsed.GetValue(_input) ?? throw new InvalidInputException("A field mapping needs --input, the field that contains the question."),
            Expected = parsed.GetValue(_expected),
            Key = parsed.GetValue(_key),
            Name = parsed.GetValue(_title),
            Weight = parsed.GetValue(_weight),
            Scoring = parsed.GetValue(_scoringField),
            Tags = parsed.GetValue(_caseTags),
            MustPass = parsed.GetValue(_mustPass),
        };
    }

    private static double? ReadThreshold(ArgumentResult result)
    {
        // The library would read 0,1 as 1, because it treats a comma as a separator of thousands.
        var text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var threshold))
            return threshold;
        result.AddError($"--threshold '{text}': expected a number from 0 to 1 with a decimal point, such as 0.8.");
        return null;
    }

    /// <summary>An unknown scorer is rejected even if every case has its own scoring.</summary>
    private static ScoringSpec DefaultScoring(CommandContext context, string text)
    {
        try
        {
            var spec = ScoringSpec.Parse(text);
            context.Get<ScorerRegistry>().Find(spec.Type);
            return spec;
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"--scoring: {error.Message}", error);
        }
    }
}
