using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.IdentityModel.Tokens;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Access tokens of an OpenID provider at the API, in place of a key.</summary>
public sealed class ApiTokenTests
{
    private TestOpenIdProvider _provider = null!;
    private RunningServer _server = null!;
    private ApiTestData _data = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _provider = await TestOpenIdProvider.StartAsync();
        _server = await RunningServer.StartAsync(
            [.. _provider.Settings(("TenantClaim", "tenants"), ("ApproverValues:0", "leads"), ("TokenAudience", TestOpenIdProvider.Audience)), ("Api:RequestsPerSecond", "100000")]);
        _data = await ApiTestData.AddAsync(_server);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _server.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [TestCase("staff", "VIEWER")]
    [TestCase("ops", "OPERATOR")]
    [TestCase("leads", "APPROVER")]
    public async Task Token_OfAPerson_IsThatPersonWithTheirRoleAndTenants(string role, string expected)
    {
        using var program = Program(role, "acme");

        var me = await program.GetReplyAsync("me");
        var changed = await program.PostJsonAsync("suites?name=of-" + role, """[{"input":"a","expected":"b"}]""");

        me.Text.Should().Be($$"""{"actor":"web:alice","role":"{{expected}}","tenants":["acme"]}""", "a person has the same name with a token and in a session");
        changed.Status.Should().Be(role == "staff" ? 403 : 201, changed.Text);
        (await program.GetReplyAsync($"runs/{_data.Run.Id}")).Status.Should().Be(200);
        if (role != "staff")
            (await program.GetReplyAsync("audit?actor=web:alice")).Json.GetProperty("items").GetArrayLength().Should().BePositive();
    }

    [Test]
    public async Task Token_WithoutAName_IsAProgram()
    {
        using var program = _server.Program(Token("ops", "*", token => token.Claims.Remove("preferred_username")));

        (await program.GetReplyAsync("me")).Text.Should().Be("""{"actor":"token:248289761001","role":"OPERATOR","tenants":null}""");
        (await program.GetAsync("/hangfire")).StatusCode.Should().Be(System.Net.HttpStatusCode.Unauthorized, "tokens are accepted only by the API");
    }

    private static readonly (string What, Action<SecurityTokenDescriptor> ChangeToken)[] InvalidTokens =
    [
        ("another key", token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "one" }, SecurityAlgorithms.RsaSha256)),
        ("no signature", token => token.SigningCredentials = null),
        ("a signature with the audience as key", token => token.SigningCredentials = new SigningCredentials(
            new SymmetricSecurityKey(Encoding.UTF8.GetBytes(TestOpenIdProvider.Audience.PadRight(64))), SecurityAlgorithms.HmacSha256)),
        ("another issuer", token => token.Issuer = "https://evil.example"),
        ("another audience", token => token.Audience = TestOpenIdProvider.ClientId),
        ("no audience", token => token.Audience = null),
        ("expired", token => (token.NotBefore, token.IssuedAt, token.Expires) = (DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddHours(-1))),
        ("not yet", token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddHours(1), DateTime.UtcNow.AddHours(2))),
        ("no role", token => token.Claims.Remove("roles")),
        ("an unknown role", token => token.Claims["roles"] = "OPS"),
    ];

    [Test]
    public async Task Endpoint_TokenForAnotherAudience_AnswersAsWithoutATokenEverywhere()
    {
        var before = await _data.ContentAsync();
        var tokens = InvalidTokens.Select(each => Token("ops", "*", each.ChangeToken)).Append("eyJhbGciOiJub25lIn0.e30.").Append("x").ToList();

        var answers = new HashSet<(int, string)>();
        foreach (var endpoint in ApiTestData.Endpoints(_server))
        {
            answers.Add(await SendAsync(null, _data.Request(endpoint)));
            foreach (var token in tokens)
                answers.Add(await SendAsync(token, _data.Request(endpoint)));
        }

        answers.Should().ContainSingle().Which.Item1.Should().Be(401);
        (await _data.ContentAsync()).Should().Be(before);
        (await SendAsync(Token("ops", "*"), new HttpRequestMessage(HttpMethod.Get, "/api/v1/me"))).Status.Should().Be(200, "a valid token is accepted");
    }

    [Test]
    public async Task Endpoint_TokenOfAnotherTenantOrOfNone_CannotDistinguishExistingFromMissing()
    {
        var before = await _data.ContentAsync();
        foreach (var token in new[] { Token("leads", "globex"), Token("leads", null) })
        {
            foreach (var endpoint in ApiTestData.Endpoints(_server).Where(endpoint => ApiTestData.Name(endpoint) is not ("getCaller" or "getHealth" or "listTenants" or "listScorers")))
            {
                var foreign = await SendAsync(token, _data.Request(endpoint));
                foreign.Should().Be(await SendAsync(token, _data.Request(endpoint, isKnown: false)), "{0} {1}", ApiTestData.Method(endpoint), endpoint.RoutePattern.RawText);
                foreign.Status.Should().BeOneOf([403, 404], "{0} {1}: {2}", ApiTestData.Method(endpoint), endpoint.RoutePattern.RawText, foreign.Text);
            }
        }

        (await _data.ContentAsync()).Should().Be(before);
    }

    [Test]
    public async Task Endpoint_TokenOfAViewer_ChangesNothing()
    {
        var before = await _data.ContentAsync();
        foreach (var endpoint in ApiTestData.Endpoints(_server))
        {
            var mayRead = ApiTestData.Method(endpoint) == "GET" && !endpoint.Metadata.OfType<IAuthorizeData>().Any(data => data.Policy is DashboardPolicy.ManageKeys or DashboardPolicy.EveryTenant);
            var (status, text) = await SendAsync(Token("staff", "acme"), _data.Request(endpoint));
            status.Should().Be(!mayRead ? 403 : ApiTestData.Name(endpoint) is "getPolicy" or "getCertificate" ? 404 : 200, "{0} {1}: {2}", ApiTestData.Method(endpoint), endpoint.RoutePattern.RawText, text);
        }

        (await _data.ContentAsync()).Should().Be(before);
    }

    [Test]
    public async Task Key_WhereTokensAreAccepted_WorksAsBefore()
    {
        using var program = await _server.ProgramAsync(ApiKeyRole.Operator, _data.Acme);

        (await program.GetReplyAsync("me")).Text.Should().Contain("\"actor\":\"key:");
    }

    [Test]
    public async Task Token_NoAudienceConfigured_IsNotAccepted()
    {
        await using var server = await RunningServer.StartAsync(_provider.Settings());
        using var program = server.Program(Token("ops", "*"));

        (await program.GetReplyAsync("me")).Status.Should().Be(401);
    }

    private HttpClient Program(string role, string? tenant) => _server.Program(Token(role, tenant));

    private string Token(string role, string? tenant, Action<SecurityTokenDescriptor>? change = null) => _provider.AccessToken(token =>
    {
        token.Claims["roles"] = role;
        if (tenant is not null)
            token.Claims["tenants"] = tenant;
        change?.Invoke(token);
    });

    private async Task<(int Status, string Text)> SendAsync(string? token, HttpRequestMessage request)
    {
        using var http = _server.Program(null);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return await ApiTestData.ReadAsync(answer);
    }
}
