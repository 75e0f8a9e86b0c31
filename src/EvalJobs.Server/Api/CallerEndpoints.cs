using EvalJobs.Domain;
using EvalJobs.Server.Access;

namespace EvalJobs.Server.Api;

/// <summary><c>/me</c>: the caller as the server sees it. A new program should send this request first.</summary>
internal static class CallerEndpoints
{
    public static void MapCaller(this IEndpointRouteBuilder api)
    {
        api.MapGet("/me", (HttpContext http) => TypedResults.Ok(Caller.Of(Viewer.Of(http)))).Reads<Caller>("getCaller", "Read who the caller is and what it may do");
    }
}

/// <summary>The caller and its permissions.</summary>
internal sealed record Caller
{
    /// <summary>The name in the audit trail, such as <c>key:ci-main</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>VIEWER, OPERATOR, APPROVER or ADMIN.</summary>
    public required ApiKeyRole Role { get; init; }

    /// <summary>Slugs of the tenants that the caller may see; null means every tenant.</summary>
    public IReadOnlyList<string>? Tenants { get; init; }

    public static Caller Of(Viewer viewer) => new()
    {
        Actor = viewer.Actor,
        Role = viewer switch
        {
            { KeyId: not null, SeesEverything: true } => ApiKeyRole.Admin,
            { Role: ViewerRole.Viewer } => ApiKeyRole.Viewer,
            { Role: ViewerRole.Operator } => ApiKeyRole.Operator,
            _ => ApiKeyRole.Approver,
        },
        Tenants = viewer.Tenants?.Order(StringComparer.Ordinal).ToList(),
    };
}
