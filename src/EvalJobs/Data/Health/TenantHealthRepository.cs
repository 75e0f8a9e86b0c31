using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads what tenants have waiting and keeps what the health check said of it.</summary>
internal sealed class TenantHealthRepository(EvaluationDatabase database)
{
    /// <summary>Batches of each tenant that are looked at: a bound on the cost, and enough for every attempt of a run that failed for good.</summary>
    private const int LatestBatches = 5;

    /// <summary>Failures older than this are no news any more, though nothing has completed since.</summary>
    private static readonly TimeSpan FailureIsNews = TimeSpan.FromDays(1);

    /// <returns>The load of every tenant, by slug.</returns>
    public Task<IReadOnlyList<TenantLoad>> ListLoadAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<TenantLoad>(SqlQuery.ListTenantLoad, null, cancellationToken);

    /// <param name="minAttempts">So many attempts must have failed; 0 asks nothing.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The tenants in whose latest batches of the last day attempts failed and no run completed. A batch tells of its failures when it ends.</returns>
    public async Task<IReadOnlyDictionary<long, FailingTenant>> ListFailingAsync(int minAttempts, CancellationToken cancellationToken)
    {
        if (minAttempts == 0)
            return new Dictionary<long, FailingTenant>();

        var failing = await database.QueryAsync<FailingTenant>(
            SqlQuery.ListFailingTenants,
            new { Batches = LatestBatches, WithinMs = (int)FailureIsNews.TotalMilliseconds, MinAttempts = minAttempts }, cancellationToken);
        return failing.ToDictionary(tenant => tenant.TenantId);
    }

    /// <summary>Keeps the latest health of some tenants and alerts of what the rule says is news of them, in one transaction.</summary>
    /// <param name="healths">At least one, by tenant id: two checks at once then wait for each other, and only one alerts.</param>
    /// <param name="rule">What is news.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    public Task SaveAsync(IReadOnlyList<TenantHealth> healths, HealthAlertRule rule, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
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

            var news = await db.QueryAsync<HealthNews>(SqlQuery.ListHealthAlertsDue, new
            {
                WarnAfterMs = (int)rule.WarnAfter.TotalMilliseconds,
                RecoverAfterMs = (int)rule.RecoverAfter.TotalMilliseconds,
                ReminderMs = (int)rule.ReminderInterval.TotalMilliseconds,
                FirstTenantId = healths[0].Load.TenantId,
                LastTenantId = healths[^1].Load.TenantId,
            });
            foreach (var each in news)
                await db.AlertAsync(each.TenantId, AlertTopic.Health, each.Phase, each.Text);
        }, cancellationToken);

    /// <returns>The database's clock, UTC.</returns>
    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<DateTimeOffset>(SqlQuery.ReadDatabaseClock, null, cancellationToken);

    private sealed record HealthNews
    {
        public required long TenantId { get; init; }

        public required AlertPhase Phase { get; init; }

        public required string Reasons { get; init; }

        public required DateTimeOffset Since { get; init; }

        public string Text => Phase switch
        {
            AlertPhase.Raised => $"WARNING. {AllReasons}",
            AlertPhase.Reminder => $"still in WARNING, since {Since:yyyy-MM-dd HH:mm} UTC. {AllReasons}",
            _ => $"HEALTHY again, since {Since:yyyy-MM-dd HH:mm} UTC.",
        };

        private string AllReasons => string.Join(' ', JsonSerializer.Deserialize<string[]>(Reasons)!);
    }
}
