using System.Globalization;
using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>A file of cases on its way into a suite: which file, and how it is to be read.</summary>
internal sealed record UploadForm
{
    /// <summary>Bytes of a file at most.</summary>
    public const int LargestFile = 24 * 1024 * 1024;

    /// <summary>The choice of another separator.</summary>
    public const string OwnSeparator = "own";

    /// <summary>The query value with the id of the stored file.</summary>
    public const string UploadIdField = "file";

    /// <summary>The tenant that owns the suite.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The suite that gets a next revision; null for a new one.</summary>
    public EvaluationSuite? Suite { get; init; }

    /// <summary>The revision the page was made from; 0 for a new suite.</summary>
    public required int BasedOn { get; init; }

    /// <summary>A new suite's name; blank takes the file's.</summary>
    public string Name { get; init; } = "";

    /// <summary>The id of the stored file; blank when none is stored.</summary>
    public string UploadId { get; init; } = "";

    /// <summary>The kept file's name.</summary>
    public string FileName { get; init; } = "";

    /// <summary>The kept file's length in bytes.</summary>
    public long FileLength { get; init; }

    /// <summary>CSV: the name of the separator, <see cref="OwnSeparator"/>, or blank to detect it.</summary>
    public string Separator { get; init; } = "";

    /// <summary>CSV: the separator character, if it is another one.</summary>
    public string SeparatorCharacter { get; init; } = "";

    /// <summary>CSV: whether the first row names the columns.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>JSON and YAML: where the list of cases is; blank where the file says it.</summary>
    public string Root { get; init; } = "";

    /// <summary>The tool whose format the file has; blank to detect it.</summary>
    public string Format { get; init; } = "";

    /// <summary>Another tool's file: whether cases that cannot be converted are left out.</summary>
    public bool SkipUnsupported { get; init; }

    /// <summary>promptfoo: the number of the prompt; blank takes the only one.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Another tool's file: settings of the model that judges, a JSON object.</summary>
    public string Judge { get; init; } = "";

    /// <summary>OpenAI Evals: the eval with the testing criteria, a JSON object.</summary>
    public string Criteria { get; init; } = "";

    /// <summary>Which field holds which part of a case, by the part's name; those not named are blank.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The fields as detected by their names and shown on the page; blank when the person had chosen them.</summary>
    public string Found { get; init; } = "";

    /// <summary>The scoring of cases without their own.</summary>
    public ScoringForm Scoring { get; init; } = new();

    /// <summary>What the file holds; null before the preview.</summary>
    public FilePreview? Preview { get; init; }

    /// <summary>What is wrong.</summary>
    public FormErrors Errors { get; } = new();

    /// <summary>The form's dashboard path.</summary>
    public string Path => Suite is { } suite ? $"/evaluations/suites/{suite.Id}/upload" : $"/evaluations/suites/upload?tenant={Tenant.Slug}";

    /// <summary>The dashboard path of the preview of the kept file.</summary>
    public string PreviewPath => $"{Path}{(Suite is null ? '&' : '?')}{UploadIdField}={UploadId}";

    /// <summary>Whether a person chose which field is which part.</summary>
    public bool IsMapped => Fields.Values.Any(each => each.Length > 0) && Found != Joined(Fields);

    /// <summary>Whether the file is a table.</summary>
    public bool IsTable => FileName.Length > 0 && ImportFormats.Find(FileName) == ImportFormat.Csv;

    /// <summary>Whether the file is of another tool.</summary>
    public bool IsOfAnotherTool => Preview is { Conversion.Format: not SuiteFormat.EvalJobs };

    /// <returns>What was posted.</returns>
    public static UploadForm Read(IFormCollection form, Tenant tenant, EvaluationSuite? suite, ScorerRegistry scorers) => new()
    {
        Tenant = tenant,
        Suite = suite,
        BasedOn = FormText.Number(form["basedOn"]),
        Name = suite?.Name ?? FormText.Line(form["name"]).Trim(),
        UploadId = form["kept"].ToString(),
        FileName = FormText.Line(form["fileName"]),
        Separator = form["separator"].ToString(),
        SeparatorCharacter = FormText.Line(form["separatorCharacter"]),
        HasHeader = form["header"] != "no",
        Root = FormText.Line(form["root"]).Trim(),
        Format = form["format"].ToString(),
        SkipUnsupported = form.ContainsKey("skip"),
        Prompt = FormText.Line(form["prompt"]).Trim(),
        Judge = FormText.Lines(form["judge"]).Trim(),
        Criteria = FormText.Lines(form["criteria"]).Trim(),
        Fields = CaseField.All.ToDictionary(part => part.Role, part => FormText.Lines(form[FieldOf(part)]), StringComparer.Ordinal),
        Found = FormText.Lines(form["found"]),
        Scoring = ScoringForm.Read(form, "", scorers),
    };

