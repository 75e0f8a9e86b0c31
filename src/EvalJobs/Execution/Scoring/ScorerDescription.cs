namespace EvalJobs.Execution.Scoring;

/// <summary>The description of a scorer, from which forms make fields. The scorers of EvalJobs reject other settings.</summary>
/// <param name="Summary">One sentence on what the scorer does, for people who choose one.</param>
/// <param name="Settings">Its settings besides <c>type</c> and <c>threshold</c>, in the order in which people should see them.</param>
public sealed record ScorerDescription(string Summary, params IReadOnlyList<ScorerSetting> Settings)
{
    /// <summary>The names of the settings.</summary>
    internal IEnumerable<string> Names => Settings.Select(setting => setting.Name);

    /// <returns>The setting of that name; null when the scorer has none.</returns>
    /// <param name="name">Such as <c>tolerance</c>.</param>
    public ScorerSetting? Find(string name) => Settings.FirstOrDefault(setting => setting.Name == name);
}

/// <summary>One setting of a scorer.</summary>
/// <param name="Name">Its key in the scoring object, such as <c>tolerance</c>.</param>
/// <param name="Kind">The kind of its value.</param>
/// <param name="Help">What it means, in one or two sentences.</param>
public sealed record ScorerSetting(string Name, ScorerSettingKind Kind, string Help)
{
    /// <summary>The default in words, such as <c>0</c>; null when there is none to describe.</summary>
    public string? Default { get; init; }

    /// <summary>The smallest number allowed; null when there is no bound.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest number allowed; null when there is no bound.</summary>
    public double? Maximum { get; init; }

    /// <summary>The words to choose from, for <see cref="ScorerSettingKind.Choice"/> and <see cref="ScorerSettingKind.Choices"/>.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Whether the setting is required.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>The kind of value of a scorer's setting.</summary>
public enum ScorerSettingKind
{
    /// <summary>A text of one line.</summary>
    Text,

    /// <summary>A text of several lines, such as a script.</summary>
    LongText,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One of several words.</summary>
    Choice,

    /// <summary>One or more of several words: a text or a list of texts.</summary>
    Choices,

    /// <summary>One or more texts of one line each: a text or a list of texts.</summary>
    Texts,

    /// <summary>Any JSON value, such as a schema.</summary>
    Json,
}
