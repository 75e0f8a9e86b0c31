using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Execution.Scoring;

/// <summary>The scorer processes, where tenant-written scripts, patterns and schemas run. Section <c>EvalJobs:Scoring</c>.</summary>
internal sealed record ScoringOptions
{
    /// <summary>
    /// Scorer processes at most. They start when they are needed. One tenant holds half of them at most, rounded
    /// up, and never all when there are two or more. Default 4, 1 to 64.
    /// </summary>
    [Range(1, 64)]
    public int Processes { get; init; } = 4;

    /// <summary>Managed memory one scorer process may use, in MiB. A process that takes twice as much in all is ended. Default 256, 64 to 4096.</summary>
    [Range(64, 4096)]
    public int ProcessMemoryMegabytes { get; init; } = 256;

    /// <summary>Cases after which a scorer process is replaced by a new one. Default 5000, 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int CasesPerProcess { get; init; } = 5_000;
}
