namespace EvalJobs.Domain;

/// <summary>The settings of a suite.</summary>
public sealed record SuiteDraft
{
    internal const int MaxNameLength = 200;

    /// <summary>Unique per tenant; 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The revision the change was made from, 0 for a suite that must not exist yet; null for any revision.</summary>
    public int? BasedOn { get; init; }

    /// <summary>What the suite is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>Pass rate from which a version passes, 0..1.</summary>
    public double PassThreshold { get; init; } = PassRule.DefaultThreshold;

    /// <summary>Whether versions entering TESTING are evaluated with it.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Tags for finding suites: each 1 to 100 characters, no comma, no white space at its ends.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <returns>What is wrong with a suite's name; null when nothing is.</returns>
    /// <remarks>For SQL Server 'a' and 'a ' are the same name, for the program they are two. So names have no white space at their ends.</remarks>
    public static string? NameError(string name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Trim() != name
            ? $"A suite's name is 1 to {MaxNameLength} characters, without white space at its ends."
            : NameText.Problem(name) is { } problem ? $"A suite's name {problem}." : null;

    /// <returns>What is wrong with a pass threshold; null when nothing is.</returns>
    public static string? PassThresholdError(double threshold) =>
        threshold is >= 0 and <= 1 ? null : $"The pass threshold ({threshold}) must be from 0 to 1; 0.8 means that 80 % of the cases must pass.";

    /// <returns>What is wrong with the tags; null when nothing is. Tags that the stored suite already has may stay.</returns>
    internal string? TagsError(IEnumerable<string> stored) =>
        Tags.Except(stored, StringComparer.Ordinal).Select(CaseTags.Problem).FirstOrDefault(problem => problem is not null) is { } problem ? $"{char.ToUpperInvariant(problem[0])}{problem[1..]}" : null;

    /// <exception cref="InvalidInputException">A new tag is not allowed.</exception>
    internal void ValidateTags(IEnumerable<string> stored)
    {
        if (TagsError(stored) is { } tags)
            throw new InvalidInputException(tags) { Field = "tags" };
    }

    /// <exception cref="InvalidInputException">The name or the threshold is out of range.</exception>
    public void Validate()
    {
        if (NameError(Name) is { } name)
            throw new InvalidInputException(name) { Field = "name" };
        if (PassThresholdError(PassThreshold) is { } threshold)
            throw new InvalidInputException(threshold) { Field = "passThreshold" };
    }
}
