using System.Net.Http.Headers;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Calls every endpoint as every kind of caller without permission. Nothing of another tenant is read or changed, and it cannot be distinguished from what does not exist.</summary>
public sealed class ApiAccessTests
{
    private RunningServer _server = null!;
    private ApiTestData _data = null!;
    private IReadOnlyList<RouteEndpoint> _endpoints = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync(("Api:RequestsPerSecond", "100000"), ("Api:Burst", "100000"));
        _data = await ApiTestData.AddAsync(_server);
        _endpoints = ApiTestData.Endpoints(_server);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public void Endpoints_OfTheApi_AreAllNamedAndCounted()
    {
        _endpoints.Should().HaveCountGreaterThan(45);
        _server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal) && ApiTestData.Name(endpoint) is null)
            .Select(endpoint => endpoint.RoutePattern.RawText).Should().OnlyContain(path => path == "/api/v1/openapi.json", "an endpoint without a name would not be tested here");
        _endpoints.Where(endpoint => ApiTestData.Method(endpoint) != "GET").Should().OnlyContain(endpoint => Policies(endpoint).Contains(DashboardPolicy.Operate), "endpoints that change something need a role");
    }

    [Test]
    public async Task Endpoint_WithoutAnAcceptedKey_AnswersTheSameEverywhere()
    {
        var revoked = await _server.KeyAsync(ApiKeyRole.Admin);
        await _server.Services.GetRequiredService<RevokeApiKey>().ExecuteAsync(revoked.Key.Id, "test", default);
        var expired = await _server.KeyAsync(ApiKeyRole.Operator, _data.Acme);
        await _server.Database.ExecuteAsync("UPDATE ApiKey SET ExpiresAt = 1 WHERE Id = @Id", new { expired.Key.Id });
        var before = await _data.ContentAsync();

        var answers = new HashSet<(int, string)>();
        foreach (var secret in new[] { null, revoked.Secret.Text, expired.Secret.Text, ApiKeySecret.Create().Text })
        {
            foreach (var endpoint in _endpoints)
                answers.Add(await SendAsync(secret, _data.Request(endpoint)));
        }

        answers.Should().ContainSingle().Which.Item1.Should().Be(401);
        (await _data.ContentAsync()).Should().Be(before);
    }

    [Test]
    public async Task Endpoint_ViewersKey_ReadsItsOwnTenantAndChangesNothing()
    {
        var before = await _data.ContentAsync();

        foreach (var endpoint in _endpoints)
        {
            var (status, text) = await SendAsync(_data.AcmesKey.Secret.Text, _data.Request(endpoint));
            var isRead = ApiTestData.Method(endpoint) == "GET" && !Policies(endpoint).Intersect([DashboardPolicy.ManageKeys, DashboardPolicy.EveryTenant], StringComparer.Ordinal).Any();
            var expected = !isRead ? 403 : ApiTestData.Name(endpoint) is "getPolicy" or "getCertificate" ? 404 : 200;
            status.Should().Be(expected, "{0} {1}: {2}", ApiTestData.Method(endpoint), endpoint.RoutePattern.RawText, text);
        }

        (await _data.ContentAsync()).Should().Be(before);
    }

    [Test]
    public async Task Endpoint_AnotherTenantsKey_CannotDistinguishExistingFromMissing()
    {
        var before = await _data.ContentAsync();
        foreach (var role in new[] { ApiKeyRole.Viewer, ApiKeyRole.Operator, ApiKeyRole.Approver })
        {
            var key = (await _server.KeyAsync(role, _data.Globex)).Secret.Text;
            before = await _data.ContentAsync();
            foreach (var endpoint in _endpoints)
            {
                var foreign = await SendAsync(key, _data.Request(endpoint));
                var unknown = await SendAsync(key, _data.Request(endpoint, isKnown: false));

                if (ApiTestData.Name(endpoint) != "getHealth")
                    foreign.Should().Be(unknown, "{0} {1} for {2}", ApiTestData.Method(endpoint), endpoint.RoutePattern.RawText, role);
                foreign.Text.Should().NotContain("acme");
                if (ApiTestData.Name(endpoint) is not ("getCaller" or "getHealth" or "listTenants" or "listScorers"))
                    foreign.Status.Should().BeOneOf([403, 404], "{0} {1}: {2}", ApiTestData.Method(endpoint), endpoint.RoutePattern.RawText, foreign.Text);
            }
        }

        (await _data.ContentAsync()).Should().Be(before);
    }

    [Test]
    public async Task Lists_WithoutATenant_ContainOnlyTheCallersTenant()
    {
        using var program = await _server.ProgramAsync(ApiKeyRole.Operator, _data.Globex);

        foreach (var list in new[] { "runs", "versions", "suites", "schedules", "audit", "tenants", "health", "agents", $"runs?versionId={_data.Run.VersionId}", $"runs?suiteId={_data.Run.SuiteId}" })
        {
            var reply = await program.GetReplyAsync(list);
            (reply.Status, reply.Text.Contains("acme", StringComparison.Ordinal)).Should().Be((200, false), list);
        }

        (await program.GetReplyAsync($"audit?entity=EvaluationRun&entityId={_data.Run.Id}")).Json.GetProperty("items").GetArrayLength().Should().Be(0);
        (await program.GetReplyAsync($"runs?versionId={_data.Run.VersionId}")).Json.GetProperty("items").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task Ids_OfAnotherTenantInsideARequest_AreUnknown()
    {
        using var program = await _server.ProgramAsync(ApiKeyRole.Operator, _data.Globex);
        var own = (await program.GetReplyAsync("versions")).Json.GetProperty("items")[0].GetProperty("id").GetInt64();
        var ownRun = (await program.GetReplyAsync("runs")).Json.GetProperty("items")[0].GetProperty("id").GetInt64();

        foreach (var suite in new[] { _data.Run.SuiteId, 987_654_321 })
        {
            (await program.PostJsonAsync("runs", $$"""{"versionId":{{own}},"suiteId":{{suite}}}""")).Status.Should().Be(404);
            (await program.PostJsonAsync($"versions/{own}/transition", $$"""{"to":"DRAFT","suiteId":{{suite}}}""")).Status.Should().Be(404);
        }

        foreach (var run in new[] { _data.Run.Id, 987_654_321 })
            (await program.GetReplyAsync($"comparisons?baseline={ownRun}&run={run}")).Status.Should().Be(404);
    }

    [Test]
    public async Task Key_TheDatabaseDoesNotAnswer_Is503()
    {
        await using var server = await RunningServer.StartAsync();
        using var program = await server.ProgramAsync(ApiKeyRole.Admin);
        await server.Database.ExecuteAsync("ALTER TABLE ApiKey RENAME TO Gone");

        var reply = await program.GetReplyAsync("me");

        reply.Status.Should().Be(503, "the server cannot check the key, and the program may retry");
        reply.Message.Headers.RetryAfter.Should().NotBeNull();
    }

    [Test]
    public async Task Requests_AboveTheLimitOfAKey_AreRejectedForThatKeyOnly()
    {
        await using var server = await RunningServer.StartAsync(("Api:RequestsPerSecond", "1"), ("Api:Burst", "5"));
        using var busy = await server.ProgramAsync(ApiKeyRole.Admin);
        using var other = await server.ProgramAsync(ApiKeyRole.Admin);

        var replies = new List<ApiReply>();
        for (var request = 0; request < 12; request++)
            replies.Add(await busy.GetReplyAsync("me"));

        replies.Should().Contain(reply => reply.Status == 429).And.OnlyContain(reply => reply.Status == 200 || reply.Status == 429);
        var limited = replies.First(reply => reply.Status == 429);
        limited.Text.Should().Contain("urn:evaljobs:problem:too-many-requests");
        limited.Message.Headers.RetryAfter.Should().NotBeNull();
        (await other.GetReplyAsync("me")).Status.Should().Be(200);
    }

    private static IReadOnlyList<string?> Policies(RouteEndpoint endpoint) => [.. endpoint.Metadata.OfType<IAuthorizeData>().Select(data => data.Policy)];

    private async Task<(int Status, string Text)> SendAsync(string? secret, HttpRequestMessage request)
    {
        using var http = _server.Program(null);
        if (secret is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var answer = await http.SendAsync(request);
        return await ApiTestData.ReadAsync(answer);
    }
}
