using EvalJobs.Data;

namespace EvalJobs.DependencyInjection;

/// <summary>The databases EvalJobs needs: the evaluation data and, when it is on SQL Server, Hangfire's.</summary>
internal sealed class EvalJobsDatabases(
    EvaluationDatabase data, StorageOptions storage, HangfireOptions hangfire, SchemaMigrator migrator, DatabaseReadiness readiness)
{
    private readonly HangfireDatabase? _hangfire = HangfireDatabase.Of(storage, hangfire);

    /// <summary>Waits until they answer, then makes sure of both schemas. On SQL Server nothing is changed.</summary>
    /// <exception cref="DatabaseUnreachableException">One of them did not answer in time.</exception>
    /// <exception cref="SchemaException">A schema is not what this program needs, or the file may only be read; the message says what to do.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (data.IsReadOnly)
            throw new SchemaException($"The database {data.Name} cannot be written, and working runs needs to write: give this user the right to write the file and its folder.");
        await WaitAsync(cancellationToken);
        await migrator.PrepareAsync(cancellationToken);
        if (_hangfire is not null)
            await new HangfireSchema(_hangfire).EnsureCurrentAsync(cancellationToken);
    }

    /// <summary>Migrates both to the schemas that this program needs. On SQL Server the login must be allowed to change the schema.</summary>
    /// <exception cref="DatabaseUnreachableException">One of them did not answer in time.</exception>
    /// <exception cref="SchemaException">A migration failed, or the schema is newer than this program.</exception>
    public async Task<Migration> MigrateAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        var scripts = await migrator.MigrateAsync(cancellationToken);
        if (_hangfire is null)
            return new Migration(scripts, null, null);

        var (_, version) = await new HangfireSchema(_hangfire).InstallAsync(cancellationToken);
        return new Migration(scripts, _hangfire.SchemaName, version);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (data.Provider == StorageProvider.SqlServer)
            await readiness.WaitAsync(data.ConnectionString, cancellationToken);
        if (_hangfire is not null && _hangfire.ConnectionString != data.ConnectionString)
            await readiness.WaitAsync(_hangfire.ConnectionString, cancellationToken);
    }
}

/// <summary>What <c>migrate</c> did.</summary>
/// <param name="Scripts">Migrations of the evaluation data that ran; empty when it was current.</param>
/// <param name="HangfireSchema">The schema of Hangfire's tables; null when Hangfire keeps its jobs in memory.</param>
/// <param name="HangfireVersion">Its version now.</param>
internal sealed record Migration(IReadOnlyList<string> Scripts, string? HangfireSchema, int? HangfireVersion);
