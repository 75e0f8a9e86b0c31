using System.Net;
using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Access to the API by keys and sessions, with and without sign-in configured.</summary>
public sealed class ApiKeyTests
{
    private RunningServer _server = null!;
    private Tenant _acme = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("ann", ViewerRole.Operator, "acme")]);
        _acme = await _server.Some.TenantAsync("acme");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [TestCase("VIEWER")]
    [TestCase("OPERATOR")]
    [TestCase("APPROVER")]
    public async Task Me_TenantsKey_ReturnsNameAndTenant(string role)
    {
        var key = await _server.KeyAsync(StoredWord.Parse<ApiKeyRole>(role), _acme);
        using var program = _server.Program(key.Secret.Text);

        (await program.GetStringAsync("/api/v1/me")).Should().Be($$"""{"actor":"key:{{key.Key.Name}}","role":"{{role}}","tenants":["acme"]}""");
    }

    [Test]
    public async Task Me_AdminsKey_IsOfEveryTenant()
    {
        using var program = await _server.ProgramAsync(ApiKeyRole.Admin);

        (await program.GetStringAsync("/api/v1/me")).Should().Contain("\"role\":\"ADMIN\",\"tenants\":null");
    }

    [Test]
    public async Task Request_KeyThatIsNotAccepted_IsAnsweredTheSameForEveryReason()
    {
        var revoked = await _server.KeyAsync(ApiKeyRole.Admin);
        await _server.Services.GetRequiredService<RevokeApiKey>().ExecuteAsync(revoked.Key.Id, "test", default);
        var expired = await _server.KeyAsync(ApiKeyRole.Admin);
        await _server.Database.ExecuteAsync("UPDATE ApiKey SET ExpiresAt = 1 WHERE Id = @Id", new { expired.Key.Id });
        var mistyped = expired.Secret.Text[..^1] + (expired.Secret.Text[^1] == 'a' ? 'b' : 'a');

        var answers = new List<string>();
        foreach (var secret in new[] { null, "", "ej_", mistyped, ApiKeySecret.Create().Text, revoked.Secret.Text, expired.Secret.Text })
        {
            using var program = _server.Program(secret);
            answers.Add(await AnswerAsync(await program.GetAsync("/api/v1/me")));
            answers.Add(await AnswerAsync(await program.GetAsync("/api/v1/nothing")));
        }

        answers.Distinct(StringComparer.Ordinal).Should().ContainSingle().Which.Should().StartWith("401 Bearer application/problem+json").And.Contain("urn:evaljobs:problem:unauthorized");
    }

    [Test]
    public async Task Request_KeyRevokedByAnotherProcess_IsRejectedWithinSeconds()
    {
        var key = await _server.KeyAsync(ApiKeyRole.Admin);
        using var program = _server.Program(key.Secret.Text);
        (await program.GetAsync("/api/v1/me")).StatusCode.Should().Be(HttpStatusCode.OK);

        await new ApiKeyRepository(_server.Database.Database).RevokeAsync(key.Key.Id, "test", default);

        await _server.WaitUntilAsync(async () => (await program.GetAsync("/api/v1/me")).StatusCode == HttpStatusCode.Unauthorized, new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
    }

    [Test]
    public async Task Request_WithKeyAndSession_UsesOnlyTheKeyEvenIfItIsWrong()
    {
        using var visitor = new Visitor(_server.Url);
        visitor.With("Accept", "application/json");
        (await visitor.GetAsync("/api/v1/me")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        await visitor.SignInAsync("ann", SomeUser.Password);

        (await (await visitor.GetAsync("/api/v1/me")).Content.ReadAsStringAsync()).Should().Be("""{"actor":"web:ann","role":"OPERATOR","tenants":["acme"]}""");
        visitor.With("Authorization", $"Bearer {ApiKeySecret.Create().Text}");
        (await visitor.GetAsync("/api/v1/me")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [TestCase(null, null, HttpStatusCode.Forbidden)]
    [TestCase("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [TestCase("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [TestCase("Sec-Fetch-Site", "none", HttpStatusCode.Forbidden)]
    [TestCase("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [TestCase("Origin", "null", HttpStatusCode.Forbidden)]
    [TestCase("Sec-Fetch-Site", "same-origin", HttpStatusCode.MethodNotAllowed)]
    public async Task Post_WithASession_IsAcceptedOnlyFromOwnPages(string? header, string? value, HttpStatusCode expected)
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("ann", SomeUser.Password);
        if (header is not null)
            visitor.With(header, value!);

        (await visitor.PostAsync("/api/v1/me")).StatusCode.Should().Be(expected);
    }

    [Test]
    public async Task Post_ViewersKey_IsForbidden()
    {
        using var program = await _server.ProgramAsync(ApiKeyRole.Viewer, _acme);

        var answer = await program.PostAsync("/api/v1/me", null);

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("urn:evaljobs:problem:forbidden");
    }

    [Test]
    public async Task LastUse_OfKeysThatWereUsed_IsStoredOutsideOfTheRequests()
    {
        var key = await _server.KeyAsync(ApiKeyRole.Admin);
        using var program = _server.Program(key.Secret.Text);
        await program.GetAsync("/api/v1/me");
        var keys = new ApiKeyRepository(_server.Database.Database);
        (await keys.GetAsync(key.Key.Id, default)).LastUsedAt.Should().BeNull("no request waits for it");

        await _server.Services.GetRequiredService<ApiKeyUse>().StoreAsync(default);

        (await keys.GetAsync(key.Key.Id, default)).LastUsedAt.Should().NotBeNull();
    }

    [Test]
    public async Task WithoutSignIn_LocalRequest_NeedsAKeyAndOtherHostsAreRejected()
    {
        await using var server = await RunningServer.StartAsync();
        using var anonymous = server.Program(null);
        using var program = await server.ProgramAsync(ApiKeyRole.Admin);

        (await anonymous.GetAsync("/api/v1/me")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await program.GetAsync("/api/v1/me")).StatusCode.Should().Be(HttpStatusCode.OK);
        program.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        (await program.GetAsync("/api/v1/me")).StatusCode.Should().Be(HttpStatusCode.Forbidden, "it came through a proxy");
    }

    /// <summary>Everything by which a caller can distinguish answers, without the trace id.</summary>
    private static async Task<string> AnswerAsync(HttpResponseMessage answer)
    {
        var problem = JsonSerializer.Deserialize<Dictionary<string, object>>(await answer.Content.ReadAsStringAsync())!;
        problem.Remove("traceId").Should().BeTrue();
        return $"{(int)answer.StatusCode} {answer.Headers.WwwAuthenticate} {answer.Content.Headers.ContentType} {JsonSerializer.Serialize(problem)}";
    }
}
