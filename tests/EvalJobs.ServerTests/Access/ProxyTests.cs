using System.Net;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Sign-in behind a proxy: which proxies are trusted for the client's address and for https.</summary>
public sealed class ProxyTests
{
    private static readonly (string, string)[] Users = [.. SomeUser.Settings("alice", ViewerRole.Operator), .. SomeUser.Settings("bob", ViewerRole.Operator)];

    private RunningServer _server = null!;

    [SetUp]
    public async Task Start() => _server = await RunningServer.StartAsync([.. Users, ("Dashboard:KnownProxies:0", "127.0.0.0/8")]);

    [TearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task KnownProxy_SendsHttps_CookiesAreSecureAndHttpsIsRequiredFromThenOn()
    {
        using var visitor = From("203.0.113.5");

        using var page = new HttpRequestMessage(HttpMethod.Get, "/signin");
        page.Headers.Host = "evaljobs.example";
        var form = await visitor.SendAsync(page);
        var token = Visitor.FormToken(await form.Content.ReadAsStringAsync());
        using var filled = new HttpRequestMessage(HttpMethod.Post, "/signin")
        {
            Content = new FormUrlEncodedContent([new("name", "alice"), new("password", SomeUser.Password), new("__RequestVerificationToken", token)]),
        };
        filled.Headers.Add("Cookie", form.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        var signedIn = await visitor.SendAsync(filled);

        form.Headers.GetValues("Strict-Transport-Security").Should().Equal("max-age=31536000");
        form.Headers.GetValues("Set-Cookie").Should().OnlyContain(cookie => cookie.Contains("; secure") && cookie.Contains("samesite=strict"));
        signedIn.StatusCode.Should().Be(HttpStatusCode.Redirect);
        signedIn.Headers.GetValues("Set-Cookie").Should().ContainSingle().Which.Should().StartWith(AccessSetup.SessionCookie).And.Contain("; secure");
    }

    [TestCase("http")]
    [TestCase("")]
    public async Task KnownProxy_DoesNotSendHttps_NobodyCanSignIn(string scheme)
    {
        using var visitor = new Visitor(_server.Url).With("X-Forwarded-For", "203.0.113.5");
        if (scheme.Length > 0)
            visitor.With("X-Forwarded-Proto", scheme);

        var form = await visitor.GetAsync("/signin");

        form.StatusCode.Should().Be(HttpStatusCode.Forbidden, "the password would be sent without encryption");
        (await form.Content.ReadAsStringAsync()).Should().Contain("https only");
    }

    [Test]
    public async Task UnknownProxy_SendsHttps_IsIgnored()
    {
        await using var server = await RunningServer.StartAsync([.. Users, ("Dashboard:KnownProxies:0", "10.0.0.7")]);
        using var visitor = new Visitor(server.Url).With("X-Forwarded-For", "203.0.113.5").With("X-Forwarded-Proto", "https");

        (await visitor.GetAsync("/signin")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task LockOut_OfAName_AppliesToEveryAddressAndTheRightPassword()
    {
        for (var attempt = 0; attempt < 5; attempt++)
            (await AttemptAsync($"203.0.113.{attempt}", "alice", "wrong wrong wrong")).Should().Be(HttpStatusCode.Unauthorized);

        (await AttemptAsync("203.0.113.99", "ALICE", SomeUser.Password)).Should().Be(HttpStatusCode.TooManyRequests);
        (await AttemptAsync("203.0.113.99", "bob", SomeUser.Password)).Should().Be(HttpStatusCode.Redirect, "other users are not affected");
    }

    [Test]
    public async Task LockOut_OfAnUnknownName_IsAnsweredTheSame()
    {
        for (var attempt = 0; attempt < 5; attempt++)
            (await AttemptAsync("203.0.113.5", "nobody", "wrong wrong wrong")).Should().Be(HttpStatusCode.Unauthorized);

        (await AttemptAsync("203.0.113.5", "nobody", "wrong wrong wrong")).Should().Be(HttpStatusCode.TooManyRequests);
    }

    [Test]
    public async Task LockOut_OfAnAddress_AppliesToEveryName()
    {
        for (var attempt = 0; attempt < 20; attempt++)
            (await AttemptAsync($"2001:db8:1:2::{attempt:x}", $"guess{attempt}", "wrong wrong wrong")).Should().Be(HttpStatusCode.Unauthorized);

        (await AttemptAsync("2001:db8:1:2:ffff::1", "bob", SomeUser.Password)).Should().Be(HttpStatusCode.TooManyRequests, "all addresses of an IPv6 /64 network count as one address");
        (await AttemptAsync("2001:db8:1:3::1", "bob", SomeUser.Password)).Should().Be(HttpStatusCode.Redirect);
    }

    private Visitor From(string client) => new Visitor(_server.Url).With("X-Forwarded-For", client).With("X-Forwarded-Proto", "https");

    /// <summary>The HTTP client does not send Secure cookies to http://127.0.0.1, so the test sends the form's cookie itself.</summary>
    private async Task<HttpStatusCode> AttemptAsync(string client, string name, string password)
    {
        using var visitor = From(client);
        var form = await visitor.GetAsync("/signin");
        var token = Visitor.FormToken(await form.Content.ReadAsStringAsync());
        using var filled = new HttpRequestMessage(HttpMethod.Post, "/signin")
        {
            Content = new FormUrlEncodedContent([new("name", name), new("password", password), new("__RequestVerificationToken", token)]),
        };
        filled.Headers.Add("Cookie", form.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        return (await visitor.SendAsync(filled)).StatusCode;
    }
}
