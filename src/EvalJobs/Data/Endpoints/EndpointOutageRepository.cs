using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>
/// The circuit breakers of endpoints, for all servers on the database. There is one per endpoint and tenant: a question that an endpoint cannot answer
/// for one tenant does not affect others (docs/develop/decisions/0015-endpoints-that-do-not-answer.md).
/// </summary>
internal sealed class EndpointOutageRepository(EvaluationDatabase database)
{
    /// <summary>From this number of tenants on, the endpoint is the likely cause, and not the questions.</summary>
    public const int SeveralTenants = 3;

    /// <summary>If several tenants wait for an endpoint, each gets its own try after at most this many intervals.</summary>
    private const int OwnIntervals = 10;

    private const int MaxEndpointLength = 300;
    private const int MaxErrorLength = 500;

    /// <summary>The outage of an endpoint that was not tried for this time is deleted.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromDays(2);

    /// <summary>Checks whether a run may ask the endpoint. For an endpoint that does not answer, it claims the tenant's next try.</summary>
    /// <param name="endpoint">What the agent is reached by.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="interval">Time between two tries.</param>
    /// <param name="cancellationToken">Takes nothing when cancelled.</param>
    public async Task<EndpointEntry> EnterAsync(string endpoint, long tenantId, TimeSpan interval, CancellationToken cancellationToken)
    {
        var key = Cut(endpoint, MaxEndpointLength);
        var known = (await database.QuerySingleOrDefaultAsync<KnownOutage>(
            SqlQuery.FindEndpointOutage, new { Endpoint = key, TenantId = tenantId }, cancellationToken))!;
        if (known.IsOpen == 0)
            return known.OtherTenants >= SeveralTenants ? EndpointEntry.OneTry : EndpointEntry.Free;

        return await database.WriteBookkeepingAsync(async db =>
        {
            var mayTry = await db.ExecuteOneAsync(SqlQuery.TryEndpointAgain, new
            {
                Endpoint = key,
                TenantId = tenantId,
                IntervalMs = Milliseconds.Of(interval),
                OwnIntervalMs = Milliseconds.Of(interval * OwnIntervals),
                SeveralTenants,
            });
            var outage = await db.QuerySingleOrDefaultAsync<EndpointOutage>(SqlQuery.GetEndpointOutage, new { Endpoint = key, TenantId = tenantId });
            return outage is null ? EndpointEntry.Free : new EndpointEntry(mayTry ? EndpointAccess.OneTry : EndpointAccess.Wait, outage);
        }, cancellationToken);
    }

    /// <summary>Records that the endpoint did not answer the tenant.</summary>
    /// <returns>The outage; null when the tenant was deleted.</returns>
    public Task<EndpointOutage?> OpenAsync(string endpoint, long tenantId, string error, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(async db =>
        {
            var key = Cut(endpoint, MaxEndpointLength);
            await db.ExecuteAsync(SqlQuery.DeleteOldEndpointOutages, new { OlderThanMs = Milliseconds.Of(ForgottenAfter) });
            await db.ExecuteAsync(SqlQuery.OpenEndpointOutage, new { Endpoint = key, TenantId = tenantId, Error = StoredText.Clean(Cut(error, MaxErrorLength)) });
            return await db.QuerySingleOrDefaultAsync<EndpointOutage>(SqlQuery.GetEndpointOutage, new { Endpoint = key, TenantId = tenantId });
        }, cancellationToken);

    /// <summary>Records that the endpoint answers the tenant again. If several other tenants wait for it, they try it at once.</summary>
    /// <returns>Whether an outage was recorded.</returns>
    public Task<bool> CloseAsync(string endpoint, long tenantId, TimeSpan interval, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(async db =>
        {
            var key = Cut(endpoint, MaxEndpointLength);
            var wasOpen = await db.ExecuteOneAsync(SqlQuery.CloseEndpointOutage, new { Endpoint = key, TenantId = tenantId });
            if (wasOpen)
                await db.ExecuteAsync(SqlQuery.ReleaseEndpointTries, new { Endpoint = key, OwnIntervalMs = Milliseconds.Of(interval * OwnIntervals), SeveralTenants });
            return wasOpen;
        }, cancellationToken);

    /// <returns>The endpoints that do not answer, by tenant.</returns>
    public Task<IReadOnlyList<EndpointOutage>> ListAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<EndpointOutage>(SqlQuery.ListEndpointOutages, new { WithinMs = Milliseconds.Of(ForgottenAfter) }, cancellationToken);

    /// <summary>Records whether a tenant's latest attempt got an answer.</summary>
    public Task SetAnsweredAsync(long tenantId, bool isAnswered, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(
            db => db.ExecuteOneAsync(isAnswered ? SqlQuery.SetTenantAnswered : SqlQuery.SetTenantUnanswered, new { TenantId = tenantId }), cancellationToken);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private sealed record KnownOutage
    {
        public required int OtherTenants { get; init; }

        public required int IsOpen { get; init; }
    }
}
