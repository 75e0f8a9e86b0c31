using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>
/// How replies are judged, in a form: the scorer, the score to pass from, and the scorer's settings, in fields of its own or as JSON. The JSON is always
/// there, in a hidden field where fields are shown; it keeps what no field can show, so that switching between the two loses nothing.
/// </summary>
internal sealed partial record ScoringForm
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>The prefix of the names of its fields, such as <c>case.0.</c>; empty where a form has one alone.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The scorer's name.</summary>
    public string Scorer { get; init; } = ScoringSpec.DefaultType;

    /// <summary>Score from which it passes; blank means the scorer's own.</summary>
    public string Threshold { get; init; } = "";

    /// <summary>The scorer's settings, a JSON object; blank means none.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Whether the settings are written as JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>The texts of fields that could not be read; they are not in <see cref="Settings"/>.</summary>
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = Nothing;

    /// <summary>The view that a pressed button requests; nothing is stored: <c>scorer</c>, <c>json</c> or <c>fields</c>; empty when none was.</summary>
    public string RequestedView { get; init; } = "";

    /// <summary>Its content without its view; null when a field cannot be read.</summary>
    public ScoringForm? Stated => Unreadable.Count > 0 ? null : this with { IsJson = false, RequestedView = "", Unreadable = Nothing };

    /// <summary>What a stored scoring object says.</summary>
    public static ScoringForm Of(string scoring, string prefix)
    {
        var settings = JsonNode.Parse(scoring)!.AsObject();
        var threshold = settings["threshold"]?.ToJsonString() ?? "";
        var scorer = settings["type"]!.GetValue<string>();
        settings.Remove("type");
        settings.Remove("threshold");
        return new ScoringForm { Prefix = prefix, Scorer = scorer, Threshold = threshold, Settings = Text(settings) };
    }

    /// <summary>What was posted.</summary>
    public static ScoringForm Read(IFormCollection form, string prefix, ScorerRegistry scorers)
    {
        string Value(string part, string fallback = "") => form.TryGetValue(prefix + part, out var value) ? FormText.Lines(value) : fallback;
        var read = new ScoringForm
        {
            Prefix = prefix,
            Scorer = Value("scorer", ScoringSpec.DefaultType),
            Threshold = Value("threshold").Trim(),
            Settings = Value("settings"),
            IsJson = Value("as", form.ContainsKey(prefix + "settings") ? "json" : "fields") == "json",
            RequestedView = Value("view"),
        };
        return !read.IsJson && scorers.Describe(Value("fieldsOf")) is { } shown ? read.WithFields(form, shown) : read;
    }

    /// <summary>Does what <see cref="RequestedView"/> requests, unless something would be lost, which is an error.</summary>
    public ScoringForm WithRequestedView(ScorerRegistry scorers, FormErrors errors)
    {
        switch (RequestedView)
        {
            case "json" when Fields(scorers) is { } fields && Unreadable.Count > 0:
                foreach (var setting in fields.Settings.Where(setting => Unreadable.ContainsKey(setting.Name)))
                    errors.Add(SettingField(setting.Name), SettingText.Problem(setting, Unreadable[setting.Name]));
                return this;
            case "json":
                return this with { IsJson = true };
            case "fields" when Parse(out var error) is null:
                errors.Add(Field("settings"), error);
                return this;
            case "fields":
                return this with { IsJson = false };
            default:
                return this;
        }
    }

    /// <returns>The name of one of its fields.</returns>
    public string Field(string part) => Prefix + part;

    /// <returns>The name of a setting's field.</returns>
    public string SettingField(string setting) => $"{Prefix}set.{setting}";

    /// <summary>The fields for the settings by the scorer's description; null for JSON.</summary>
    public ScorerDescription? Fields(ScorerRegistry scorers) => IsJson ? null : scorers.Describe(Scorer);

    /// <returns>What a setting's field shows; null when no field can show the value, which stays as it is.</returns>
    public string? FieldText(ScorerSetting setting) => FieldText(setting, Parse(out _));

    /// <returns>The settings that have fields, with what those show. Reads <see cref="Settings"/> once for all of them: they may be long.</returns>
    public IReadOnlyList<(ScorerSetting Setting, string Text)> FieldTexts(ScorerDescription description)
    {
        var settings = Parse(out _);
        return [.. description.Settings.Select(setting => (setting, Text: FieldText(setting, settings)!)).Where(each => each.Text is not null)];
    }

    /// <returns>The names of settings that no field shows: unknown to the scorer, or with a value that a field would change.</returns>
    public IReadOnlyList<string> Hidden(ScorerDescription description) =>
        Parse(out _) is { } settings ? [.. settings.Select(each => each.Key).Where(name => description.Find(name) is not { } setting || FieldText(setting, settings) is null)] : [];

    /// <returns>The scoring; null when something is wrong, which is shown next to its field.</returns>
    /// <param name="expected">The expected output of the case; null when it has none.</param>
    /// <param name="scorers">Check the scoring.</param>
    /// <param name="errors">Receives the errors.</param>
    /// <param name="checkCase">Whether the scorer checks the settings together with the expected output: false if they are for many cases.</param>
    public ScoringSpec? ToScoring(string? expected, ScorerRegistry scorers, FormErrors errors, bool checkCase = true)
    {
        var before = errors.All.Count;
        if (!scorers.Contains(Scorer))
            errors.Add(Field("scorer"), $"There is no scorer of that name; choose one of {string.Join(", ", scorers.Names)}.");

        var threshold = 0.0;
        if (Threshold.Length > 0
            && (!double.TryParse(Threshold, NumberStyles.Float, CultureInfo.InvariantCulture, out threshold) || threshold is not (>= 0 and <= 1)))
        {
            errors.Add(Field("threshold"), $"The score to pass from is a number from 0 to 1. Leave it blank for the scorer's default.{NumberHint.For(Threshold, isShare: true)}");
            threshold = 0;
        }

        // The settings are checked even if the threshold is wrong, so that all errors are shown at once.
        if (ReadSettings(errors) is not { } scoring || !scorers.Contains(Scorer))
            return null;
        if (Fields(scorers) is { } fields)
        {
            foreach (var name in OfOthers(scorers, fields))
                scoring.Remove(name);
            if (!CheckFields(fields, scoring, errors))
                return null;
        }

        scoring["type"] = Scorer;
        if (Threshold.Length > 0)
            scoring["threshold"] = threshold;
        return Check(scoring, expected, scorers, errors, checkCase) is { } spec && errors.All.Count == before ? spec : null;
    }

    /// <returns>The settings of other scorers, left over from before this one was chosen: they are not stored.</returns>
    public IReadOnlyList<string> OfOthers(ScorerRegistry scorers, ScorerDescription description) =>
        [.. Hidden(description).Where(name => description.Find(name) is null && scorers.Names.Any(other => scorers.Describe(other)?.Find(name) is not null))];

    private string? FieldText(ScorerSetting setting, JsonObject? settings) =>
        Unreadable.TryGetValue(setting.Name, out var typed) ? typed
        : settings is null || !settings.TryGetPropertyValue(setting.Name, out var value) ? ""
        : SettingText.Show(setting, value);

    private ScoringForm WithFields(IFormCollection form, ScorerDescription shown)
    {
        // The JSON of the hidden field, as the form contained it.
        if (Parse(out _) is not { } settings)
            return this;
        var unreadable = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in shown.Settings)
        {
            var current = settings.TryGetPropertyValue(setting.Name, out var value) ? SettingText.Show(setting, value) : "";
            var typed = SettingText.Typed(setting, form[SettingField(setting.Name)]);

            // Unchanged settings stay exactly the same.
            if (current is null || typed == FormText.Lines(current))
                continue;
            if (SettingText.TryRead(setting, typed, out var read))
                Set(settings, setting.Name, read);
            else
                unreadable[setting.Name] = typed;
        }

        return this with { Settings = Text(settings), Unreadable = unreadable.Count == 0 ? Nothing : unreadable };
    }

    private static void Set(JsonObject settings, string name, JsonNode? value)
    {
        settings.Remove(name);
        if (value is not null)
            settings[name] = value;
    }

    private bool CheckFields(ScorerDescription fields, JsonObject scoring, FormErrors errors)
    {
        var before = errors.All.Count;
        foreach (var setting in fields.Settings)
        {
            if (Unreadable.TryGetValue(setting.Name, out var typed))
                errors.Add(SettingField(setting.Name), SettingText.Problem(setting, typed));
            else if (setting.IsRequired && !scoring.ContainsKey(setting.Name))
                errors.Add(SettingField(setting.Name), $"This setting is required: {setting.Help}");
        }

        return errors.All.Count == before;
    }

    private ScoringSpec? Check(JsonObject scoring, string? expected, ScorerRegistry scorers, FormErrors errors, bool checkCase)
    {
        try
        {
            var spec = ScoringSpec.Parse(scoring.ToJsonString(Json));
            if (checkCase)
                scorers.Validate(spec, expected);
            return spec;
        }
        catch (InvalidInputException error)
        {
            errors.Add(PlaceOf(error.Message, scorers), error.Message);
            return null;
        }
    }

    // A scorer's message about a setting begins with the setting.
    private string PlaceOf(string message, ScorerRegistry scorers)
    {
        if (Fields(scorers) is not { } fields)
            return Field("settings");
        var named = SettingName().Match(message);
        return named.Success && fields.Find(named.Groups["name"].Value) is { } setting && FieldText(setting) is not null ? SettingField(setting.Name) : Field("scorer");
    }

    private JsonObject? ReadSettings(FormErrors errors)
    {
        if (Parse(out var error) is not { } settings)
        {
            errors.Add(Field("settings"), error);
            return null;
        }

        if (!settings.ContainsKey("type") && !settings.ContainsKey("threshold"))
            return settings;
        errors.Add(Field("settings"), "The scorer and the score to pass from have their own fields. Leave 'type' and 'threshold' out here.");
        return null;
    }

    private JsonObject? Parse(out string error)
    {
        error = "";
        if (string.IsNullOrWhiteSpace(Settings))
            return [];
        try
        {
            // Canonical JSON first, because it rejects duplicate keys and invalid text.
            if (JsonNode.Parse(CanonicalJson.Of(Settings)) is JsonObject settings)
                return settings;
            error = "The settings are a JSON object, such as { \"tolerance\": 0.01 }.";
        }
        catch (InvalidInputException wrong)
        {
            error = $"The settings are not a JSON object. {wrong.Message}";
        }

        return null;
    }

    private static string Text(JsonObject settings) => settings.Count == 0 ? "" : CanonicalJson.Of(settings.ToJsonString(Json));

    [GeneratedRegex(@"^scoring\.(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SettingName();
}

/// <summary>What the fields of a scoring show.</summary>
/// <param name="Form">The scoring.</param>
/// <param name="Scorers">The scorers to choose from, which describe their settings.</param>
internal sealed record ScoringFieldsModel(ScoringForm Form, ScorerRegistry Scorers);
