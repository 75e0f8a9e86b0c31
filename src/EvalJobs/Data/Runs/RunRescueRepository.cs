using System.Runtime.CompilerServices;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>What every tick repairs before it looks for work: runs whose process ended, and due times from before a clock was set back.</summary>
internal sealed class RunRescueRepository(EvaluationDatabase database)
{
    /// <summary>Runs rescued in one transaction at most; each takes some statements, and its results are counted.</summary>
    private const int StepRuns = 100;

    /// <summary>
    /// Returns runs with expired leases to PENDING. No failed attempt is counted. A run whose process ended while it was
    /// worked alone, after <paramref name="poisonDeaths"/> ends in a row, is FAILED as poison.
    /// </summary>
    /// <param name="poisonDeaths">Process ends in a row after which a run is worked alone.</param>
    /// <param name="backoff">Wait after the second process end; doubles with each further one, at most a day. After the first there is none.</param>
    /// <param name="cancellationToken">Ends the rescue between two steps.</param>
    /// <returns>What each step rescued, once it is stored.</returns>
    /// <remarks>If the rescue is stopped, the other runs stay expired.</remarks>
    public async IAsyncEnumerable<Rescue> RescueExpiredAsync(
        int poisonDeaths, TimeSpan backoff, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Rescue step;
        do
        {
            step = await RescueStepAsync(poisonDeaths, backoff, cancellationToken);
            yield return step;
        }
        while (step.Requeued == StepRuns || step.Poisoned == StepRuns);
    }

    /// <summary>Makes pending runs due whose creation lies in the future, because the clock was set back. It reads only runs that are not due yet.</summary>
    public async Task ResetFutureDueTimesAsync(CancellationToken cancellationToken)
    {
        int brought;
        do
            brought = await database.WriteAsync(db => db.ExecuteAsync(SqlQuery.ResetFutureDueTimes, new { Limit = StepRuns }), cancellationToken);
        while (brought == StepRuns);
    }

    private async Task<Rescue> RescueStepAsync(int poisonDeaths, TimeSpan backoff, CancellationToken cancellationToken)
    {
        var requeued = await database.WriteAsync(async db =>
        {
            var runs = await db.QueryAsync<EvaluationRun>(
                SqlQuery.RequeueExpiredRuns,
                new { PoisonDeaths = poisonDeaths, BackoffMs = Milliseconds.Of(backoff), MaxBackoffMs = Milliseconds.Of(RunBackoff.Max), Limit = StepRuns });
            foreach (var run in runs)
                await db.RecordAsync(run.TenantId, ChangeType.RunRequeued, nameof(EvaluationRun), run.Id, Actor.System, new { run.Attempt, run.Error });
            return runs.Count;
        }, cancellationToken);

        // Each in a transaction of its own: the version is locked before the run, and the runs of one statement may be of many versions.
        var poisonedOf = new List<string>();
        foreach (var poisoned in await database.QueryAsync<PoisonedRun>(SqlQuery.ListPoisonedRuns, new { Limit = StepRuns }, cancellationToken))
        {
            if (await database.WriteAsync(db => FailPoisonedAsync(db, poisoned), cancellationToken) is { } slug)
                poisonedOf.Add(slug);
        }

        return new Rescue(requeued, poisonedOf);
    }

    /// <returns>The slug of the run's tenant; null when another process has rescued the run, or holds it.</returns>
    private static async Task<string?> FailPoisonedAsync(DbWork db, PoisonedRun poisoned)
    {
        var version = await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { poisoned.VersionId });
        var run = await db.QuerySingleOrDefaultAsync<EvaluationRun>(SqlQuery.FailPoisonedRun, new { RunId = poisoned.Id });
        if (version is null || run is null)
            return null;

        var tally = await db.QuerySingleAsync<RunTally>(SqlQuery.TallyRun, new { RunId = run.Id });
        await db.ExecuteExactlyAsync(SqlQuery.SetRunFigures, RunFigures.With(new { RunId = run.Id }, tally, tally.PassRate), 1);
        await GateEvidence.RefreshAfterRunAsync(db, version);
        await db.RecordAsync(run.TenantId, ChangeType.RunFailed, nameof(EvaluationRun), run.Id, Actor.System, new { run.Attempt, run.Error });
        await db.AlertOrJoinAsync(FailureAlertRule.OfRun(run));
        return (await db.QuerySingleAsync<Tenant>(SqlQuery.GetTenant, new { run.TenantId })).Slug;
    }
}

/// <summary>A run whose lease expired while it was worked alone.</summary>
internal sealed record PoisonedRun
{
    public required long Id { get; init; }

    public required long VersionId { get; init; }
}

/// <summary>What a rescue did.</summary>
/// <param name="Requeued">Runs returned to PENDING.</param>
/// <param name="PoisonedOf">The slugs of the tenants whose runs ended as FAILED, one for each run.</param>
internal sealed record Rescue(int Requeued, IReadOnlyList<string> PoisonedOf)
{
    /// <summary>There was nothing to rescue.</summary>
    public static Rescue Nothing { get; } = new(0, []);

    /// <returns>Both together.</returns>
    public Rescue And(Rescue other) => new(Requeued + other.Requeued, [.. PoisonedOf, .. other.PoisonedOf]);

    /// <summary>Runs ended as FAILED.</summary>
    public int Poisoned => PoisonedOf.Count;
}
