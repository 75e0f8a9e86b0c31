using EvalJobs.Server.Web;
using Microsoft.Net.Http.Headers;

namespace EvalJobs.Server.Api;

/// <summary>The media types that a caller accepts, by the header Accept.</summary>
internal static class ApiAccept
{
    /// <summary>The media types of endpoints that declare no others.</summary>
    public const string Json = "application/json";

    /// <returns>Of the offered media types, the first one with the caller's highest preference.</returns>
    /// <exception cref="ApiProblemException">None of them is acceptable: 406.</exception>
    public static string Choose(HttpRequest request, params string[] offered)
    {
        var header = request.Headers.Accept;
        if (header.Count == 0 || !MediaTypeHeaderValue.TryParseList(header, out var accepted) || accepted.Count == 0)
            return offered[0];
        var best = offered
            .Select(type => (Type: type, Quality: Quality(accepted, MediaTypeHeaderValue.Parse(type))))
            .Where(each => each.Quality > 0)
            .OrderByDescending(each => each.Quality)
            .FirstOrDefault();
        return best.Type ?? throw new ApiProblemException(ApiProblem.NotAcceptable(string.Join(", ", offered)));
    }

    /// <summary>Runs before each endpoint of the API. Endpoints that declare nothing else answer with JSON.</summary>
    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        Choose(http.Request, http.GetEndpoint()?.Metadata.GetMetadata<Offers>()?.Types ?? [Json]);
        return next(context);
    }

    /// <summary>The most specific range that includes the type decides.</summary>
    private static double Quality(IList<MediaTypeHeaderValue> accepted, MediaTypeHeaderValue type) => accepted
        .Where(range => type.IsSubsetOf(range))
        .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
        .Select(range => range.Quality ?? 1)
        .FirstOrDefault();

    /// <summary>The media types of an endpoint that does not answer only with JSON.</summary>
    internal sealed record Offers(params string[] Types);
}
