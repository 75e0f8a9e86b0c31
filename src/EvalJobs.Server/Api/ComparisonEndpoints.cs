using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary><c>/comparisons</c>: several runs of one suite against a baseline run, case by case.</summary>
internal static class ComparisonEndpoints
{
    private const int MaxRuns = 20;
    private const int MaxCases = 500;

    public static void MapComparisons(this IEndpointRouteBuilder api)
    {
        api.MapGet("/comparisons", CompareAsync).Reads<Comparison>("compareRuns", "Compare runs of one suite with a baseline run, case by case").WithMetadata(ApiExport.Tests.Offers);
    }

    private static async Task<IResult> CompareAsync(
        ApiCall call, EvaluationRunRepository runs, RunComparisonRepository comparisons, DataExporter exporter, long baseline, long[] run, string? format, int? limit)
    {
        if (run.Length is < 1 or > MaxRuns)
            throw new InvalidInputException($"run: name 1 to {MaxRuns} runs to compare with the baseline, such as ?baseline=1&run=2&run=3.");
        var cases = limit is null ? ApiCall.DefaultLimit : limit is >= 1 and <= MaxCases ? limit.Value : throw new InvalidInputException($"limit: expected 1 to {MaxCases} cases.");
        var before = await RunEndpoints.FindAsync(call, runs, baseline);
        var named = new List<EvaluationRun>();
        foreach (var id in run)
        {
            var one = await RunEndpoints.FindAsync(call, runs, id);
            if (one.TenantId != before.TenantId || one.SuiteId != before.SuiteId)
                throw new ConflictException($"run: run {one.Id} is of another suite than run {before.Id}; runs of one suite are compared.");
            named.Add(one);
        }

        if (ApiExport.Tests.Choose(call, format) is { } chosen)
            return ApiExport.Stream(chosen, (target, aborted) => exporter.ExportComparisonAsync(named, before, chosen, target, aborted));

        var compared = new List<ComparedRun>();
        foreach (var one in named)
            compared.Add(ComparedRun.Of(one, await comparisons.CompareAsync(one, before, cases, call.Aborted)));
        return TypedResults.Ok(new Comparison { BaselineRunId = before.Id, SuiteId = before.SuiteId, Runs = compared });
    }
}

/// <summary>Several runs of one suite against a baseline run.</summary>
internal sealed record Comparison
{
    /// <summary>The run the others are compared with.</summary>
    public required long BaselineRunId { get; init; }

    /// <summary>The suite of all of them.</summary>
    public required long SuiteId { get; init; }

    /// <summary>Each run, in the requested order.</summary>
    public required IReadOnlyList<ComparedRun> Runs { get; init; }
}

/// <summary>One run against the baseline, on the cases both have a result of.</summary>
internal sealed record ComparedRun
{
    /// <summary>The run.</summary>
    public required long RunId { get; init; }

    /// <summary>Cases both runs have a result of.</summary>
    public required int SharedCount { get; init; }

    /// <summary>Cases that passed in the baseline and do not pass here.</summary>
    public required int NewlyFailingCount { get; init; }

    /// <summary>Cases that pass here and did not pass in the baseline.</summary>
    public required int NewlyPassingCount { get; init; }

    /// <summary>The exact two-sided p of McNemar's test.</summary>
    public required double P { get; init; }

    /// <summary>The changed cases, newly failing ones first; at most the requested number.</summary>
    public required IReadOnlyList<ChangedCaseView> Changed { get; init; }

    public static ComparedRun Of(EvaluationRun run, RunComparison comparison) => new()
    {
        RunId = run.Id,
        SharedCount = comparison.SharedCount,
        NewlyFailingCount = comparison.NewlyFailingCount,
        NewlyPassingCount = comparison.NewlyPassingCount,
        P = comparison.P,
        Changed = [.. comparison.Changed.Select(ChangedCaseView.Of)],
    };
}

/// <summary>A case that passed in one of two runs and not in the other.</summary>
internal sealed record ChangedCaseView
{
    /// <summary>Position in the run's suite revision, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The case's key.</summary>
    public required string CaseKey { get; init; }

    /// <summary>Its title.</summary>
    public required string Name { get; init; }

    /// <summary>Its verdict in the run.</summary>
    public required CaseVerdict Verdict { get; init; }

    /// <summary>Its verdict in the baseline.</summary>
    public required CaseVerdict BaselineVerdict { get; init; }

    public static ChangedCaseView Of(ChangedCase changed) => new()
    {
        Ordinal = changed.Ordinal,
        CaseKey = changed.CaseKey,
        Name = changed.Name,
        Verdict = changed.Verdict,
        BaselineVerdict = changed.BaselineVerdict,
    };
}
