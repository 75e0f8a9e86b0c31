using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>The target of an <c>http</c> genome, checked.</summary>
internal sealed record HttpTarget
{
    public const string InputJson = "{{inputJson}}";

    private static readonly string[] Methods = ["GET", "POST", "PUT"];

    private static readonly JsonElement DefaultBody = JsonElement.Parse("""{"input":"{{input}}"}""");

    public required string Url { get; init; }
    public required HttpMethod Method { get; init; }
    public required RequestHeaders Headers { get; init; }
    public required JsonElement? Body { get; init; }
    public required JsonPath? ReplyPath { get; init; }

    /// <summary>What the body of an answer is: one JSON value or text, or a stream of events.</summary>
    public required ReplyForm Form { get; init; }

    /// <summary>How an answer 202 is followed; null when it is the reply.</summary>
    public required HttpPolling? Polling { get; init; }

    public required OAuthSettings? OAuth { get; init; }

    public required JsonPath? InputTokensPath { get; init; }
    public required JsonPath? OutputTokensPath { get; init; }
    public required JsonPath? CostPath { get; init; }

    public bool ReadsJson => (ReplyPath ?? InputTokensPath ?? OutputTokensPath ?? CostPath) is not null;

    public IEnumerable<string> SecretNames => Headers.SecretNames
        .Concat(OAuth is { } oauth ? [oauth.ClientSecretRef] : [])
        .Concat((Body is { } body ? Strings(body) : []).SelectMany(Placeholders.In).Select(Placeholders.SecretName).OfType<string>())
        .Distinct(StringComparer.Ordinal);

    public static HttpTarget Read(JsonElement target)
    {
        var settings = new JsonSettings("target", target,
            "type", "url", "method", "headers", "body", "reply", "replyPath", "inputTokensPath", "outputTokensPath", "costPath", "poll", "oauth");

        var method = settings.Text("method") ?? "POST";
        if (!Methods.Contains(method))
            throw new InvalidInputException($"target.method ({Excerpt.Of(method, 20)}) must be one of {string.Join(", ", Methods)}.");

        var headers = RequestHeaders.Read("target.headers", settings.Value("headers"), hasBody: method != "GET");
        return new HttpTarget
        {
            Url = ReadUrl(settings.RequiredText("url")),
            Method = new HttpMethod(method),
            Body = ReadBody(settings.Value("body"), method),
            Headers = headers,
            ReplyPath = settings.Path("replyPath"),
            Form = ReadForm(settings.Text("reply")),
            Polling = HttpPolling.Read(settings.Value("poll")),
            OAuth = ReadOAuth(settings.Value("oauth"), headers),
            InputTokensPath = settings.Path("inputTokensPath"),
            OutputTokensPath = settings.Path("outputTokensPath"),
            CostPath = settings.Path("costPath"),
        };
    }

    /// <summary>Host and port, the same for every question.</summary>
    public string Authority => new Uri(Placeholders.Fill(Url, _ => "x")).Authority;

    /// <exception cref="AgentCallException">The case's input cannot be part of the URL.</exception>
    public Uri UrlFor(AgentQuestion question)
    {
        var path = Url.AsSpan(0, Url.IndexOfAny(['?', '#']) is var end and >= 0 ? end : Url.Length);
        var filledPath = Placeholders.Fill(path.ToString(), mark => PathSegment(mark == "input" ? question.Input : question.CaseKey));
        var filledRest = Placeholders.Fill(Url[path.Length..], mark => Uri.EscapeDataString(mark == "input" ? question.Input : question.CaseKey));

        if (!Uri.TryCreate(filledPath + filledRest, UriKind.Absolute, out var url))
            throw new AgentCallException("The case's input makes target.url unusable; it may be too long for a URL.");

        // Uri removes '.' and '..' segments, also when the template completes them around an input such as '.'.
        return url.AbsolutePath.Count(c => c == '/') == Math.Max(1, PathOf(filledPath).Count(c => c == '/'))
            ? url
            : throw new AgentCallException("The case's input would change the path of target.url: a segment of it becomes '.' or '..'.");
    }

