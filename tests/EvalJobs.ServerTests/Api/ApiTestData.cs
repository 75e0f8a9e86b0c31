using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Two tenants with one object of each kind, and a request for every endpoint of the API.</summary>
internal sealed class ApiTestData
{
    private const long Unknown = 987_654_321;

    private ApiTestData(RunningServer server) => Server = server;

    public RunningServer Server { get; }

    public Tenant Acme { get; private set; } = null!;

    public Tenant Globex { get; private set; } = null!;

    public EvaluationRun Run { get; private set; } = null!;

    public CreatedApiKey AcmesKey { get; private set; } = null!;

    public RunSchedule Schedule { get; private set; } = null!;

    /// <summary>Every endpoint below /api, read from the framework, so none can be forgotten.</summary>
    public static IReadOnlyList<RouteEndpoint> Endpoints(RunningServer server) =>
        [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText?.StartsWith("/api/v1/", StringComparison.Ordinal) == true && Name(endpoint) is not null)];

    public static string? Name(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<EndpointNameMetadata>()?.EndpointName;

    public static string Method(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single();

    public static async Task<ApiTestData> AddAsync(RunningServer server)
    {
        var data = new ApiTestData(server) { Acme = await server.Some.TenantAsync("acme"), Globex = await server.Some.TenantAsync("globex") };
        foreach (var tenant in new[] { data.Globex, data.Acme })
        {
            await server.Some.SuiteAsync(tenant);
            await server.Some.PendingRunAsync(tenant);
            var claimed = (await server.Some.ClaimAsync(await server.Some.LiveBatchAsync(tenant), 1)).Single();
            await server.Some.Claims.SaveResultsAsync(claimed, [.. (await server.Some.UnansweredAsync(claimed.Id)).Select(each => Some.Result(each.Id))], default);
            await server.Some.Claims.CompleteAsync(claimed, default);
            data.Run = claimed;
            data.Schedule = await new RunScheduleRepository(server.Database.Database).AddAsync(tenant.Id, claimed.SuiteId, SomeSchedule.Draft with { Cron = "0 2 29 2 *" }, "test", default);
        }

        data.AcmesKey = await server.KeyAsync(ApiKeyRole.Viewer, data.Acme);
        return data;
    }

    /// <summary>A request for an object of Acme, or for one that does not exist.</summary>
    public HttpRequestMessage Request(RouteEndpoint endpoint, bool isKnown = true)
    {
        var tenant = isKnown ? "acme" : "nobody";
        var path = endpoint.RoutePattern.RawText!;
        var (run, version, suite, key, schedule) = isKnown ? (Run.Id, Run.VersionId, Run.SuiteId, AcmesKey.Key.Id, Schedule.Id) : (Unknown, Unknown, Unknown, Unknown, Unknown);
        var id = path.Split('/')[3] switch { "runs" => run, "versions" => version, "suites" => suite, "keys" => key, "schedules" => schedule, _ => Unknown };
        path = path.Replace("{tenant}", tenant, StringComparison.Ordinal).Replace("{job}", JobSchedule.ProcessEvaluations, StringComparison.Ordinal).Replace("{id:long}", $"{id}", StringComparison.Ordinal)
            + (Name(endpoint) == "compareRuns" ? $"?baseline={run}&run={run}" : AsksForTenant(endpoint) ? $"?tenant={tenant}" : "");
        var request = new HttpRequestMessage(new HttpMethod(Method(endpoint)), path);
        if (Body(Name(endpoint)!, tenant, version, suite) is { } body)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        else if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null)
            throw new InvalidOperationException($"{Name(endpoint)} needs a body: add it here.");
        return request;
    }

    private static bool AsksForTenant(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.GetParameter("tenant") is null && endpoint.Metadata.OfType<IParameterBindingMetadata>().Any(parameter => parameter.Name == "tenant");

    /// <summary>Everything stored, without the times of last use of keys.</summary>
    public async Task<string> ContentAsync()
    {
        var text = new System.Text.StringBuilder();
        await using var connection = await Server.Database.Database.OpenAsync(default);
        foreach (var table in new[] { "Tenant", "AgentVersion", "EvaluationSuite", "TestCase", "EvaluationRun", "TestCaseResult", "ChangeRecord", "RunSchedule", "JobPause", "PromotionPolicy", "VersionGate", "RunLook", "ApiAnswer" })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM {table} ORDER BY 1, 2";
            await using var reader = await command.ExecuteReaderAsync();
            var values = new object[reader.FieldCount];
            while (await reader.ReadAsync())
            {
                reader.GetValues(values);
                text.Append(table).Append(": ").AppendJoin('|', values).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>Everything by which a caller can distinguish answers, without the trace id.</summary>
    public static async Task<(int Status, string Text)> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var problem = JsonSerializer.Deserialize<Dictionary<string, object>>(text)!;
            problem.Remove("traceId");
            text = JsonSerializer.Serialize(problem);
        }

        var headers = answer.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(",", header.Value)}").Order(StringComparer.Ordinal);
        return ((int)answer.StatusCode, $"{text}\n{string.Join('\n', headers)}");
    }

    private static string? Body(string name, string tenant, long version, long suite) => name switch
    {
        "createRun" => $$"""{"versionId":{{version}},"suiteId":{{suite}}}""",
        "changeRuns" => $$"""{"change":"RETRY","filter":{"tenant":"{{tenant}}"} }""",
        "acknowledgeRun" => """{"note":"known"}""",
        "voidRun" => """{"reason":"wrong key"}""",
        "setRunPriority" => """{"priority":5}""",
        "createVersion" => $$"""{"tenant":"{{tenant}}","agent":"bot","label":"new","genome":{"target":{"type":"http","url":"http://127.0.0.1/"} } }""",
        "transitionVersion" => """{"to":"CANDIDATE"}""",
        "changeCases" => """{"added":[{"input":"a","expected":"b"}]}""",
        "changeSuite" => """{"description":"other"}""",
        "createSuite" or "reviseSuite" => """[{"input":"a","expected":"b"}]""",
        "setPolicy" => $$"""{"tenant":"{{tenant}}","document":{"requirements":[{"suite":"suite","rule":"rate","threshold":0.7}]} }""",
        "createSchedule" => $$"""{"suiteId":{{suite}},"agent":"agent","cron":"0 2 * * *"}""",
        "changeSchedule" => """{"cron":"0 3 * * *"}""",
        "pauseJob" => """{"reason":"maintenance"}""",
        "addTenant" => """{"slug":"another"}""",
        "setTenantLimits" => "{}",
        "createKey" => $$"""{"name":"another","tenant":"{{tenant}}","role":"VIEWER"}""",
        _ => null,
    };
}
