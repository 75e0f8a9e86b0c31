using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Jobs;

/// <summary>How ticks distribute work. Section <c>EvalJobs:Dispatch</c>.</summary>
internal sealed record DispatchOptions : IValidatableObject
{
    /// <summary>When the tick runs, as a Hangfire cron expression in UTC. Default every 5 minutes.</summary>
    [Required]
    public string Cron { get; init; } = "*/5 * * * *";

    /// <summary>Runs a tenant batch claims at most, unless the tenant has its own limit. Default 5, 1 to 1000.</summary>
    [Range(1, 1000)]
    public int BatchLimit { get; init; } = 5;

    /// <summary>Whether a batch that leaves due work queues the tenant's next batch at the end of the queue. Default true.</summary>
    public bool ContinueWhileBacklog { get; init; } = true;

    /// <summary>Whether work is picked up when it comes due, within two seconds, instead of by the next tick. Default true.</summary>
    public bool PickUpOnCreate { get; init; } = true;

    /// <summary>Runs of one batch worked at the same time. Default 1, 1 to 64.</summary>
    [Range(1, 64)]
    public int MaxParallelRuns { get; init; } = 1;

    /// <summary>
    /// How long a batch may work while others wait for its worker: after that it takes no further run or case, and the tenant's next batch queues behind
    /// them. Default 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan TimeSlice { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => TickSchedule.Validate(nameof(Cron), Cron);
}
