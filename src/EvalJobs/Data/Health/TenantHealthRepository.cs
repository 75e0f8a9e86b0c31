using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the load of tenants and stores their health.</summary>
internal sealed class TenantHealthRepository(EvaluationDatabase database)
{
    /// <summary>Older failed attempts say nothing about an agent now, even if no run has completed since.</summary>
    private static readonly TimeSpan MaxFailureAge = TimeSpan.FromDays(1);

    /// <returns>The load of every tenant, by slug.</returns>
    public Task<IReadOnlyList<TenantLoad>> ListLoadAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<TenantLoad>(SqlQuery.ListTenantLoad, null, cancellationToken);

    /// <param name="minAttempts">The number of failed attempts of an agent that counts; 0 leaves agents out.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The failures of each tenant that has any: agents by the attempts of the last day, and all runs that need action.</returns>
    public async Task<IReadOnlyDictionary<long, TenantFailures>> ListFailuresAsync(int minAttempts, CancellationToken cancellationToken)
    {
        var counts = await database.QueryAsync<ActionCount>(SqlQuery.CountRunsNeedingAction, null, cancellationToken);
        var failures = counts.ToDictionary(count => count.TenantId, count => new TenantFailures { RunsNeedingAction = count.RunCount, LastRunNeedingAction = count.LastRunId });
        if (minAttempts == 0)
            return failures;

        var agents = await database.QueryAsync<FailingAgent>(
            SqlQuery.ListFailingAgents, new { WithinMs = (int)MaxFailureAge.TotalMilliseconds, MinAttempts = minAttempts }, cancellationToken);
        foreach (var tenant in agents.GroupBy(agent => agent.TenantId))
            failures[tenant.Key] = failures.GetValueOrDefault(tenant.Key, TenantFailures.None) with { Agents = [.. tenant] };
        return failures;
    }

    /// <summary>Stores the latest health of some tenants and the alerts that the rule asks for, in one transaction.</summary>
    /// <param name="healths">At least one, by tenant id: two checks at once then wait for each other, and only one alerts.</param>
    /// <param name="rule">What is news.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <remarks>Stores nothing in a read-only database; the assessment is still shown.</remarks>
    public Task SaveAsync(IReadOnlyList<TenantHealth> healths, HealthAlertRule rule, CancellationToken cancellationToken) =>
        database.IsReadOnly ? Task.CompletedTask : database.WriteAsync(async db =>
        {
            await db.ExecuteAsync(SqlQuery.SaveTenantHealth, healths.Select(health => new
            {
                health.Load.TenantId,
                Status = StoredWord.Of(health.Status),
                Reasons = JsonSerializer.Serialize(health.Reasons),
                health.Load.PendingCount,
                health.Load.RunningCount,
                health.Load.ExpiredLeaseCount,
                health.Load.OldestPendingAgeMs,
            }));

            var facts = await db.QueryAsync<HealthFacts>(
                SqlQuery.ListHealthAlertFacts, new { FirstTenantId = healths[0].Load.TenantId, LastTenantId = healths[^1].Load.TenantId });
            foreach (var each in facts)
            {
                if (rule.Next(each.Status, TimeSpan.FromMilliseconds(each.AgeMs), each.LastPhase, TimeSpan.FromMilliseconds(each.LastAgeMs ?? 0)) is { } phase)
                    await db.AlertAsync(HealthAlertRule.OfTenant(each.TenantId, phase, JsonSerializer.Deserialize<string[]>(each.Reasons)!, each.Since));
            }
        }, cancellationToken);

    /// <returns>The database's clock, UTC.</returns>
    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<DateTimeOffset>(SqlQuery.ReadDatabaseClock, null, cancellationToken);

    private sealed record ActionCount
    {
        public required long TenantId { get; init; }

        public required int RunCount { get; init; }

        public required long LastRunId { get; init; }
    }

    private sealed record HealthFacts
    {
        public required long TenantId { get; init; }

        public required HealthStatus Status { get; init; }

        public required string Reasons { get; init; }

        public required DateTimeOffset Since { get; init; }

        public required long AgeMs { get; init; }

        public AlertPhase? LastPhase { get; init; }

        public long? LastAgeMs { get; init; }
    }
}
