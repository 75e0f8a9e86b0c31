using System.Net;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Without sign-in the dashboard answers only requests from its own machine, and rejects those that only seem to come from it.</summary>
public sealed class LocalOnlyTests
{
    private RunningServer _server = null!;

    [OneTimeSetUp]
    public async Task Start() => _server = await RunningServer.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [TestCase("/hangfire")]
    [TestCase("/hangfire/recurring")]
    [TestCase("/hangfire/css0")]
    public async Task Request_FromThisMachine_IsAnswered(string path)
    {
        using var visitor = new Visitor(_server.Url);

        (await visitor.GetAsync(path)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [TestCase("X-Forwarded-For", "127.0.0.1")]
    [TestCase("X-Forwarded-For", "203.0.113.5")]
    [TestCase("X-Forwarded-Host", "localhost")]
    [TestCase("X-Original-For", "127.0.0.1:1")]
    [TestCase("Forwarded", "for=127.0.0.1")]
    [TestCase("X-Real-IP", "127.0.0.1")]
    [TestCase("Via", "1.1 proxy")]
    public async Task Request_ThroughAnUnknownProxy_IsRejected(string header, string value)
    {
        using var visitor = new Visitor(_server.Url).With(header, value);

        (await visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Forbidden, "behind a proxy on this machine every request would seem local");
        (await visitor.GetAsync("/hangfire/css0")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await visitor.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [TestCase("evil.example")]
    [TestCase("localhost.evil.example")]
    [TestCase("127.0.0.1.evil.example")]
    public async Task Request_ForAnotherHost_IsRejected(string host)
    {
        using var visitor = new Visitor(_server.Url).With("Host", host);

        (await visitor.GetAsync("/hangfire")).StatusCode.Should().Be(
            HttpStatusCode.Forbidden, "a page of another site can resolve its own host name to 127.0.0.1 and use this machine's browser");
    }

    [TestCase("203.0.113.5")]
    [TestCase("127.0.0.1")]
    public async Task Request_ThroughAKnownProxy_IsNotLocalEither(string client)
    {
        await using var server = await RunningServer.StartAsync(("Dashboard:KnownProxies:0", "127.0.0.1"));
        using var visitor = new Visitor(server.Url).With("X-Forwarded-For", client);

        (await visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task HealthCheck_FromAnywhere_IsAnswered()
    {
        using var visitor = new Visitor(_server.Url).With("X-Forwarded-For", "203.0.113.5").With("Host", "evaljobs.example");

        (await (await visitor.GetAsync("/health/live")).Content.ReadAsStringAsync()).Should().Be("alive");
    }

    [TestCase("/signin")]
    [TestCase("/account")]
    public async Task SignInPages_SignInNotConfigured_AreNotFound(string path)
    {
        using var visitor = new Visitor(_server.Url);

        (await visitor.GetAsync(path)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Trigger_WithThePagesToken_IsDoneAndWithoutIsRejected()
    {
        // A separate server: Hangfire logs through the server that was started last in this process, so it must still run.
        await using var server = await RunningServer.StartAsync();
        using var visitor = new Visitor(server.Url);

        var foreign = await visitor.PostAsync("/hangfire/recurring/trigger", ("jobs[]", "cleanup-old-evaluations"));
        using var hidden = new HttpRequestMessage(HttpMethod.Get, "/hangfire/recurring/trigger") { Content = new FormUrlEncodedContent([new("jobs[]", "x")]) };
        var hiddenTrigger = await visitor.SendAsync(hidden);
        var own = await visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", "cleanup-old-evaluations");

        foreign.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        hiddenTrigger.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed, "Hangfire's commands accept any method, and antiforgery checks only POST");
        own.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }
}