    /// <returns>The name of the field that says which field of the file is a part of a case.</returns>
    public static string FieldOf(CaseField part) => $"map.{part.Role.Replace(' ', '-')}";

    /// <returns>What a mapping says, as one text.</returns>
    public static string Joined(IReadOnlyDictionary<string, string> fields) => string.Join('\n', CaseField.All.Select(part => fields.GetValueOrDefault(part.Role, "")));

    /// <returns>The form with what a preview found, filled in where nothing was chosen.</returns>
    public UploadForm With(FilePreview preview)
    {
        if (IsMapped)
            return this with { Preview = preview, Found = "" };
        var fields = CaseField.All.ToDictionary(part => part.Role, part => ColumnOf(preview, preview.Findings.Taken.GetValueOrDefault(part, "")), StringComparer.Ordinal);
        return this with { Preview = preview, Fields = fields, Found = Joined(fields) };
    }

    // A column is found in upper or lower case.
    private static string ColumnOf(FilePreview preview, string taken) =>
        preview.Findings.Separator is null || preview.Findings.Fields.Contains(taken, StringComparer.Ordinal)
            ? taken
            : preview.Findings.Fields.FirstOrDefault(column => column.Equals(taken, StringComparison.OrdinalIgnoreCase), taken);

    /// <summary>Creates the import, and adds its errors.</summary>
    /// <returns>The import; null when something is wrong with what was chosen.</returns>
    public SuiteImport? ToImport(Func<Stream> open, ScorerRegistry scorers)
    {
        var isOfAnotherTool = Format.Length > 0 && Format != SuiteFormats.NameOf(SuiteFormat.EvalJobs);
        var (csv, mapping, conversion) = (ToCsv(), isOfAnotherTool ? null : ToMapping(), ToConversion());
        var scoring = Scoring.ToScoring(null, scorers, Errors, checkCase: false);
        return Errors.All.Count > 0 ? null : new SuiteImport
        {
            TenantId = Tenant.Id,
            FileName = FileName,
            Open = open,
            Name = Suite?.Name ?? (Name.Length > 0 ? Name : null),
            BasedOn = BasedOn,
            Root = !IsTable && Root.Length > 0 ? Root : null,
            Mapping = mapping,
            Csv = csv,
            Conversion = conversion,
            DefaultScoring = IsDefaultScoring ? null : scoring,
        };
    }

    // If no scorer is chosen, a converter of another tool's file chooses the scorers.
    private bool IsDefaultScoring => Scoring is { Scorer: ScoringSpec.DefaultType, Threshold: "", Settings: "" };

    private CsvForm? ToCsv()
    {
        if (!IsTable)
            return null;
        try
        {
            var separator = Separator == OwnSeparator ? SeparatorCharacter : Separator;
            return new CsvForm { HasHeader = HasHeader, Separator = Separator.Length == 0 ? null : CsvForm.ParseSeparator(separator) };
        }
        catch (InvalidInputException error)
        {
            Errors.Add("separator", error.Message);
            return null;
        }
    }

    private FieldMapping? ToMapping()
    {
        if (!IsMapped)
            return null;
        string? Of(CaseField part) => Fields.GetValueOrDefault(part.Role) is { Length: > 0 } field ? field : null;
        if (Of(CaseField.Input) is not { } input)
        {
            Errors.Add(FieldOf(CaseField.Input), "Every case needs an input: choose the field that contains it.");
            return null;
        }

        return new FieldMapping
        {
            Input = input,
            Expected = Of(CaseField.Expected),
            Key = Of(CaseField.Key),
            Name = Of(CaseField.Name),
            Weight = Of(CaseField.Weight),
            Scoring = Of(CaseField.Scoring),
            Tags = Of(CaseField.Tags),
            MustPass = Of(CaseField.MustPass),
        };
    }

    private ConversionOptions ToConversion()
    {
        int? prompt = int.TryParse(Prompt, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (Prompt.Length > 0 && prompt is null)
            Errors.Add("prompt", "A prompt's number is 1, 2 and so on, or 0 for the vars alone.");
        return new ConversionOptions
        {
            Format = ToFormat(),
            SkipUnsupported = SkipUnsupported,
            Prompt = prompt,
            Judge = ToObject("judge", Judge),
            Criteria = ToObject("criteria", Criteria),
        };
    }

    private SuiteFormat? ToFormat()
    {
        try
        {
            return Format.Length == 0 ? null : SuiteFormats.Parse(Format);
        }
        catch (InvalidInputException error)
        {
            Errors.Add("format", error.Message);
            return null;
        }
    }

    private JsonElement? ToObject(string field, string text)
    {
        if (text.Length == 0)
            return null;
        try
        {
            if (JsonElement.Parse(text) is { ValueKind: JsonValueKind.Object } value)
                return value;
        }
        catch (JsonException)
        {
            // The error is added below.
        }

        Errors.Add(field, "Expected a JSON object, such as { \"model\": \"small-1\" }. Strings and keys are written in double quotes.");
        return null;
    }
}
