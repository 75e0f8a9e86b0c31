using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// The circuit breaker between runs and the endpoints of their agents, shared by all servers: while an endpoint does not answer a tenant, one question an
/// interval tries it. The tenant's other runs wait, and no failed attempt is counted. docs/develop/decisions/0015-endpoints-that-do-not-answer.md.
/// </summary>
internal sealed partial class EndpointBreaker(
    EndpointOutageRepository outages, AgentRegistry agents, AgentOptions options, ILogger<EndpointBreaker> logger)
{
    /// <summary>Checks whether a claimed run may ask its agent.</summary>
    /// <exception cref="InvalidInputException">The genome's target cannot be used here.</exception>
    public Task<EndpointPass> EnterAsync(EvaluationRun claim, Genome genome, CancellationToken cancellationToken) =>
        EnterAsync(claim, agents.EndpointOf(genome), cancellationToken);

    /// <summary>The same for an endpoint, such as a judge's.</summary>
    /// <param name="claim">The run.</param>
    /// <param name="endpoint">The endpoint; null when there is none.</param>
    /// <param name="cancellationToken">Takes nothing when cancelled.</param>
    public async Task<EndpointPass> EnterAsync(EvaluationRun claim, string? endpoint, CancellationToken cancellationToken)
    {
        var entry = endpoint is null ? EndpointEntry.Free : await outages.EnterAsync(endpoint, claim.TenantId, options.OutageInterval, cancellationToken);

        // With OutagePatience 0 no run waits: it asks one question, and the attempt fails if that is not answered.
        if (entry.Access == EndpointAccess.Wait && options.OutagePatience == TimeSpan.Zero)
            entry = entry with { Access = EndpointAccess.OneTry };
        return new EndpointPass(endpoint, claim.TenantId, entry);
    }

    /// <summary>Records that the endpoint has answered.</summary>
    public Task CloseAsync(EndpointPass pass, CancellationToken cancellationToken) =>
        pass is { Endpoint: { } endpoint, Entry.Outage: not null } ? CloseAsync(endpoint, pass.TenantId, cancellationToken) : Task.CompletedTask;

    /// <summary>The same for an endpoint that was not checked before.</summary>
    public async Task CloseAsync(string endpoint, long tenantId, CancellationToken cancellationToken)
    {
        if (await outages.CloseAsync(endpoint, tenantId, options.OutageInterval, cancellationToken))
            LogClosed(endpoint);
    }

    /// <summary>Records that the endpoint has not answered.</summary>
    /// <returns>How long the run waits for it; null when it has waited for <see cref="AgentOptions.OutagePatience"/> and the attempt counts as failed.</returns>
    public async Task<TimeSpan?> OpenAsync(EndpointPass pass, string error, CancellationToken cancellationToken)
    {
        if (pass.Endpoint is not { } endpoint || await outages.OpenAsync(endpoint, pass.TenantId, error, cancellationToken) is not { } outage)
            return null;

        if (outage.TryCount == 1)
            LogOpened(endpoint);
        return outage.AgeMs < options.OutagePatience.TotalMilliseconds ? options.OutageInterval : null;
    }

    /// <summary>How long a run waits whose endpoint is not due for a try.</summary>
    public TimeSpan Interval => options.OutageInterval;

    [LoggerMessage(1210, LogLevel.Warning, "The endpoint {Endpoint} does not answer; the tenant's runs wait for it")]
    private partial void LogOpened(string endpoint);

    [LoggerMessage(1211, LogLevel.Information, "The endpoint {Endpoint} answers again")]
    private partial void LogClosed(string endpoint);
}

/// <summary>What one attempt may do with the endpoint of its agent.</summary>
/// <param name="Endpoint">The endpoint; null when the agent has none.</param>
/// <param name="TenantId">The tenant.</param>
/// <param name="Entry">What is known of it.</param>
internal sealed record EndpointPass(string? Endpoint, long TenantId, EndpointEntry Entry);
