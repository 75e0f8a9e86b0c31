using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>
/// The outbox of alerts as senders and operators see it. A sender claims alerts for a lease; everything it writes about them
/// afterwards is fenced by owner and attempt.
/// </summary>
internal sealed class AlertRepository(EvaluationDatabase database)
{
    private const int DeletedPerStatement = 1000;

    /// <summary>For how long an alert that was given up is reported as a problem of the server.</summary>
    private static readonly TimeSpan MaxFailureAge = TimeSpan.FromDays(1);

    /// <returns>Alerts newest first, a page at a time; empty after the last. Null means any.</returns>
    public Task<IReadOnlyList<Alert>> ListAsync(
        long? tenantId, AlertStatus? status, long beforeId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Alert>(
            SqlQuery.ListAlerts,
            new { TenantId = tenantId, Status = status is { } word ? StoredWord.Of(word) : null, BeforeId = beforeId, Limit = limit },
            cancellationToken);

    /// <summary>Claims due alerts, oldest first.</summary>
    /// <param name="owner">Who sends them.</param>
    /// <param name="lease">How long no other sender may claim them.</param>
    /// <param name="window">A tenant's failed runs raise at most one alert in this time.</param>
    /// <param name="limit">Due alerts at most.</param>
    /// <param name="cancellationToken">Claims nothing when cancelled.</param>
    /// <returns>The due alerts and, beyond the limit, every earlier alert about the same things, in the order they were raised.</returns>
    /// <remarks>
    /// Atomic: two senders never receive the same alert during its lease, or two alerts about the same thing.
    /// For the latter, claims run one after another: SQLite has one writer, on SQL Server the first statement takes an application lock.
    /// </remarks>
    public async Task<IReadOnlyList<Alert>> ClaimAsync(
        string owner, TimeSpan lease, TimeSpan window, int limit, CancellationToken cancellationToken)
    {
        if (await database.QuerySingleOrDefaultAsync<int>(SqlQuery.HasDueAlerts, new { WindowMs = Milliseconds.Of(window) }, cancellationToken) == 0)
            return [];

        return await database.WriteAsync(async db =>
        {
            var ids = await db.QueryAsync<long>(
                SqlQuery.ClaimAlerts, new { Owner = owner, LeaseMs = Milliseconds.Of(lease), WindowMs = Milliseconds.Of(window), Limit = limit });
            var earlier = await db.QueryAsync<long>(
                SqlQuery.ClaimEarlierAlerts, new { Owner = owner, LeaseMs = Milliseconds.Of(lease), Ids = JsonSerializer.Serialize(ids) });
            return await db.QueryAsync<Alert>(SqlQuery.ListClaimedAlerts, new { Ids = JsonSerializer.Serialize(ids.Concat(earlier)) });
        }, cancellationToken);
    }

    /// <summary>Stores which channels have received an alert.</summary>
    /// <returns>False when the claim was lost; nothing was changed then.</returns>
    public async Task<bool> SetSentToAsync(Alert claim, IEnumerable<string> channels, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            db => db.ExecuteOneAsync(
                SqlQuery.SetAlertSentTo,
                new { AlertId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner, SentTo = JsonSerializer.Serialize(channels) }),
            cancellationToken);

    /// <summary>Ends an alert that every channel has received.</summary>
    /// <returns>False when the claim was lost; nothing was changed then.</returns>
    public async Task<bool> EndAsync(Alert claim, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            db => db.ExecuteOneAsync(SqlQuery.EndAlert, new { AlertId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner }), cancellationToken);

    /// <summary>Returns an alert to the queue that some channel did not accept; one older than <paramref name="giveUpAfter"/> is given up.</summary>
    /// <returns>PENDING or FAILED; null when the claim was lost and nothing was changed.</returns>
    public async Task<AlertStatus?> RetryAsync(
        Alert claim, TimeSpan delay, TimeSpan giveUpAfter, string error, CancellationToken cancellationToken)
    {
        var status = await database.WriteAsync(
            db => db.QuerySingleOrDefaultAsync<string>(SqlQuery.RetryAlert, new
            {
                AlertId = claim.Id,
                claim.Attempt,
                Owner = claim.LeaseOwner,
                DelayMs = Milliseconds.Of(delay),
                GiveUpAfterMs = Milliseconds.Of(giveUpAfter),
                Error = StoredText.Clean(error),
            }),
            cancellationToken);
        return status is null ? null : StoredWord.Parse<AlertStatus>(status);
    }

    /// <summary>Raises an alert when ticks stop, repeats it after each reminder interval, and clears it when ticks run again.</summary>
    /// <param name="reason">What is wrong with the ticks; null when nothing is.</param>
    /// <param name="rule">When it is repeated.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The phase of the alert added; null when there was nothing new.</returns>
    public Task<AlertPhase?> UpdateTickAlertAsync(string? reason, TickAlertRule rule, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var last = await db.QuerySingleOrDefaultAsync<TickAlert>(SqlQuery.FindLastTickAlert);
            var phase = rule.Next(reason is not null, last?.Phase, TimeSpan.FromMilliseconds(last?.AgeMs ?? 0));
            if (phase is { } now)
                await db.AlertAsync(TickAlertRule.Of(now, reason));
            return phase;
        }, cancellationToken);

    /// <returns>Alerts that are not delivered; counts of 0 when all are.</returns>
    public async Task<AlertOutage> ReadOutageAsync(CancellationToken cancellationToken) =>
        (await database.QuerySingleOrDefaultAsync<AlertOutage>(
            SqlQuery.SummarizeAlertOutage, new { FailedWithinMs = Milliseconds.Of(MaxFailureAge) }, cancellationToken))!;

    /// <summary>Deletes alerts that ended more than so many days ago.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteOldAsync(int days, CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var deleted = await database.WriteAsync(
                db => db.ExecuteAsync(SqlQuery.DeleteOldAlerts, new { Days = days, Limit = DeletedPerStatement }), cancellationToken);
            total += deleted;
            if (deleted < DeletedPerStatement)
                return total;
        }
    }

    private sealed record TickAlert
    {
        public required AlertPhase Phase { get; init; }

        public required long AgeMs { get; init; }
    }
}

/// <summary>Alerts that are not delivered.</summary>
internal sealed record AlertOutage
{
    /// <summary>Alerts that at least one channel has not accepted so far; they are sent again.</summary>
    public required int DelayedCount { get; init; }

    /// <summary>Alerts given up during the last day.</summary>
    public required int FailedCount { get; init; }

    /// <summary>The latest failure; null when there is none.</summary>
    public string? LastError { get; init; }

    /// <summary>The sentence for people; null when all alerts are delivered.</summary>
    public string? Reason => DelayedCount == 0 && FailedCount == 0
        ? null
        : $"Alerts are not delivered: {DelayedCount} being tried again, {FailedCount} given up in the last day. Last failure: {LastError}.";
}
