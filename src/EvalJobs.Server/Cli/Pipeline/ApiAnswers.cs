using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

// The parts of the API's answers that the gate reads. Not the server's own types, because an older or newer server may send fewer or more fields.

internal sealed record ApiSuite(long Id, string Name, int Revision);

internal sealed record ApiVersion(long Id, string Agent, string Label, LifecycleState LifecycleState, string GenomeHash, long? ParentVersionId);

internal sealed record ApiVersionWithRuns(ApiVersion Version);

internal sealed record ApiRunItem(long Id);

internal sealed record ApiStanding(GateVerdict? Verdict, string? Reason, string? Remedy, IReadOnlyList<ApiRequirementStanding> Requirements, IReadOnlyList<long> LiveRuns);

internal sealed record ApiRequirementStanding(ApiRequirement Requirement, GateVerdict Verdict, string Reason, int LookCount, long Passed, long Cases, long? FailedRunId);

internal sealed record ApiRequirement(long SuiteId, string Suite, int SuiteRevision, GateRule Rule);

internal sealed record ApiComparison(IReadOnlyList<ApiComparedRun> Runs);

/// <summary>One run against a baseline.</summary>
internal sealed record ApiComparedRun(int SharedCount, int NewlyFailingCount, int NewlyPassingCount, IReadOnlyList<ApiChangedCase> Changed)
{
    public RunComparison Comparison() => new()
    {
        SharedCount = SharedCount,
        NewlyFailingCount = NewlyFailingCount,
        NewlyPassingCount = NewlyPassingCount,
        Changed = [.. Changed.Select(each => new ChangedCase
        {
            TestCaseId = 0,
            Ordinal = each.Ordinal,
            CaseKey = each.CaseKey,
            Name = each.Name,
            Verdict = each.Verdict,
            BaselineVerdict = each.BaselineVerdict,
        })],
    };
}

internal sealed record ApiChangedCase(int Ordinal, string CaseKey, string Name, CaseVerdict Verdict, CaseVerdict BaselineVerdict);

/// <summary>A run.</summary>
internal sealed record ApiRun
{
    /// <summary>The failed attempts by which an agent that is only being restarted answers again.</summary>
    private const int ReachingAttempts = 3;

    public required long Id { get; init; }

    public required RunStatus Status { get; init; }

    public int Attempt { get; init; }

    public required int CaseCount { get; init; }

    public int PassedCount { get; init; }

    public int FailedCount { get; init; }

    public int ErroredCount { get; init; }

    public int UnscoredCount { get; init; }

    public double PassThreshold { get; init; }

    public double? PassRate { get; init; }

    public long? P95Ms { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public double? Cost { get; init; }

    public string? Error { get; init; }

    public bool WaitsForAgent { get; init; }

    /// <summary>Whether it waits for an agent that did not answer in several attempts. A server may wait long for it, and the time is not known.</summary>
    public bool IsOutOfReach => WaitsForAgent && Attempt >= ReachingAttempts;

    public RunFigures Figures(string name, string suiteName) => new()
    {
        Name = name,
        RunId = Id,
        SuiteName = suiteName,
        Status = Status,
        CaseCount = CaseCount,
        PassedCount = PassedCount,
        FailedCount = FailedCount,
        ErroredCount = ErroredCount,
        UnscoredCount = UnscoredCount,
        PassThreshold = PassThreshold,
        PassRate = PassRate,
        P95Ms = P95Ms,
        InputTokens = InputTokens,
        OutputTokens = OutputTokens,
        Cost = Cost,
        Error = Error,
    };
}

/// <summary>The result of one case.</summary>
internal sealed record ApiResult
{
    public required int Ordinal { get; init; }

    public required string CaseKey { get; init; }

    public string Name { get; init; } = "";

    public string Input { get; init; } = "";

    public string? ExpectedOutput { get; init; }

    public required CaseVerdict Verdict { get; init; }

    public double? Score { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }

    public long DurationMs { get; init; }

    public CaseResultRow Row() => new()
    {
        Ordinal = Ordinal,
        CaseKey = CaseKey,
        Name = Name,
        Input = Input,
        ExpectedOutput = ExpectedOutput,
        TestCaseId = 0,
        Verdict = Verdict,
        Score = Score,
        Output = Output,
        Error = Error,
        DurationMs = DurationMs,
    };
}
