using System.Net;
using Polly;

namespace EvalJobs.Execution.Agents;

/// <summary>One call of an agent or judge for the HTTP pipeline, stored in the request's options. For one request at a time.</summary>
internal sealed class AgentCall
{
    public static readonly HttpRequestOptionsKey<AgentCall> Key = new("EvalJobs.AgentCall");

    // For callers without a time limit.
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    private IDisposable? _pause;
    private TimeSpan _rateLimitWait;
    private long _answersSeen;
    private int _countedRetries;

    /// <summary>Whose call it is: the slots of an endpoint are shared among tenants.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>The time there is; null for no limit.</summary>
    public CaseClock? Clock { get; init; }

    /// <summary>The text for people of an answer that is not 2xx.</summary>
    public Func<HttpResponseMessage, string>? Describe { get; init; }

    /// <summary>Finds the error inside the body of a 2xx answer, for protocols that put it there.</summary>
    public Func<ReadOnlyMemory<byte>, Chat.ChatError?>? FindError { get; init; }

    /// <returns>The call of a request.</returns>
    public static AgentCall Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var call) ? call : throw new InvalidOperationException("The request has no AgentCall.");

    /// <summary>Whether to ask again. Decides for one outcome, once.</summary>
    /// <param name="outcome">The outcome of the last try.</param>
    /// <param name="maxRetries">How often to ask again at most.</param>
    /// <param name="countAnswers">Counts the successful answers this tenant has had from the endpoint so far.</param>
    /// <param name="now">The time by the wall clock, for a Retry-After that is a date.</param>
    public bool ShouldRetry(Outcome<HttpResponseMessage> outcome, int maxRetries, Func<long> countAnswers, DateTimeOffset now)
    {
        if (outcome.Result is not { } response)
            return outcome.Exception is HttpRequestException && ++_countedRetries <= maxRetries;

        if (response.IsSuccessStatusCode && FindError is null)
            return false;

        var body = BodyOf(response);
        if (!(AgentFailure.IsTransient((int)response.StatusCode) && !Chat.ChatError.IsQuotaUsedUp(body.Span))
            && !(response.IsSuccessStatusCode && FindError?.Invoke(body) is { IsTransient: true }))
        {
            return false;
        }

        // A wait that is longer than the time left is not started: the provider's message now is more useful than a timeout later.
        if (RetryAfter(response, now) is { } wait && wait > (Clock?.Limit ?? DefaultLimit) - _rateLimitWait)
            return false;

        // An endpoint that answers other questions of the tenant is busy, not broken: its rate limit does not count as a failure.
        if (IsRateLimit(response) && countAnswers() is var answers && answers > _answersSeen && _rateLimitWait < (Clock?.Limit ?? DefaultLimit))
        {
            _answersSeen = answers;
            return maxRetries > 0;
        }
        return ++_countedRetries <= maxRetries;
    }

    /// <summary>The next try comes after a wait. For a rate limit the clock is stopped until then.</summary>
    public void WaitBegins(Outcome<HttpResponseMessage> outcome, TimeSpan delay)
    {
        if (outcome.Result is not { } response)
            return;
        if (Clock is not null)
            Clock.LastFailure = Describe?.Invoke(response);
        if (IsRateLimit(response))
        {
            _rateLimitWait += delay;
            _pause = Clock?.Pause();
        }
    }

    /// <summary>The next try begins.</summary>
    public void WaitEnds()
    {
        _pause?.Dispose();
        _pause = null;
    }

    private static bool IsRateLimit(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.TooManyRequests
        || (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null);

    /// <returns>How long the header asks to wait, from now; negative for a moment that has passed, null when there is no such header.</returns>
    internal static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - now,
        _ => null,
    };

    /// <summary>Held in memory already, see <see cref="ReplyLimitHandler"/>.</summary>
    private static ReadOnlyMemory<byte> BodyOf(HttpResponseMessage response) =>
        response.Content is HeldContent content ? content.Bytes : ReadOnlyMemory<byte>.Empty;
}
