namespace EvalJobs.Domain;

/// <summary>The result of one test case in one run. Exactly one exists per run and case once the run completed.</summary>
public sealed record TestCaseResult
{
    /// <summary>The case.</summary>
    public required long TestCaseId { get; init; }

    /// <summary>The outcome.</summary>
    public required CaseVerdict Verdict { get; init; }

    /// <summary>0 (wrong) to 1 (fully right); null when nothing was scored.</summary>
    public double? Score { get; init; }

    /// <summary>The agent's reply; null when there was none.</summary>
    public string? Output { get; init; }

    /// <summary>Why the case is ERRORED or UNSCORED, or a scorer's remark.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the case or the judge is the cause of UNSCORED; null for other verdicts. Not stored.</summary>
    public UnscoredReason? UnscoredReason { get; init; }

    /// <summary>Whether there is no verdict because of a cause that may not affect another attempt: the agent or the judge was away, overloaded or the judge was not usable as configured.</summary>
    public bool AskAgain { get; init; }

    /// <summary>Whether the agent gave no answer at all, or its server failed: an ERRORED case that may say nothing about the version. Not stored.</summary>
    public bool IsOutage { get; init; }

    /// <summary>The endpoint of the judge that was asked about the reply; null when none was. Not stored.</summary>
    internal string? Judge { get; init; }

    /// <summary>Whether that judge gave no answer at all, or its server failed. Not stored.</summary>
    internal bool IsJudgeOutage { get; init; }

    /// <summary>Whether a length limit cut the reply.</summary>
    public bool IsCut { get; init; }

    /// <summary>Time from question to reply, milliseconds; waits for a slot or a rate limit are not counted.</summary>
    public required long DurationMs { get; init; }

    /// <summary>Tokens the agent read, where it said so.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens the agent wrote, where it said so.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>What the reply cost, in the currency the genome prices it in.</summary>
    public double? Cost { get; init; }
}
