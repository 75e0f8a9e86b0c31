using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Execution;

/// <summary>How runs are worked: parallelism, deadlines, leases and attempts. Section <c>EvalJobs:Execution</c>.</summary>
internal sealed record ExecutionOptions : IValidatableObject
{
    /// <summary>Cases of one run asked at the same time. Default 4, 1 to 256.</summary>
    [Range(1, 256)]
    public int MaxParallelCases { get; init; } = 4;

    /// <summary>Longest wait for one reply, retries inside the agent client included. Default 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan CaseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time to judge one reply. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ScoringTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest time one attempt may hold its worker. Default 10 minutes. An attempt that reaches it keeps its finished cases;
    /// it counts as failed only when no case got a useful answer; otherwise the run is requeued and resumes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a claim is valid without a heartbeat; then another worker may claim the run. Renewed every third of it. Default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Failed attempts after which a run is FAILED. A restart or an outage of the server is not a failed attempt. Default 3, 1 to 10.</summary>
    [Range(1, 10)]
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Wait after the first failed attempt; doubles with each further one. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Share of a run's cases that may stay UNSCORED because their judge could not be asked; with more, the attempt failed and asks those
    /// again. The last attempt completes as it is. Default 0.05, 0 to 1.
    /// </summary>
    [Range(0.0, 1.0)]
    public double MaxUnjudgedShare { get; init; } = 0.05;

    /// <summary>
    /// Processes that may end in a row while they work a run. After that it is worked alone, without other runs in the process, and FAILED as poison
    /// when its process ends again. Default 3, 1 to 100.
    /// </summary>
    [Range(1, 100)]
    public int PoisonDeaths { get; init; } = 3;

    /// <summary>
    /// Bytes of replies that may wait to be stored, over all runs of the process; with more, no further case is asked. Default 67,108,864 (64 MB), 1 MB to 64 GB.
    /// </summary>
    [Range(1_048_576L, 68_719_476_736L)]
    public long MaxWaitingReplyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Cases in a row without an answer after which an attempt ends. A first case is asked alone. Default: the larger of 4 and
    /// <see cref="MaxParallelCases"/>; 1 to 1000.
    /// </summary>
    [Range(1, 1000)]
    public int? UnansweredCases { get; init; }

    /// <summary><see cref="UnansweredCases"/>, or its default.</summary>
    internal int EffectiveUnansweredCases => UnansweredCases ?? Math.Max(4, MaxParallelCases);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CaseTimeout > RunTimeout)
            yield return new($"CaseTimeout ({CaseTimeout}) must not exceed RunTimeout ({RunTimeout}).", [nameof(CaseTimeout), nameof(RunTimeout)]);
    }
}
