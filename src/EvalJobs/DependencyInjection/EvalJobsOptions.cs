namespace EvalJobs.DependencyInjection;

/// <summary>What a host chooses when it embeds EvalJobs. Everything else is read from the settings.</summary>
public sealed class EvalJobsOptions
{
    /// <summary>
    /// Whether EvalJobs adds Hangfire's storage and servers, as the settings in <c>EvalJobs:Hangfire</c> say. Default false: the host has
    /// its own <c>AddHangfire(…)</c>, and servers for the queues <c>evaluations</c> (or its own pools) and <c>maintenance</c>.
    /// </summary>
    public bool AddHangfire { get; set; }

    /// <summary>
    /// Whether jobs that this process queues in the host's own Hangfire storage reach the servers of other processes. Default true, as with
    /// SQL Server; false for a storage in memory. Not used with <see cref="AddHangfire"/>.
    /// </summary>
    public bool IsHangfireStorageShared { get; set; } = true;

    /// <summary>
    /// Whether the host's start prepares EvalJobs: it waits for the database, creates the tables of an SQLite file or checks those of SQL Server,
    /// and registers the recurring jobs. Default true. With false the host calls
    /// <see cref="EvalJobsServiceCollectionExtensions.PrepareEvalJobsAsync"/> before it starts.
    /// </summary>
    public bool PrepareOnStart { get; set; } = true;
}
