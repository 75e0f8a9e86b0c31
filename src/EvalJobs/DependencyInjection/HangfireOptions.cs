using System.ComponentModel.DataAnnotations;
using EvalJobs.Domain;

namespace EvalJobs.DependencyInjection;

/// <summary>Where Hangfire keeps its jobs and how many workers this server has. Section <c>EvalJobs:Hangfire</c>.</summary>
internal sealed record HangfireOptions : IValidatableObject
{
    /// <summary>Workers wait for agents most of their time; docs/develop/benchmarks.md has results for other numbers.</summary>
    internal const int DefaultWorkers = 32;

    /// <summary>Default: in memory with SQLite data, SQL Server with SQL Server data. Our tables are the record of work in any case.</summary>
    public HangfireStorage? Storage { get; init; }

    /// <summary>SQL Server connection string for Hangfire; default: the one of the evaluation data, if that is on SQL Server.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The database schema of Hangfire's own tables. Default <c>HangFire</c>; letters, digits and underscores.</summary>
    [Required]
    [RegularExpression("[A-Za-z_][A-Za-z0-9_]{0,99}", ErrorMessage = "expected 1 to 100 letters, digits and underscores.")]
    public string SchemaName { get; init; } = "HangFire";

    /// <summary>Workers for the tick, the health check and the cleanup. Default 2, 1 to 16.</summary>
    [Range(1, 16)]
    public int MaintenanceWorkers { get; init; } = 2;

    /// <summary>The worker pools this server works, with the number of workers each. Default: 32 for the common pool <c>evaluations</c>.</summary>
    public IReadOnlyDictionary<string, int> Pools { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>How often Hangfire looks for due recurring jobs: a tick's cron cannot be finer. Default 15 seconds, 1 second to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan SchedulePollingInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a stopping server waits for its jobs to release their runs. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the whole process may take to stop: the jobs' time and some more, for the last writes and the web server.</summary>
    public TimeSpan HostShutdownTimeout => ShutdownTimeout + TimeSpan.FromSeconds(15);

    /// <summary>The pools, or the default one when none is configured.</summary>
    /// <remarks>Not the property's default: the binder would add the configured pools to it instead of replacing it.</remarks>
    public IReadOnlyDictionary<string, int> EffectivePools =>
        Pools.Count > 0 ? Pools : new Dictionary<string, int>(StringComparer.Ordinal) { [Tenant.CommonPool] = DefaultWorkers };

    /// <summary>Shows nothing: so that a password is never logged by accident.</summary>
    public override string ToString() => nameof(HangfireOptions);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (pool, workers) in Pools)
        {
            if (workers is < 1 or > 1024)
                yield return new($"{workers} workers; expected 1 to 1024.", [$"{nameof(Pools)}:{pool}"]);
            if (FindError(pool) is { } reason)
                yield return new(reason, [$"{nameof(Pools)}:{pool}"]);
        }
    }

    private static string? FindError(string pool)
    {
        try
        {
            TenantLimits.ValidatePoolName(pool);
            return null;
        }
        catch (InvalidInputException error)
        {
            return error.Message;
        }
    }
}

/// <summary>Where Hangfire keeps its jobs.</summary>
internal enum HangfireStorage
{
    /// <summary>In this process, until it ends. Nothing is lost: pending runs are in our tables.</summary>
    InMemory,

    /// <summary>In SQL Server, shared by all servers on the same database.</summary>
    SqlServer,
}
