using EvalJobs.Server.Dashboard;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary>The description of an endpoint in the OpenAPI document, and its authorization policy.</summary>
internal static class ApiDocs
{
    private static readonly int[] ReadProblems = [400, 401, 403, 404, 406, 429, 500, 503];
    private static readonly int[] WriteProblems = [.. ReadProblems, 409];
    private static readonly int[] BodyProblems = [413, 415];

    /// <summary>An endpoint that reads.</summary>
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder endpoint, string id, string summary) =>
        endpoint.Describe(id, summary).Produces<T>().Problems(ReadProblems);

    /// <summary>An endpoint that changes data of a tenant, and answers with a body.</summary>
    public static RouteHandlerBuilder Writes<T>(this RouteHandlerBuilder endpoint, string id, string summary, int status = StatusCodes.Status200OK) =>
        endpoint.Changes().Describe(id, summary).Produces<T>(status).Problems(WriteProblems);

    /// <summary>An endpoint that changes data of a tenant, and answers without a body.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder endpoint, string id, string summary, int status = StatusCodes.Status204NoContent) =>
        endpoint.Changes().Describe(id, summary).Produces(status).Problems(WriteProblems);

    /// <summary>The endpoint has a body.</summary>
    public static RouteHandlerBuilder TakesBody(this RouteHandlerBuilder endpoint) => endpoint.Problems(BodyProblems);

    /// <summary>The answer of the endpoint has an entity tag, or the endpoint checks If-Match.</summary>
    public static RouteHandlerBuilder HasTag(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new Tagged()).Problems(412);

    /// <summary>Only for callers who may see every tenant.</summary>
    public static RouteHandlerBuilder OfEveryTenant(this RouteHandlerBuilder endpoint) => endpoint.RequireAuthorization(DashboardPolicy.EveryTenant);

    /// <summary>Only for callers who may manage keys.</summary>
    public static RouteHandlerBuilder OfKeyManagers(this RouteHandlerBuilder endpoint) => endpoint.RequireAuthorization(DashboardPolicy.ManageKeys);

    private static RouteHandlerBuilder Changes(this RouteHandlerBuilder endpoint) => endpoint.RequireAuthorization(DashboardPolicy.Operate);

    private static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string id, string summary) => endpoint.WithName(id).WithSummary(summary);

    private static RouteHandlerBuilder Problems(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses)
            endpoint.Produces<ApiProblem>(status, ApiProblem.ContentType);
        return endpoint;
    }

    /// <summary>The mark of endpoints with entity tags.</summary>
    internal sealed record Tagged;
}
