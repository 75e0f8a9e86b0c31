using System.Collections.Concurrent;

namespace EvalJobs.Execution.Agents;

/// <summary>The number of successful answers each tenant has had from each endpoint, to distinguish a busy endpoint from a broken one. Safe for concurrent use.</summary>
internal sealed class EndpointProgress
{
    // The authors of genomes can name any number of hosts.
    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<(string Endpoint, string Tenant), long> _answers = new();

    public long AnswersOf(HttpRequestMessage request) => _answers.GetValueOrDefault((request.RequestUri!.Authority, AgentCall.Of(request).TenantSlug));

    public void Answered(string endpoint, string tenant)
    {
        // Counting locks the whole dictionary, and an answer is seldom the first of its endpoint.
        var key = (endpoint, tenant);
        if (!_answers.ContainsKey(key) && _answers.Count >= MaxEntries)
            _answers.Clear();
        _answers.AddOrUpdate(key, 1, static (_, count) => count + 1);
    }
}

/// <summary>
/// Between the retries and the network: takes a slot of the endpoint for each try. A request that waits for its next try releases its slot.
/// </summary>
internal sealed class EndpointHandler(EndpointSlots slots, EndpointProgress progress) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = AgentCall.Of(request);
        call.WaitEnds();
        var endpoint = request.RequestUri!.Authority;
        using var slot = await TakeSlotAsync(endpoint, call, cancellationToken);

        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            progress.Answered(endpoint, call.TenantSlug);
        return response;
    }

    private async ValueTask<IDisposable> TakeSlotAsync(string endpoint, AgentCall call, CancellationToken cancellationToken)
    {
        var turn = slots.AcquireAsync(endpoint, call.TenantSlug, cancellationToken);
        if (turn.IsCompletedSuccessfully)
            return await turn;

        using (call.Clock?.Pause())
            return await turn;
    }
}
