using System.Globalization;

namespace EvalJobs.Execution.Agents;

/// <summary>The texts of errors on the way to an endpoint; the same for every agent type, and free of secrets.</summary>
internal static class AgentFailure
{
    private const int ExcerptLength = 200;
    private const int RejectionLength = 4000;

    /// <returns>Whether a status says that asking again may help.</returns>
    public static bool IsTransient(int status) => status is 408 or 429 or (>= 500 and <= 599);

    /// <summary>An answer that is not 2xx.</summary>
    public static AgentCallException Status(HttpResponseMessage response, Uri url, SecretRedactor secrets)
    {
        var body = response.Content is HeldContent content ? content.Bytes : ReadOnlyMemory<byte>.Empty;

        // Redacted before it is cut, because a part of a secret is secret, too.
        var words = secrets.Redact(BodyText(body.Span, response));
        var excerpt = Excerpt.Of(words, ExcerptLength);
        var wait = response.Headers.RetryAfter is { } retryAfter ? $" (Retry-After: {retryAfter})" : "";
        var answer = string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode} from {url.Authority}{wait}");
        return new AgentCallException(excerpt.Length == 0 ? $"{answer}." : $"{answer}: {excerpt}")
        {
            IsTransient = IsTransient((int)response.StatusCode),
            IsOutage = (int)response.StatusCode is >= 500 and <= 599,
            RejectionText = (int)response.StatusCode is 400 or 404 or 422 or 501 ? Excerpt.Of(words, RejectionLength) : null,
        };
    }

    /// <summary>No answer at all.</summary>
    public static AgentCallException NoAnswer(Uri url, Exception error, SecretRedactor secrets) =>
        new($"No answer from {url.Authority}: {secrets.Redact(error.Message)}", error) { IsTransient = true, IsOutage = true };

    /// <summary>A 2xx answer without the expected content.</summary>
    public static AgentCallException Unreadable(Uri url, string why, string body, SecretRedactor secrets) =>
        new($"Unreadable reply from {url.Authority}: {why} It begins: {Excerpt.Of(secrets.Redact(body), ExcerptLength)}");

    /// <summary>The same exception without secrets.</summary>
    public static AgentCallException Redacted(AgentCallException error, SecretRedactor secrets) =>
        new(secrets.Redact(error.Message), error.InnerException) { IsTransient = error.IsTransient, IsOutage = error.IsOutage, RejectionText = error.RejectionText };

    private static string BodyText(ReadOnlySpan<byte> body, HttpResponseMessage response)
    {
        try
        {
            return TextBody.Of(body, response.Content.Headers.ContentType);
        }
        catch (FormatException)
        {
            return TextBody.Lenient(body);
        }
    }
}
