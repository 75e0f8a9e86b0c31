using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The figures of one run for a pipeline.</summary>
internal sealed record RunFigures
{
    /// <summary>The evaluated version in the user's words: a genome's file or a version's label.</summary>
    public required string Name { get; init; }

    /// <summary>The run.</summary>
    public required long RunId { get; init; }

    /// <summary>The name of its suite.</summary>
    public required string SuiteName { get; init; }

    /// <inheritdoc cref="EvaluationRun.Status"/>
    public required RunStatus Status { get; init; }

    /// <inheritdoc cref="EvaluationRun.CaseCount"/>
    public required int CaseCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassedCount"/>
    public required int PassedCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.FailedCount"/>
    public required int FailedCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.ErroredCount"/>
    public required int ErroredCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.UnscoredCount"/>
    public required int UnscoredCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassThreshold"/>
    public required double PassThreshold { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassRate"/>
    public double? PassRate { get; init; }

    /// <summary>95 % interval of the pass rate; null for a run that did not complete.</summary>
    public WilsonInterval? Interval => Status == RunStatus.Completed ? WilsonInterval.Of(PassedCount, CaseCount) : null;

    /// <summary>Milliseconds within which 95 % of the cases were answered.</summary>
    public long? P95Ms { get; init; }

    /// <inheritdoc cref="EvaluationRun.InputTokens"/>
    public long? InputTokens { get; init; }

    /// <inheritdoc cref="EvaluationRun.OutputTokens"/>
    public long? OutputTokens { get; init; }

    /// <inheritdoc cref="EvaluationRun.Cost"/>
    public double? Cost { get; init; }

    /// <inheritdoc cref="EvaluationRun.Error"/>
    public string? Error { get; init; }

    /// <summary>Reads the figures of a run that has ended.</summary>
    /// <param name="runs">The repository of runs.</param>
    /// <param name="run">The run.</param>
    /// <param name="name">The evaluated version in the user's words.</param>
    /// <param name="suiteName">The name of its suite.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<RunFigures> ReadAsync(
        EvaluationRunRepository runs, EvaluationRun run, string name, string suiteName, CancellationToken cancellationToken) => new()
    {
        Name = name,
        RunId = run.Id,
        SuiteName = suiteName,
        Status = run.Status,
        CaseCount = run.CaseCount,
        PassedCount = run.PassedCount,
        FailedCount = run.FailedCount,
        ErroredCount = run.ErroredCount,
        UnscoredCount = run.UnscoredCount,
        PassThreshold = run.PassThreshold,
        PassRate = run.PassRate,
        P95Ms = run.Status == RunStatus.Completed ? await runs.FindDurationAsync(run.Id, run.CaseCount, 0.95, cancellationToken) : null,
        InputTokens = run.InputTokens,
        OutputTokens = run.OutputTokens,
        Cost = run.Cost,
        Error = run.Error,
    };
}
