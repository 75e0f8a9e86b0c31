using System.Diagnostics;
using System.Text.Json.Serialization;

namespace EvalJobs.Server.Web;

/// <summary>An error in the form of RFC 9457: programs use <see cref="Type"/>, people use the texts.</summary>
internal sealed record ApiProblem
{
    /// <summary>The content type of problems.</summary>
    public const string ContentType = "application/problem+json";

    private const string TypePrefix = "urn:evaljobs:problem:";

    private ApiProblem(string type, int status, string title, string? detail = null, string? field = null, string? remedy = null) =>
        (Type, Status, Title, Detail, Field, Remedy) = (TypePrefix + type, status, title, detail, field, remedy);

    /// <summary>The kind of problem, such as <c>urn:evaljobs:problem:not-found</c>. It does not change.</summary>
    public string Type { get; }

    /// <summary>The kind of problem in a few words.</summary>
    public string Title { get; }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>What is wrong with this request, in a sentence.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; }

    /// <summary>The field, query parameter or header that is wrong; absent when the error concerns none of them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; }

    /// <summary>What to do about it; absent when the detail says it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Remedy { get; }

    /// <summary>The trace id, by which the entries in the server's log and traces are found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceId { get; private init; }

    /// <summary>How long to wait before the next request; sent in the header Retry-After.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>The request has a value that cannot be accepted.</summary>
    public static ApiProblem Invalid(string detail, string? field = null, string? remedy = null) =>
        new("invalid-request", StatusCodes.Status400BadRequest, "The request is not acceptable", detail, field, remedy);

    /// <summary>The caller is missing or unknown.</summary>
    public static ApiProblem Unauthorized() => new(
        "unauthorized", StatusCodes.Status401Unauthorized, "No accepted key or session", "Nothing was done.",
        remedy: "Send the header 'Authorization: Bearer ej_…' with a key that has not expired and was not revoked; 'key create' makes one.");

    /// <summary>The caller is known, but not allowed to do this.</summary>
    public static ApiProblem Forbidden(string detail) => new("forbidden", StatusCodes.Status403Forbidden, "Not allowed", detail);

    /// <summary>
    /// The object does not exist, or the caller may not know that it exists. The text is the same for both and for every kind of object.
    /// </summary>
    public static ApiProblem NotFound() => new("not-found", StatusCodes.Status404NotFound, "Not found", "Not found, or not visible to this key or session.");

    /// <summary>The address exists, but not with this method.</summary>
    public static ApiProblem MethodNotAllowed() => new("method-not-allowed", StatusCodes.Status405MethodNotAllowed, "The address does not accept this method", remedy: "The header Allow lists the methods it accepts.");

    /// <summary>The resource has none of the representations that the caller accepts.</summary>
    public static ApiProblem NotAcceptable(string offered) =>
        new("not-acceptable", StatusCodes.Status406NotAcceptable, "No such representation", $"This address answers with {offered}.", "Accept");

    /// <summary>The state of the object does not allow it.</summary>
    public static ApiProblem Conflict(string detail, string? field = null) => new("conflict", StatusCodes.Status409Conflict, "The present state does not allow this", detail, field);

    /// <summary>The object has changed since the caller read it.</summary>
    public static ApiProblem PreconditionFailed() => new(
        "precondition-failed", StatusCodes.Status412PreconditionFailed, "It has changed since it was read", "Nothing was changed.", "If-Match", "Read it again before you change it.");

    /// <summary>The body is larger than the limit.</summary>
    public static ApiProblem TooLarge(long? limit) => new(
        "too-large", StatusCodes.Status413PayloadTooLarge, "The body is too large", limit is { } bytes ? $"At most {bytes} bytes are accepted here." : null);

    /// <summary>The body has a content type that is not accepted.</summary>
    public static ApiProblem UnsupportedMediaType(string taken) =>
        new("unsupported-media-type", StatusCodes.Status415UnsupportedMediaType, "The content type is not accepted", $"This address accepts {taken}.", "Content-Type");

    /// <summary>The body is compressed, which is not accepted.</summary>
    public static ApiProblem UnsupportedEncoding() => new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType, "The content type is not accepted", "A compressed body is not accepted.", "Content-Encoding",
        "Leave the header Content-Encoding out.")
    { AcceptEncoding = "identity" };

    /// <summary>Too many requests with this key.</summary>
    public static ApiProblem TooManyRequests(TimeSpan retryAfter) =>
        new("too-many-requests", StatusCodes.Status429TooManyRequests, "Too many requests with this key", remedy: "Wait as long as the header Retry-After says.") { RetryAfter = retryAfter };

    /// <summary>An error that the caller did not cause.</summary>
    public static ApiProblem Unexpected() =>
        new("unexpected", StatusCodes.Status500InternalServerError, "The server failed", "The server's log has the cause under the trace id.");

    /// <summary>The database does not answer at the moment.</summary>
    public static ApiProblem Unavailable() => new(
        "unavailable", StatusCodes.Status503ServiceUnavailable, "The database did not answer", "It is not known whether something was changed.", remedy: "Try again in a moment, with the same Idempotency-Key.")
    { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>The accepted encodings of a body, when its encoding is the error; sent in the header Accept-Encoding.</summary>
    [JsonIgnore]
    public string? AcceptEncoding { get; private init; }

    /// <returns>The problem for a status without further information.</returns>
    public static ApiProblem OfStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Unauthorized(),
        StatusCodes.Status403Forbidden => Forbidden("This is not allowed."),
        StatusCodes.Status404NotFound => NotFound(),
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed(),
        StatusCodes.Status406NotAcceptable => NotAcceptable("application/json"),
        StatusCodes.Status413PayloadTooLarge => TooLarge(null),
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType("application/json"),
        >= 500 => Unexpected(),
        _ => Invalid("The request cannot be read."),
    };

    /// <returns>The name of the request in the server's log.</returns>
    public static string TraceIdOf(HttpContext http) => Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;

    /// <summary>Answers with the problem.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        var response = http.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = $"{(int)Math.Ceiling(wait.TotalSeconds)}";
        if (AcceptEncoding is not null)
            response.Headers.AcceptEncoding = AcceptEncoding;
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        await response.WriteAsJsonAsync(
            this with { TraceId = TraceIdOf(http) }, ApiJson.Options, ContentType, http.RequestAborted);
    }
}
