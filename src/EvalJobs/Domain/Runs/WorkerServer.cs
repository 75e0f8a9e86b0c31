namespace EvalJobs.Domain;

/// <summary>A running process that works a pool.</summary>
internal sealed record WorkerServer
{
    /// <summary>The process: machine, process id and a random part.</summary>
    public required string Owner { get; init; }

    /// <summary>The pool, which is a Hangfire queue.</summary>
    public required string Pool { get; init; }

    /// <summary>Its workers there.</summary>
    public required int WorkerCount { get; init; }

    /// <summary>When it started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it counts as ended, unless it renews its row before, UTC in the database's clock.</summary>
    public required DateTimeOffset LeaseUntil { get; init; }
}
