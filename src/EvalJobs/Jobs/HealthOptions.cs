using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Jobs;

/// <summary>When a tenant is in WARNING. Section <c>EvalJobs:Health</c>.</summary>
internal sealed record HealthOptions : IValidatableObject
{
    /// <summary>When the health check runs, as a Hangfire cron expression in UTC. Default every 15 minutes.</summary>
    [Required]
    public string Cron { get; init; } = "*/15 * * * *";

    /// <summary>A tenant with more pending runs than this is in WARNING, unless it has its own threshold. Default 20.</summary>
    [Range(0, int.MaxValue)]
    public int PendingWarning { get; init; } = 20;

    /// <summary>
    /// A tenant is in WARNING while this many attempts of one of its agents failed within a day and none of that agent's runs has completed since: the agent
    /// probably does not answer.
    /// Default 3, 0 to 1000; 0 means never.
    /// </summary>
    [Range(0, 1000)]
    public int FailedAttemptsWarning { get; init; } = 3;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => TickSchedule.Validate(nameof(Cron), Cron);
}
