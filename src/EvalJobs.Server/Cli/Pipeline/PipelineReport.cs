using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The result of <c>eval</c> or <c>gate</c> for a version.</summary>
internal sealed record PipelineReport
{
    /// <summary>The evaluated version, such as <c>bot 1.4.0</c>.</summary>
    public required string Title { get; init; }

    /// <summary>The verdict.</summary>
    public required PipelineVerdict Verdict { get; init; }

    /// <summary>Why, in a sentence or two.</summary>
    public required string Reason { get; init; }

    /// <summary>The requirements of the version, in order; empty when none are stored.</summary>
    public IReadOnlyList<RequirementLine> Requirements { get; init; } = [];

    /// <summary>The report of each suite.</summary>
    public required IReadOnlyList<SuiteReport> Suites { get; init; }

    /// <summary>The address of the server with the runs, for links; null when there is none.</summary>
    public string? ServerUrl { get; init; }

    /// <returns>The verdict on a run by its pass threshold, and the reason.</returns>
    public static (PipelineVerdict Verdict, string Reason) Decide(RunFigures run)
    {
        if (run.Status != RunStatus.Completed)
            return (PipelineVerdict.Undecided, $"The run is {StoredWord.Of(run.Status)}. {run.Error ?? "Nothing was decided."}");

        var verdict = PassRule.Decide(run.PassedCount, run.CaseCount, run.PassThreshold) == EvalStatus.Pass ? PipelineVerdict.Pass : PipelineVerdict.Fail;
        return (verdict, $"{run.PassedCount} of {run.CaseCount} cases passed ({CommandContext.Percent(run.PassRate)}); {CommandContext.Percent(run.PassThreshold)} is required.");
    }

    /// <returns>The report for programs.</returns>
    public object Json() => new
    {
        Title,
        Verdict,
        Reason,
        Requirements,
        suites = Suites.Select(suite => new
        {
            suite.Run,
            suite.Baseline,
            comparison = suite.Comparison is { } found ? new { found.SharedCount, found.NewlyFailingCount, found.NewlyPassingCount, found.P, found.Changed } : null,
            suite.NotPassed,
        }),
    };
}

/// <summary>One requirement, and what the evidence says about it.</summary>
/// <param name="Name">Such as <c>suite 'smoke' revision 3 (rate)</c>.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">Why.</param>
/// <param name="Passed">Passed answers over all looks.</param>
/// <param name="Cases">Answers over all looks.</param>
internal sealed record RequirementLine(string Name, GateVerdict Verdict, string Reason, long Passed, long Cases)
{
    /// <summary>Passed answers / answers; null without any.</summary>
    public double? Rate => Cases == 0 ? null : (double)Passed / Cases;

    /// <summary>95 % interval of the rate.</summary>
    public WilsonInterval Interval => WilsonInterval.Of(Passed, Cases);

    /// <returns>The line of a requirement.</returns>
    public static RequirementLine Of(RequirementStanding standing) =>
        new(standing.Requirement.Name, standing.Verdict, standing.Reason, standing.Whole.Passed, standing.Whole.Cases);
}
