using System.Net;
using System.Security.Cryptography;
using System.Text;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Sign-in through a real provider on loopback, with valid and invalid tokens.</summary>
public sealed class OpenIdConnectTests
{
    private TestOpenIdProvider _provider = null!;
    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [SetUp]
    public async Task Start()
    {
        _provider = await TestOpenIdProvider.StartAsync();
        _server = await RunningServer.StartAsync(_provider.Settings(("TenantClaim", "tenants"), ("DisplayName", "Example ID"), ("ApproverValues:0", "leads")));
        _visitor = new Visitor(_server.Url);
        _provider.Claims["tenants"] = "*";
    }

    [TearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Test]
    public async Task Operator_SignsIn_ReturnsToTheirPageAndMayAct()
    {
        _provider.Claims["roles"] = new[] { "everyone", "ops" };

        var form = await (await _visitor.GetAsync("/signin?returnUrl=/hangfire/recurring")).Content.ReadAsStringAsync();
        var back = await SignInAsync("/hangfire/recurring");
        var trigger = await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", "evaluation-health-check");

        form.Should().Contain("Sign in with Example ID").And.Contain("/signin/provider?returnUrl=%2Fhangfire%2Frecurring").And.NotContain("type=\"password\"");
        back.Headers.Location!.ToString().Should().Be("/hangfire/recurring");
        trigger.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await AccountAsync()).Should().Contain("<dd>alice</dd>").And.Contain("<dd>Operator</dd>").And.Contain("<dd>all</dd>");
    }

    [Test]
    public async Task LinkToTheFrameworksSignOut_Followed_EndsNoSession()
    {
        _provider.Claims["roles"] = "staff";
        await SignInAsync("/");

        await _visitor.GetAsync("/signout-oidc");

        (await _visitor.GetAsync("/hangfire/recurring")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Test]
    public async Task Approver_SignsIn_MayActAndIsAnApprover()
    {
        _provider.Claims["roles"] = new[] { "staff", "leads" };

        await SignInAsync("/");

        (await AccountAsync()).Should().Contain("<dd>Approver</dd>", "the highest role of all values counts");
        (await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", "evaluation-health-check")).StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Test]
    public async Task Viewer_SignsIn_MayOnlyRead()
    {
        _provider.Claims["roles"] = "staff";

        await SignInAsync("/");

        (await _visitor.GetAsync("/hangfire/recurring")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", "x")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task TenantClaim_Listed_LimitsAccessToThoseTenants()
    {
        _provider.Claims["roles"] = "ops";
        _provider.Claims["tenants"] = new[] { "globex", "acme" };

        await SignInAsync("/");

        (await AccountAsync()).Should().Contain("<dd>acme, globex</dd>");
        (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task TenantClaim_Missing_MeansNoTenantInsteadOfEveryTenant()
    {
        _provider.Claims["roles"] = "ops";
        _provider.Claims.Remove("tenants");

        await SignInAsync("/");

        (await AccountAsync()).Should().Contain("<dd>none</dd>");
        (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [TestCase("guests")]
    [TestCase("OPS")]
    [TestCase(null)]
    public async Task Role_NotAmongTheValues_IsRejected(string? role)
    {
        if (role is not null)
            _provider.Claims["roles"] = role;

        (await SignInAsync("/hangfire")).Headers.Location!.ToString().Should().Be("/signin?returnUrl=%2Fhangfire&error=NoRole");
        await EnsureSignedOutAsync();
        (await (await _visitor.GetAsync("/signin?error=NoRole")).Content.ReadAsStringAsync()).Should().Contain("has no role on this server");
    }

    private static readonly (string What, Action<SecurityTokenDescriptor> ChangeToken)[] InvalidTokens =
    [
        ("another key", token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "one" }, SecurityAlgorithms.RsaSha256)),
        ("no signature", token => token.SigningCredentials = null),
        ("a signature with the client's id as key", token => token.SigningCredentials = new SigningCredentials(
            new SymmetricSecurityKey(Encoding.UTF8.GetBytes(TestOpenIdProvider.ClientId.PadRight(64))), SecurityAlgorithms.HmacSha256)),
        ("another issuer", token => token.Issuer = "https://evil.example"),
        ("another audience", token => token.Audience = "somebody-else"),
        ("another nonce", token => token.Claims["nonce"] = "x"),
        ("expired", token => (token.NotBefore, token.IssuedAt, token.Expires) = (DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddHours(-1))),
    ];

    [Test]
    public async Task Token_NotForThisSignIn_IsRejected()
    {
        _provider.Claims["roles"] = "ops";
        foreach (var (what, change) in InvalidTokens)
        {
            _provider.ChangeToken = change;
            (await SignInAsync("/hangfire")).Headers.Location!.ToString().Should().StartWith("/signin?").And.EndWith("error=Provider", what);
            await EnsureSignedOutAsync();
        }

        _provider.ChangeToken = _ => { };
        (await SignInAsync("/hangfire")).Headers.Location!.ToString().Should().Be("/hangfire", "a valid token is accepted");
    }

    [Test]
    public async Task User_DeniesTheRequest_ReturnsToTheForm()
    {
        _provider.DeniesAccess = true;

        (await SignInAsync("/hangfire")).Headers.Location!.ToString().Should().StartWith("/signin?").And.EndWith("error=Provider");
        (await (await _visitor.GetAsync("/signin?error=Provider")).Content.ReadAsStringAsync()).Should().Contain("Sign-in with Example ID failed");
    }

    [Test]
    public async Task Callback_InAnotherBrowser_SignsNobodyIn()
    {
        _provider.Claims["roles"] = "ops";
        using var victim = new Visitor(_server.Url);

        var wayBack = await ProviderAnswerAsync("/");
        var answer = await victim.GetAsync(wayBack);

        answer.Headers.Location!.ToString().Should().Contain("error=Provider", "the attacker's own sign-in must not be given to another user's browser");
        (await victim.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    [Test]
    public async Task ReturnUrl_ToAnotherSite_IsReplacedByTheStartPage()
    {
        _provider.Claims["roles"] = "ops";

        (await SignInAsync("https://evil.example/")).Headers.Location!.ToString().Should().Be("/");
    }

    [Test]
    public async Task Provider_Unreachable_IsReportedOnTheForm()
    {
        await _provider.DisposeAsync();

        (await _visitor.GetAsync("/signin/provider")).Headers.Location!.ToString().Should().EndWith("error=Provider");
    }

    [Test]
    public async Task Mapping_ChangedInTheSettings_EndsTheSessionsGivenBefore()
    {
        _provider.Claims["roles"] = "ops";
        var folder = Directory.CreateTempSubdirectory("evaljobs-keys-");
        try
        {
            (string, string) keys = ("Dashboard:KeyFolder", Path.Combine(folder.FullName, "keys"));
            string session;
            await using (var before = await RunningServer.StartAsync([.. _provider.Settings(), keys]))
            {
                using var visitor = new Visitor(before.Url);
                await visitor.GetAsync(await ProviderAnswerAsync("/", visitor));
                session = visitor.Cookies.GetCookies(before.Url)[AccessSetup.SessionCookie]!.Value;
                (await visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.OK);
            }

            await using var after = await RunningServer.StartAsync([.. _provider.Settings(("OperatorValues:0", "admins")), keys]);
            using var same = new Visitor(after.Url);
            same.Cookies.Add(after.Url, new Cookie(AccessSetup.SessionCookie, session));
            (await same.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Redirect);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<HttpResponseMessage> SignInAsync(string returnUrl) => await _visitor.GetAsync(await ProviderAnswerAsync(returnUrl));

    /// <summary>Follows the redirect to the provider, which redirects the browser back.</summary>
    /// <returns>The path the provider redirects to.</returns>
    private async Task<string> ProviderAnswerAsync(string returnUrl, Visitor? visitor = null)
    {
        var there = await (visitor ?? _visitor).GetAsync($"/signin/provider?returnUrl={Uri.EscapeDataString(returnUrl)}");
        using var provider = new Visitor(new Uri(_provider.Url));
        var back = await provider.GetAsync(there.Headers.Location!.PathAndQuery);
        return back.Headers.Location!.PathAndQuery;
    }

    private async Task<string> AccountAsync() => await (await _visitor.GetAsync("/account")).Content.ReadAsStringAsync();

    private async Task EnsureSignedOutAsync() => (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Redirect);
}
