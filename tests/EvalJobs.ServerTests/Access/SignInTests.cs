using System.Net;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Named users: the form, the session and its end.</summary>
public sealed class SignInTests
{
    private static readonly (string, string)[] Alice = SomeUser.Settings("alice", ViewerRole.Operator);

    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start() => _server = await RunningServer.StartAsync([.. Alice, .. SomeUser.Settings("Bob", ViewerRole.Viewer)]);

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [SetUp]
    public void Arrive() => _visitor = new Visitor(_server.Url);

    [TearDown]
    public void Leave() => _visitor.Dispose();

    [Test]
    public async Task Page_NotSignedIn_LeadsToTheFormAndBack()
    {
        var page = await _visitor.GetAsync("/hangfire/recurring?from=5");
        var signedIn = await _visitor.SignInAsync("alice", SomeUser.Password, "/hangfire/recurring?from=5");

        page.Headers.Location!.ToString().Should().Be("/signin?returnUrl=%2Fhangfire%2Frecurring%3Ffrom%3D5");
        signedIn.StatusCode.Should().Be(HttpStatusCode.Redirect);
        signedIn.Headers.Location!.ToString().Should().Be("/hangfire/recurring?from=5");
        var shown = await _visitor.GetAsync("/hangfire/recurring");
        shown.StatusCode.Should().Be(HttpStatusCode.OK);
        (await shown.Content.ReadAsStringAsync()).Should().Contain("alice", "the menu shows the user's name");
    }

