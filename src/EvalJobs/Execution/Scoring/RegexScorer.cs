using System.Text.Json;
using System.Text.RegularExpressions;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>regex</c>: 1 when a .NET regular expression matches anywhere in the reply, else 0; with <c>group</c>, 1 when that group of
/// the first match equals the expected output.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>pattern</c>: the expression; when absent, the expected output is the expression.</item>
/// <item><c>options</c>: any of <c>ignoreCase</c>, <c>multiline</c> (^ and $ at lines), <c>singleline</c> (. takes line ends too).</item>
/// <item><c>group</c>: a group's name or number. Needs <c>pattern</c> and an expected output; white space around both values is
/// dropped, and <c>ignoreCase</c> holds for the comparison too.</item>
/// <item><c>normalize</c>: what to make alike in the reply (and in the group's comparison) first; nothing by default, because a pattern may
/// ask for line ends. See <see cref="TextNormalization"/>.</item>
/// </list>
/// A search longer than 1 second leaves the case UNSCORED.
/// </remarks>
internal sealed class RegexScorer : IIsolatedScorer
{
    private static readonly Dictionary<string, RegexOptions> OptionNames = new(StringComparer.Ordinal)
    {
        ["ignoreCase"] = RegexOptions.IgnoreCase,
        ["multiline"] = RegexOptions.Multiline,
        ["singleline"] = RegexOptions.Singleline,
    };

    private static readonly ScorerDescription Described = new(
        "A .NET regular expression matches somewhere in the reply.",
        new ScorerSetting("pattern", ScorerSettingKind.LongText, "The expression.") { Default = "the expected output" },
        new ScorerSetting("options", ScorerSettingKind.Choices, "How the expression is read.") { Choices = [.. OptionNames.Keys] },
        new ScorerSetting("group", ScorerSettingKind.Text, "The name or number of a group of the first match, which must equal the expected output. Needs the pattern here."),
        TextNormalization.Described("none"));

    /// <inheritdoc/>
    public string Name => "regex";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    // What a tenant wrote is never run or parsed in the server.
    bool IIsolatedScorer.NeedsProcess(ScoringRequest request) => true;

    bool IIsolatedScorer.CheckNeedsProcess(ScoringSpec spec) => true;

    /// <inheritdoc/>
    public ScorerDescription Description => Described;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected) => _ = Settings.Read(spec, expected);

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var settings = Settings.Read(request.Spec, request.Expected);
        var match = settings.Pattern.First(settings.Normalization.Apply(request.Actual));
        if (!match.Success)
            return new(new Score(0, "The pattern does not match."));
        if (settings.Group is null)
            return new(Score.Right);

        var found = match.Groups[settings.Group].Value.Trim();
        return new(string.Equals(found, settings.Normalization.Apply(request.Expected!).Trim(), settings.Comparison)
            ? Score.Right
            : new Score(0, $"The group '{settings.Group}' contains '{Excerpt.Of(found)}'."));
    }

    private sealed record Settings(ScoringPattern Pattern, string? Group, StringComparison Comparison, TextNormalization Normalization)
    {
        public static Settings Read(ScoringSpec spec, string? expected)
        {
            var settings = new ScoringSettings(spec, Described);
            var pattern = settings.Text("pattern");
            var options = OptionsOf(settings);
            var group = GroupOf(settings);

            if (string.IsNullOrWhiteSpace(pattern ?? expected))
                throw new InvalidInputException("'regex' needs scoring.pattern, or the pattern as expected output.");
            if (group is not null && (pattern is null || expected is null))
                throw new InvalidInputException("scoring.group needs scoring.pattern and an expected output to compare the group with.");

            var compiled = pattern is null
                ? ScoringPattern.Of(expected!, "The expected output", options)
                : ScoringPattern.Of(pattern, "scoring.pattern", options);
            if (group is not null && !compiled.GroupNames.Contains(group, StringComparer.Ordinal))
                throw new InvalidInputException(
                    $"scoring.group ({group}) is not a group of the pattern; it has {string.Join(", ", compiled.GroupNames)}.");

            return new(compiled, group,
                options.HasFlag(RegexOptions.IgnoreCase) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal,
                TextNormalization.Read(settings, lineEnds: false));
        }

        private static RegexOptions OptionsOf(ScoringSettings settings)
        {
            var options = RegexOptions.None;
            foreach (var name in settings.Texts("options") ?? [])
            {
                if (!OptionNames.TryGetValue(name, out var option))
                    throw new InvalidInputException($"scoring.options ({name}) must be of {string.Join(", ", OptionNames.Keys)}.");
                options |= option;
            }
            return options;
        }

        private static string? GroupOf(ScoringSettings settings) =>
            settings.Json("group") is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : settings.Text("group");
    }
}
