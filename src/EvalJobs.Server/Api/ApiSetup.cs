using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary>The HTTP API: Minimal API endpoints that call the use cases, one file per resource.</summary>
internal static class ApiSetup
{
    /// <summary>Registers what the API needs.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions))
        .Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true)
        .AddScoped<ApiCall>()
        .AddSingleton<RunWait>()
        .AddApiRateLimit()
        .AddApiDocument();

    /// <summary>Maps the API. The permission to use it is checked by <see cref="Access.ApiGate"/> and the policies of each endpoint.</summary>
    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup(ApiPaths.V1).RequireRateLimiting(ApiRateLimit.Policy).AddEndpointFilter(ApiAccept.FilterAsync).ValidatesQuery();
        api.MapCaller();
        api.MapTenants();
        api.MapVersions();
        api.MapStandings();
        api.MapSuites();
        api.MapSuiteImport();
        api.MapScorers();
        api.MapSchedules();
        api.MapRuns();
        api.MapRunResults();
        api.MapComparisons();
        api.MapPolicies();
        api.MapHealthReport();
        api.MapJobs();
        api.MapAudit();
        api.MapKeys();
        app.MapApiReference();
    }
}
