namespace EvalJobs.Server.Api;

/// <summary>The HTTP API: Minimal APIs on the use cases, one file per resource.</summary>
internal static class ApiSetup
{
    /// <summary>Registers what the API needs.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));

    /// <summary>Maps the API. Who may use it is decided by <see cref="ApiGate"/> and the policies of each endpoint.</summary>
    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup(ApiPaths.V1);
        api.MapCaller();
    }
}