    private static ReplyForm ReadForm(string? reply) => reply switch
    {
        null or "json" => ReplyForm.Single,
        "sse" => ReplyForm.ServerSentEvents,
        "ndjson" => ReplyForm.JsonLines,
        _ => throw new InvalidInputException($"target.reply ({Excerpt.Of(reply, 20)}) must be json, sse or ndjson."),
    };

    private static OAuthSettings? ReadOAuth(JsonElement? oauth, RequestHeaders headers)
    {
        var settings = OAuthSettings.Read(oauth);
        return settings is not null && headers.Contains("Authorization")
            ? throw new InvalidInputException("target.headers.Authorization must not be set; it carries the token of target.oauth.")
            : settings;
    }

    private static string PathSegment(string value) =>
        value is "." or ".."
            ? throw new AgentCallException($"The case's input ('{value}') would change the path of target.url.")
            : Uri.EscapeDataString(value);

    private static string PathOf(string url)
    {
        var start = url.IndexOfAny(['/', '\\'], url.IndexOf("://", StringComparison.Ordinal) + 3);
        return start < 0 ? "/" : url[start..].Replace('\\', '/');
    }

    private static string ReadUrl(string template)
    {
        foreach (var mark in Placeholders.In(template))
        {
            if (Placeholders.SecretName(mark) is not null)
                throw new InvalidInputException("target.url must not contain a secret, because URLs end up in logs; put it in a header or the body.");
            EnsureKnown("target.url", mark, "input", "caseKey");
        }

        // Only the genome gives the host: a test case must not choose which host is called.
        var authority = Math.Max(0, template.IndexOf("://", StringComparison.Ordinal) + 3);
        var end = template.IndexOfAny(['/', '?', '#', '\\'], authority);
        if (Placeholders.In(end < 0 ? template : template[..end]).Any())
            throw new InvalidInputException("target.url may contain {{input}} and {{caseKey}} in its path and query only.");

        var url = AgentUrl.Parse("target.url", Placeholders.Fill(template, _ => "x"));
        if (url.AbsolutePath.Count(c => c == '/') != Math.Max(1, PathOf(template[..(template.IndexOfAny(['?', '#']) is var query and >= 0 ? query : template.Length)]).Count(c => c == '/')))
            throw new InvalidInputException("target.url must not have '.' or '..' as a segment of its path; write the path they lead to.");
        return template;
    }

    private static JsonElement? ReadBody(JsonElement? body, string method)
    {
        if (method == "GET")
            return body is null ? null : throw new InvalidInputException("target.body must be left out when target.method is GET.");
        if (body is null)
            return DefaultBody;

        foreach (var text in Strings(body.Value).Where(text => text != InputJson))
        {
            foreach (var mark in Placeholders.In(text).Where(mark => Placeholders.SecretName(mark) is not { Length: > 0 }))
            {
                if (mark == "inputJson")
                    throw new InvalidInputException($"target.body: {InputJson} must be a whole string; inside a longer text use {{{{input}}}}.");
                EnsureKnown("target.body", mark, "input", "caseKey", "inputJson", "secret:NAME");
            }
        }
        return body;
    }

    private static void EnsureKnown(string field, string mark, params string[] known)
    {
        if (!known.Contains(mark))
            throw Placeholders.Unknown(field, mark, known);
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value)),
        _ => [],
    };
}

/// <summary>What the body of an answer is.</summary>
internal enum ReplyForm
{
    /// <summary>One text or JSON value.</summary>
    Single,

    /// <summary>Server-sent events with JSON data.</summary>
    ServerSentEvents,

    /// <summary>JSON values, one a line.</summary>
    JsonLines,
}

/// <summary>How an answer with status 202 is followed until the reply is there.</summary>
/// <param name="UrlPath">Where the answer names the URL to ask; null for its Location header.</param>
/// <param name="Interval">The wait between two questions, where the answer gives no Retry-After.</param>
internal sealed record HttpPolling(JsonPath? UrlPath, TimeSpan Interval)
{
    public static HttpPolling? Read(JsonElement? poll)
    {
        if (poll is null)
            return null;
        var settings = new JsonSettings("target.poll", poll.Value, "urlPath", "seconds");
        return new HttpPolling(settings.Path("urlPath"), TimeSpan.FromSeconds(settings.Number("seconds", 0.1, 600) ?? 1));
    }
}
