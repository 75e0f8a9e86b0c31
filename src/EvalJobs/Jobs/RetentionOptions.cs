using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Jobs;

/// <summary>How long things are kept, and where. Section <c>EvalJobs:Retention</c>.</summary>
internal sealed record RetentionOptions : IValidatableObject
{
    /// <summary>When the cleanup runs, as a Hangfire cron expression in UTC. Default daily at 02:00.</summary>
    [Required]
    public string Cron { get; init; } = "0 2 * * *";

    /// <summary>Ended runs older than this many days move to the archive. Default 90, 1 to 36500.</summary>
    [Range(1, 36500)]
    public int Days { get; init; } = 90;

    /// <summary>Archived runs that ended more than this many days ago are deleted permanently. Default never; more than <see cref="Days"/>, at most 36500.</summary>
    [Range(1, 36500)]
    public int? PurgeDays { get; init; }

    /// <summary>Ticks and tenant batches older than this many days are deleted. Default 90, 1 to 36500.</summary>
    [Range(1, 36500)]
    public int HistoryDays { get; init; } = 90;

    /// <summary>Lines of the audit trail older than this many days are deleted. Default never; 1 to 36500.</summary>
    [Range(1, 36500)]
    public int? AuditDays { get; init; }

    /// <summary>Rows moved or deleted per transaction, at most. Default 1000, 1 to 2000: SQL Server locks the whole table at about 5000 locks of rows and pages.</summary>
    [Range(1, 2000)]
    public int BatchSize { get; init; } = 1000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PurgeDays <= Days)
            yield return new($"PurgeDays ({PurgeDays}) must be more than Days ({Days}): a run is archived before it is deleted.", [nameof(PurgeDays), nameof(Days)]);
        foreach (var error in TickSchedule.Validate(nameof(Cron), Cron))
            yield return error;
    }
}
