using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>Works runs of one tenant in this process, as a server would, until they have ended. Runs of other tenants are not changed.</summary>
internal sealed class LocalWork(CommandContext context)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns when all of the runs have ended. It also waits for runs that a server on the same database works.</summary>
    /// <param name="tenant">The tenant that owns the runs.</param>
    /// <param name="runIds">The runs.</param>
    /// <param name="isCancelledOnStop">Whether the runs are cancelled when this process is stopped; otherwise they are released, so that others can
    /// work them.</param>
    /// <returns>The ended runs, in the given order.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyList<EvaluationRun>> WorkAsync(Tenant tenant, IReadOnlyList<long> runIds, bool isCancelledOnStop = true)
    {
        // Leases are renewed while the command works, as in the server.
        var leases = context.Get<LeaseKeeper>();
        await leases.StartAsync(CancellationToken.None);
        try
        {
            while (true)
            {
                var runs = await ReadAsync(runIds, context.CancellationToken);
                if (!runs.Any(run => RunLifecycle.IsLive(run.Status)))
                    return runs;
                if (!await WorkBatchAsync(tenant))
                    await Task.Delay(Wait, context.CancellationToken);
            }
        }
        catch (OperationCanceledException) when (isCancelledOnStop)
        {
            await CancelAsync(runIds);
            throw;
        }
        finally
        {
            await leases.StopAsync(CancellationToken.None);
        }
    }

    /// <returns>Whether there was work; there is none while a run waits for its next attempt, or while a server works the tenant's batch.</returns>
    private async Task<bool> WorkBatchAsync(Tenant tenant)
    {
        if (!await context.Get<DispatchRepository>().HasDueRunsAsync(tenant.Id, context.CancellationToken)
            || !await context.Get<TenantBatchScheduler>().ScheduleAsync(tenant, null, context.CancellationToken))
            return false;

        // A batch that ends must not queue batches of other tenants.
        var job = WorkCommands.BatchJob(context, continues: false);
        foreach (var batchId in context.Get<InlineTenantBatchQueue>().TakeAll())
            await job.RunAsync(batchId, context.CancellationToken);
        return true;
    }

    private async Task CancelAsync(IReadOnlyList<long> runIds)
    {
        foreach (var run in await ReadAsync(runIds, CancellationToken.None))
        {
            try
            {
                if (RunLifecycle.IsLive(run.Status))
                    await context.Get<EvaluationRunRepository>().CancelAsync(run.Id, Actor.CommandLine(), CancellationToken.None);
            }
            catch (ConflictException)
            {
                // The run has just ended.
            }
        }
    }

    private async Task<IReadOnlyList<EvaluationRun>> ReadAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken)
    {
        var runs = new List<EvaluationRun>();
        foreach (var runId in runIds)
            runs.Add(await context.Get<EvaluationRunRepository>().GetAsync(runId, cancellationToken));
        return runs;
    }
}
