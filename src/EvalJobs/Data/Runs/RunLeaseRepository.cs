using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>The leases of the runs that a process works: renewed, read, and released when they expired although the process still runs.</summary>
internal sealed class RunLeaseRepository(EvaluationDatabase database)
{
    /// <summary>Extends the leases of all these runs in one statement.</summary>
    /// <returns>The runs the owner still holds, with the attempt it holds.</returns>
    public Task<IReadOnlyList<HeldRun>> RenewAsync(
        string owner, IReadOnlyCollection<long> runIds, TimeSpan lease, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(
            db => db.QueryAsync<HeldRun>(
                SqlQuery.RenewRunLeases, new { Owner = owner, RunIds = JsonSerializer.Serialize(runIds.Order()), LeaseMs = Milliseconds.Of(lease) }),
            cancellationToken);

    /// <returns>Those of the runs the owner still holds; a cheap read.</returns>
    public Task<IReadOnlyList<HeldRun>> ListHeldAsync(string owner, IReadOnlyCollection<long> runIds, CancellationToken cancellationToken) =>
        database.QueryAsync<HeldRun>(SqlQuery.ListHeldRuns, new { Owner = owner, RunIds = JsonSerializer.Serialize(runIds) }, cancellationToken);

    /// <summary>
    /// Releases a run whose lease this process could not renew, although it still runs: at once if the run was not requeued yet, or else by
    /// subtracting the process end that was counted for this process.
    /// </summary>
    public Task ReturnExpiredAsync(EvaluationRun claim, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            if (await db.ExecuteOneAsync(SqlQuery.ReleaseRun, new { RunId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner }))
            {
                // Recorded as by a rescue: the audit trail must have the reason of an attempt that ended without a result.
                await db.RecordAsync(
                    claim.TenantId, ChangeType.RunRequeued, nameof(EvaluationRun), claim.Id, Actor.System,
                    new { claim.Attempt, error = $"Its lease could not be renewed by {claim.LeaseOwner}, which gave the run back.", givenBack = true });
            }
            else
            {
                await db.ExecuteOneAsync(SqlQuery.WithdrawDeath, new { RunId = claim.Id, Owner = claim.LeaseOwner });
            }
        }, cancellationToken);
}

/// <summary>A run that is still held.</summary>
internal sealed record HeldRun
{
    /// <summary>The run.</summary>
    public required long Id { get; init; }

    /// <summary>The attempt under which it is held.</summary>
    public required int Attempt { get; init; }
}