    [TestCase("/hangfire/stats", "POST")]
    [TestCase("/hangfire/recurring/trigger", "POST")]
    [TestCase("/nowhere", "PUT")]
    public async Task Script_NotSignedIn_GetsUnauthorized(string path, string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        (await _visitor.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task Session_Always_IsHiddenFromScriptsAndOtherSites()
    {
        var signedIn = await _visitor.SignInAsync("ALICE", SomeUser.Password);

        signedIn.Headers.GetValues("Set-Cookie").Should().ContainSingle(cookie => cookie.StartsWith(AccessSetup.SessionCookie, StringComparison.Ordinal))
            .Which.Should().Contain("httponly").And.Contain("samesite=lax").And.NotContain("expires", "the cookie ends with the browser session");
    }

    [TestCase("https://evil.example/")]
    [TestCase("//evil.example")]
    [TestCase("/\\evil.example")]
    [TestCase("/\t/evil.example")]
    [TestCase("javascript:alert(1)")]
    [TestCase("")]
    public async Task ReturnUrl_ToAnotherSite_IsReplacedByTheStartPage(string returnUrl)
    {
        (await _visitor.SignInAsync("alice", SomeUser.Password, returnUrl)).Headers.Location!.ToString().Should().Be("/");
    }

    [TestCase("/hangfire/häng?name=ü 評", "/hangfire/h%C3%A4ng?name=%C3%BC%20%E8%A9%95")]
    [TestCase("/😀", "/%F0%9F%98%80")]
    public async Task ReturnUrl_WithLettersBeyondAscii_IsFollowedEncoded(string returnUrl, string location)
    {
        var answer = await _visitor.SignInAsync("alice", SomeUser.Password, returnUrl);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.GetValues("Location").Single().Should().Be(location);
    }

    [Test]
    public async Task SignOut_OfASessionWhoseCookieWasCopied_EndsTheCopyToo()
    {
        await _visitor.SignInAsync("alice", SomeUser.Password);
        using var copy = Copy(_visitor);
        using var otherSession = new Visitor(_server.Url);
        await otherSession.SignInAsync("alice", SomeUser.Password);

        await SignOutAsync(_visitor);

        (await copy.GetAsync("/account")).StatusCode.Should().Be(HttpStatusCode.Redirect, "the session has ended on the server, too");
        (await otherSession.GetAsync("/account")).StatusCode.Should().Be(HttpStatusCode.OK, "one session is signed out, not all");
        await using var second = await _server.JoinAsync([.. Alice, .. SomeUser.Settings("Bob", ViewerRole.Viewer)]);
        using var onSecondServer = Copy(copy, second.Url);
        (await onSecondServer.GetAsync("/account")).StatusCode.Should().Be(HttpStatusCode.Redirect, "other servers on the database reject it too");
    }

    [Test]
    public async Task SignOutEverywhere_WithSeveralSessions_EndsThemAllAndNoOtherUsers()
    {
        await _visitor.SignInAsync("alice", SomeUser.Password);
        using var otherSession = new Visitor(_server.Url);
        await otherSession.SignInAsync("alice", SomeUser.Password);
        using var bob = new Visitor(_server.Url);
        await bob.SignInAsync("Bob", SomeUser.Password);

        await SignOutAsync(_visitor, ("everywhere", "yes"));

        (await otherSession.GetAsync("/account")).StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await bob.GetAsync("/account")).StatusCode.Should().Be(HttpStatusCode.OK);
        await otherSession.SignInAsync("alice", SomeUser.Password);
        (await otherSession.GetAsync("/account")).StatusCode.Should().Be(HttpStatusCode.OK, "a session that begins later is not affected");
    }

    [Test]
    public async Task WrongPassword_Always_IsAnsweredAsAnUnknownName()
    {
        var wrong = await _visitor.SignInAsync("Bob", "not the password");
        var unknown = await _visitor.SignInAsync("nobody", "not the password");

        wrong.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        unknown.StatusCode.Should().Be(wrong.StatusCode);
        (await WithoutTokenAsync(unknown)).Should().Contain("value=\"nobody\" required").And.NotContain("not the password")
            .And.Subject.Replace("value=\"nobody\"", "value=\"Bob\"", StringComparison.Ordinal).Should().Be(await WithoutTokenAsync(wrong), "the form shows only what was typed");
        (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    [Test]
    public async Task Form_FromAnotherSite_IsRejected()
    {
        var answer = await _visitor.PostAsync("/signin", ("name", "alice"), ("password", SomeUser.Password));

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Headers.Should().NotContain(header => header.Key == "Set-Cookie" && header.Value.Any(value => value.StartsWith(AccessSetup.SessionCookie, StringComparison.Ordinal)));
    }

    [Test]
    public async Task Form_LargerThanAnyOwnForm_IsRejected()
    {
        (await _visitor.SignInAsync("alice", new string('x', 20_000))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Test]
    public async Task SignOut_WithThePagesToken_EndsTheSessionAndWithoutDoesNot()
    {
        await _visitor.SignInAsync("alice", SomeUser.Password);
        var account = await (await _visitor.GetAsync("/account")).Content.ReadAsStringAsync();

        (await _visitor.PostAsync("/signout")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await _visitor.PostAsync("/signout", ("__RequestVerificationToken", Visitor.FormToken(account)))).Headers.Location!.ToString().Should().Be("/signin");
        (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    [Test]
    public async Task Session_AfterItsLifetime_HasEnded()
    {
        await _visitor.SignInAsync("alice", SomeUser.Password);
        var format = _server.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
            .Get(CookieAuthenticationDefaults.AuthenticationScheme).TicketDataFormat;
        var session = _visitor.Cookies.GetCookies(_server.Url)[AccessSetup.SessionCookie]!;
        var ticket = format.Unprotect(session.Value)!;

        (ticket.Properties.ExpiresUtc - ticket.Properties.IssuedUtc).Should().Be(TimeSpan.FromHours(8));
        session.Value = format.Protect(new AuthenticationTicket(
            ticket.Principal, new AuthenticationProperties { ExpiresUtc = DateTimeOffset.UtcNow.AddMinutes(-1) }, ticket.AuthenticationScheme));
        (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    [Test]
    public async Task Restart_WithTheSameKeys_KeepsSessionsOfUsersWhoAreStillThere()
    {
        var folder = Directory.CreateTempSubdirectory("evaljobs-keys-");
        try
        {
            (string, string) keys = ("Dashboard:KeyFolder", Path.Combine(folder.FullName, "keys"));
            string session;
            await using (var first = await RunningServer.StartAsync([.. Alice, keys]))
            {
                using var before = new Visitor(first.Url);
                await before.SignInAsync("alice", SomeUser.Password);
                session = before.Cookies.GetCookies(first.Url)[AccessSetup.SessionCookie]!.Value;
            }

            await using (var same = await RunningServer.StartAsync([.. Alice, keys]))
                (await OpenAsync(same, session)).Should().Be(HttpStatusCode.OK);
            await using (var without = await RunningServer.StartAsync([.. SomeUser.Settings("bob", ViewerRole.Operator), keys]))
                (await OpenAsync(without, session)).Should().Be(HttpStatusCode.Redirect, "alice was removed");
            (await OpenAsync(_server, session)).Should().Be(HttpStatusCode.Redirect, "another server's keys");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<HttpStatusCode> OpenAsync(RunningServer server, string session)
    {
        using var visitor = new Visitor(server.Url);
        visitor.Cookies.Add(server.Url, new Cookie(AccessSetup.SessionCookie, session));
        return (await visitor.GetAsync("/hangfire")).StatusCode;
    }

    private static async Task<string> WithoutTokenAsync(HttpResponseMessage answer)
    {
        var page = await answer.Content.ReadAsStringAsync();
        return page.Replace(Visitor.FormToken(page), "", StringComparison.Ordinal);
    }

    private static async Task SignOutAsync(Visitor visitor, params (string, string)[] fields)
    {
        var account = await (await visitor.GetAsync("/account")).Content.ReadAsStringAsync();
        (await visitor.PostAsync("/signout", [("__RequestVerificationToken", Visitor.FormToken(account)), .. fields])).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    /// <summary>A client with a copy of the session's cookie.</summary>
    private Visitor Copy(Visitor visitor, Uri? server = null)
    {
        var copy = new Visitor(server ?? _server.Url);
        copy.Cookies.Add(server ?? _server.Url, new Cookie(AccessSetup.SessionCookie, visitor.Cookies.GetCookies(_server.Url)[AccessSetup.SessionCookie]!.Value));
        return copy;
    }
}
