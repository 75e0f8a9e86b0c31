using EvalJobs.Data;
using EvalJobs.Jobs;
using Microsoft.Extensions.Hosting;

namespace EvalJobs.DependencyInjection;

/// <summary>The preparation before EvalJobs works: its databases answer and have the right schemas, and its recurring jobs are registered.</summary>
/// <remarks>
/// Done before the host starts, so that an error is reported in one sentence. Windows stops a service that has not reported to it within half a
/// minute, less than the database may take after a power cut, and the host reports: so there it is the first part of the host's start.
/// </remarks>
internal sealed class EvalJobsPreparation(EvalJobsDatabases databases, JobSchedule schedule, JobPauseRepository pauses) : IHostedLifecycleService
{
    /// <summary>Waits for the databases, makes sure of their schemas and registers the recurring jobs.</summary>
    /// <exception cref="DatabaseUnreachableException">A database did not answer in <see cref="StorageOptions.StartupTimeout"/>.</exception>
    /// <exception cref="SchemaException">A schema is not this program's; the message says what to do.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await databases.PrepareAsync(cancellationToken);
        schedule.Register(await pauses.ListPausedAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => PrepareAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
