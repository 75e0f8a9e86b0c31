using System.Text.Encodings.Web;
using System.Text.Json;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// Takes the secrets of one client out of every text that leaves it, also as JSON or a URL would spell them. It protects against
/// endpoints that repeat a secret, not against one that encodes it on purpose: such an endpoint has the secret anyway.
/// </summary>
internal sealed class SecretRedactor
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string[] _spellings;

    public SecretRedactor(params IEnumerable<string> secrets)
    {
        // Longest first: a secret that contains another one must be replaced as a whole.
        _spellings = [.. secrets
            .SelectMany(secret => new[]
            {
                secret,
                JsonSerializer.Serialize(secret)[1..^1],
                JsonSerializer.Serialize(secret, Relaxed)[1..^1],
                Uri.EscapeDataString(secret),
            })
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(spelling => spelling.Length)];
    }

    /// <returns>The text with every secret replaced by <c>***</c>.</returns>
    public string Redact(string text)
    {
        foreach (var spelling in _spellings)
            text = text.Replace(spelling, "***", StringComparison.Ordinal);
        return text;
    }
}
