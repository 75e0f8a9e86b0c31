using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>The request headers that a genome or judge sets, checked. Their values may hold <c>{{secret:NAME}}</c>.</summary>
internal sealed class RequestHeaders
{
    // Servers take some 100 headers and 8 to 32 KiB of them; checking thousands would only cost time.
    private const int MaxCount = 64;
    private const int MaxLength = 16 * 1024;

    // They steer the connection or the length of the message; a genome that sets them could smuggle a second request into it.
    private static readonly HashSet<string> Forbidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Expect", "Host", "HTTP2-Settings", "Keep-Alive",
        "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private readonly string _field;
    private readonly List<(string Name, string Value)> _headers;

    private RequestHeaders(string field, List<(string Name, string Value)> headers)
    {
        _field = field;
        _headers = headers;
    }

    /// <summary>The secrets the values name.</summary>
    public IEnumerable<string> SecretNames => _headers.SelectMany(header => Placeholders.In(header.Value)).Select(Placeholders.SecretName).OfType<string>()
        .Distinct(StringComparer.Ordinal);

    public static bool IsForbidden(string name) => Forbidden.Contains(name);

    /// <param name="field">How messages call the object, such as <c>target.headers</c>.</param>
    /// <param name="headers">The object; null means no headers.</param>
    /// <param name="hasBody">Whether the request has a body that headers can describe.</param>
    /// <exception cref="InvalidInputException">A header is not allowed or not well formed; the message names it.</exception>
    public static RequestHeaders Read(string field, JsonElement? headers, bool hasBody)
    {
        if (headers is null)
            return new RequestHeaders(field, []);
        if (headers.Value.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"{field} must be an object of texts.");
        if (headers.Value.GetPropertyCount() > MaxCount)
            throw new InvalidInputException($"{field} contains {headers.Value.GetPropertyCount()} headers; at most {MaxCount} are allowed.");

        var result = new List<(string Name, string Value)>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var length = 0;
        using var probe = new HttpRequestMessage();
        foreach (var header in headers.Value.EnumerateObject())
        {
            if (!HeaderText.IsName(header.Name))
                throw new InvalidInputException($"{field}: '{Excerpt.Of(header.Name, 50)}' is not a header name.");
            if (IsForbidden(header.Name))
                throw new InvalidInputException($"{field}.{header.Name} must not be set; EvalJobs sets it itself.");
            if (!names.Add(header.Name))
                throw new InvalidInputException($"{field}.{header.Name} occurs twice.");
            if (header.Value.ValueKind != JsonValueKind.String || !HeaderText.IsSafe(header.Value.GetString()!))
                throw new InvalidInputException($"{field}.{header.Name} must be a text of ASCII characters without line breaks.");
            if (!hasBody && !probe.Headers.TryAddWithoutValidation(header.Name, "x"))
                throw new InvalidInputException($"{field}.{header.Name} describes a body, and GET has none.");

            var value = header.Value.GetString()!;
            length += header.Name.Length + value.Length;
            if (length > MaxLength)
                throw new InvalidInputException($"{field} is longer than {MaxLength} characters in all.");
            foreach (var mark in Placeholders.In(value).Where(mark => Placeholders.SecretName(mark) is not { Length: > 0 }))
                throw Placeholders.Unknown($"{field}.{header.Name}", mark, "secret:NAME");
            result.Add((header.Name, value));
        }
        return new RequestHeaders(field, result);
    }

    public bool Contains(string name) => _headers.Exists(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <returns>The headers with their secrets filled in.</returns>
    /// <exception cref="InvalidInputException">A secret holds what a header cannot carry.</exception>
    public List<(string Name, string Value)> Fill(IReadOnlyDictionary<string, string> secrets) =>
        [.. _headers.Select(header => (header.Name, Placeholders.Fill(header.Value, mark => SecretFor(header.Name, Placeholders.SecretName(mark)!, secrets))))];

    public static void AddTo(HttpRequestMessage request, IEnumerable<(string Name, string Value)> headers)
    {
        foreach (var (name, value) in headers)
        {
            if (request.Headers.TryAddWithoutValidation(name, value))
                continue;
            // It describes the body; a request without one has no place for it.
            request.Content?.Headers.Remove(name);
            request.Content?.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private string SecretFor(string header, string name, IReadOnlyDictionary<string, string> secrets) =>
        HeaderText.IsSafe(secrets[name])
            ? secrets[name]
            : throw new InvalidInputException($"The secret '{name}' cannot be used in {_field}.{header}: it contains a line break or other characters that headers cannot carry.");
}
