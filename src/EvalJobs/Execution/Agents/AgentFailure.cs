using System.Globalization;

namespace EvalJobs.Execution.Agents;

/// <summary>The words for what goes wrong on the way to an endpoint; the same for every agent type, and free of secrets.</summary>
internal static class AgentFailure
{
    private const int ExcerptLength = 200;

    /// <summary>An answer that is not 2xx.</summary>
    public static AgentCallException Status(int status, Uri url, string body, SecretRedactor secrets)
    {
        // Redacted before it is cut: half a secret is one, too.
        var excerpt = Excerpt.Of(secrets.Redact(body), ExcerptLength);
        var answer = string.Create(CultureInfo.InvariantCulture, $"HTTP {status} from {url.Authority}");
        return new AgentCallException(excerpt.Length == 0 ? $"{answer}." : $"{answer}: {excerpt}");
    }

    /// <summary>No answer at all.</summary>
    public static AgentCallException NoAnswer(Uri url, Exception error, SecretRedactor secrets) =>
        new($"No answer from {url.Authority}: {secrets.Redact(error.Message)}", error);

    /// <summary>A 2xx that does not say what it should.</summary>
    public static AgentCallException Unreadable(Uri url, string why, string body, SecretRedactor secrets) =>
        new($"Unreadable reply from {url.Authority}: {why}. It begins: {Excerpt.Of(secrets.Redact(body), ExcerptLength)}");

    /// <summary>One that already has its words.</summary>
    public static AgentCallException Redacted(AgentCallException error, SecretRedactor secrets) => new(secrets.Redact(error.Message), error.InnerException);
}
