using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>A file of cases on its way into a suite, as posted.</summary>
internal sealed record UploadForm
{
    /// <summary>Bytes of a file at most; larger ones go in by command.</summary>
    public const int LargestFile = 24 * 1024 * 1024;

    /// <summary>The tenant that owns the suite.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The suite that gets a next revision; null for a new one.</summary>
    public EvaluationSuite? Suite { get; init; }

    /// <summary>The revision the page was made from; 0 for a new suite.</summary>
    public required int BasedOn { get; init; }

    /// <summary>A new suite's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The scorer of cases that bring no scoring.</summary>
    public string Scorer { get; init; } = ScoringSpec.DefaultType;

    /// <summary>The scorers to choose from.</summary>
    public required IReadOnlyList<string> Scorers { get; init; }

    /// <summary>What is wrong.</summary>
    public FormErrors Errors { get; } = new();
}
