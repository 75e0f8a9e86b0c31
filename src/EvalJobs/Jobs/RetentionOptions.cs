using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Jobs;

/// <summary>How long ended runs stay in the live tables. Section <c>EvalJobs:Retention</c>.</summary>
public sealed record RetentionOptions : IValidatableObject
{
    /// <summary>When the cleanup runs, as a Hangfire cron expression in UTC. Default daily at 02:00.</summary>
    [Required]
    public string Cron { get; init; } = "0 2 * * *";

    /// <summary>Ended runs older than this many days move to the archive. Default 90, 1 to 36500.</summary>
    [Range(1, 36500)]
    public int Days { get; init; } = 90;

    /// <summary>Rows (runs plus results) moved per transaction, at most. Default 1000: SQL Server locks the whole table near 5000.</summary>
    [Range(1, 4000)]
    public int BatchSize { get; init; } = 1000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => TickSchedule.Check(nameof(Cron), Cron);
}
