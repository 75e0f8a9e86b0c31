using System.Diagnostics;

namespace EvalJobs.Execution.Telemetry;

/// <summary>The spans of one trace: tick → batch → run → case. Nothing is created while no listener is registered.</summary>
/// <remarks>Tags hold ids, names and verdicts, never a prompt, a reply or an error that may quote one.</remarks>
internal static class EvaluationTrace
{
    /// <summary>The name listeners subscribe to.</summary>
    public const string SourceName = "EvalJobs";

    /// <summary>One tick.</summary>
    public const string Tick = "tick";

    /// <summary>One tenant batch.</summary>
    public const string Batch = "batch";

    /// <summary>One attempt at a run.</summary>
    public const string Run = "run";

    /// <summary>One case: question, reply, score.</summary>
    public const string Case = "case";

    /// <summary>Tag: the tenant's slug.</summary>
    public const string Tenant = "evaljobs.tenant";

    /// <summary>Makes the spans.</summary>
    public static ActivitySource Source { get; } = new(SourceName);
}
