using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>The target of an <c>http</c> genome, checked.</summary>
internal sealed record HttpTarget
{
    public const string InputJson = "{{inputJson}}";

    private static readonly string[] Methods = ["GET", "POST", "PUT"];

    // They steer the connection or the length of the message; a genome that sets them could smuggle a second request into it.
    private static readonly HashSet<string> ForbiddenHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Expect", "Host", "HTTP2-Settings", "Keep-Alive",
        "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private static readonly JsonElement DefaultBody = JsonElement.Parse("""{"input":"{{input}}"}""");

    public required string Url { get; init; }
    public required HttpMethod Method { get; init; }
    public required IReadOnlyList<(string Name, string Value)> Headers { get; init; }
    public required JsonElement? Body { get; init; }
    public required JsonPath? ReplyPath { get; init; }
    public required JsonPath? InputTokensPath { get; init; }
    public required JsonPath? OutputTokensPath { get; init; }
    public required JsonPath? CostPath { get; init; }

    public bool ReadsJson => (ReplyPath ?? InputTokensPath ?? OutputTokensPath ?? CostPath) is not null;

    public IEnumerable<string> SecretNames => Headers.Select(header => header.Value)
        .Concat(Body is { } body ? Strings(body) : [])
        .SelectMany(Placeholders.In)
        .Select(Placeholders.SecretName)
        .OfType<string>()
        .Distinct(StringComparer.Ordinal);

    public static HttpTarget Read(JsonElement target)
    {
        var settings = new JsonSettings("target", target,
            "type", "url", "method", "headers", "body", "replyPath", "inputTokensPath", "outputTokensPath", "costPath");

        var method = settings.Text("method") ?? "POST";
        if (!Methods.Contains(method))
            throw new InvalidInputException($"target.method ({Excerpt.Of(method, 20)}) must be one of {string.Join(", ", Methods)}.");

        return new HttpTarget
        {
            Url = CheckedUrl(settings.RequiredText("url")),
            Method = new HttpMethod(method),
            Body = CheckedBody(settings.Value("body"), method),
            Headers = CheckedHeaders(settings.Value("headers"), hasBody: method != "GET"),
            ReplyPath = settings.Path("replyPath"),
            InputTokensPath = settings.Path("inputTokensPath"),
            OutputTokensPath = settings.Path("outputTokensPath"),
            CostPath = settings.Path("costPath"),
        };
    }

    public Uri UrlFor(AgentQuestion question)
    {
        var text = Placeholders.Fill(Url, mark => Uri.EscapeDataString(mark == "input" ? question.Input : question.CaseKey));
        return Uri.TryCreate(text, UriKind.Absolute, out var url)
            ? url
            : throw new AgentCallException("The case's input makes target.url unusable; it may be too long for a URL.");
    }

    private static string CheckedUrl(string template)
    {
        foreach (var mark in Placeholders.In(template))
        {
            if (Placeholders.SecretName(mark) is not null)
                throw new InvalidInputException("target.url must not hold a secret, because URLs end up in logs; put it in a header or the body.");
            RefuseUnknown("target.url", mark, "input", "caseKey");
        }

        // The host is the genome's word alone: a test case must not choose whom we call.
        var authority = Math.Max(0, template.IndexOf("://", StringComparison.Ordinal) + 3);
        var end = template.IndexOfAny(['/', '?', '#', '\\'], authority);
        if (Placeholders.In(end < 0 ? template : template[..end]).Any())
            throw new InvalidInputException("target.url may hold {{input}} and {{caseKey}} in its path and query only.");

        AgentUrl.Parse("target.url", Placeholders.Fill(template, _ => "x"));
        return template;
    }

    private static JsonElement? CheckedBody(JsonElement? body, string method)
    {
        if (method == "GET")
            return body is null ? null : throw new InvalidInputException("target.body must be left out when target.method is GET.");
        if (body is null)
            return DefaultBody;

        foreach (var text in Strings(body.Value).Where(text => text != InputJson))
        {
            foreach (var mark in Placeholders.In(text).Where(mark => !IsSecret(mark)))
            {
                if (mark == "inputJson")
                    throw new InvalidInputException($"target.body: {InputJson} must be a string of its own; inside a longer text use {{{{input}}}}.");
                RefuseUnknown("target.body", mark, "input", "caseKey", "inputJson", "secret:NAME");
            }
        }
        return body;
    }

    private static List<(string Name, string Value)> CheckedHeaders(JsonElement? headers, bool hasBody)
    {
        if (headers is null)
            return [];
        if (headers.Value.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException("target.headers must be an object of texts.");

        var result = new List<(string Name, string Value)>();
        using var probe = new HttpRequestMessage();
        foreach (var header in headers.Value.EnumerateObject())
        {
            if (!HeaderText.IsName(header.Name))
                throw new InvalidInputException($"target.headers: '{Excerpt.Of(header.Name, 50)}' is not a header name.");
            if (ForbiddenHeaders.Contains(header.Name))
                throw new InvalidInputException($"target.headers.{header.Name} must not be set; EvalJobs sets it itself.");
            if (result.Exists(other => string.Equals(other.Name, header.Name, StringComparison.OrdinalIgnoreCase)))
                throw new InvalidInputException($"target.headers.{header.Name} occurs twice.");
            if (header.Value.ValueKind != JsonValueKind.String || !HeaderText.IsSafe(header.Value.GetString()!))
                throw new InvalidInputException($"target.headers.{header.Name} must be a text of ASCII characters without line breaks.");
            if (!hasBody && !probe.Headers.TryAddWithoutValidation(header.Name, "x"))
                throw new InvalidInputException($"target.headers.{header.Name} describes a body, and GET has none.");

            var value = header.Value.GetString()!;
            foreach (var mark in Placeholders.In(value).Where(mark => !IsSecret(mark)))
                RefuseUnknown($"target.headers.{header.Name}", mark, "secret:NAME");
            result.Add((header.Name, value));
        }
        return result;
    }

    private static bool IsSecret(string mark) => Placeholders.SecretName(mark) is { Length: > 0 };

    private static void RefuseUnknown(string field, string mark, params string[] known)
    {
        if (!known.Contains(mark))
            throw new InvalidInputException($"{field} holds the unknown {{{{{mark}}}}}; expected {string.Join(", ", known.Select(name => $"{{{{{name}}}}}"))}.");
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value)),
        _ => [],
    };
}
