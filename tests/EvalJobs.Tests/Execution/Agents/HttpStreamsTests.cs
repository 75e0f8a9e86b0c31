using System.Text;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents;

/// <summary>Replies of <c>http</c> targets that arrive as events, after polling, or with an access token.</summary>
public sealed class HttpStreamsTests
{
    private const string ClientSecret = "cl1ent/secret";
    private const string Token = "t0ken-123456";

    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync();

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Ask_ServerSentEvents_TextsAreJoinedAndTheLastFiguresCount()
    {
        _server.Reply(Behave.Text(
            ": comment\r\nevent: delta\r\ndata: {\"d\":{\"t\":\"Zü\"}}\r\n\r\ndata:{\"d\":{\"t\":null}}\n\ndata: {\"d\":\ndata: {\"t\":\"rich\"}}\n\ndata: {\"usage\":{\"in\":3,\"out\":4}}\n\ndata: [DONE]\n\n",
            "text/event-stream"));
        await using var host = Host();

        var reply = await host.AskAsync(Genome("""
            "reply":"sse","replyPath":"d.t","inputTokensPath":"usage.in","outputTokensPath":"usage.out"
            """));

        reply.Output.Should().Be("Zürich");
        (reply.InputTokens, reply.OutputTokens).Should().Be((3, 4));
    }

    [Test]
    public async Task Ask_JsonLines_TextsAreJoined()
    {
        _server.Reply(Behave.Text("{\"response\":\"4\"}\n\n{\"response\":\"2\",\"done\":true}", "application/x-ndjson"));
        await using var host = Host();

        (await host.AskAsync(Genome("\"reply\":\"ndjson\",\"replyPath\":\"response\""))).Output.Should().Be("42");
    }

    [TestCase("", "*no event has anything at target.replyPath 'a'*")]
    [TestCase("data: {\"b\":1}\n\n", "*no event has anything at target.replyPath 'a'*")]
    [TestCase("data: oops\n\n", "*not valid JSON*oops*")]
    public async Task Ask_StreamWithoutAReply_IsAnError(string body, string message)
    {
        _server.Reply(Behave.Text(body, "text/event-stream"));
        await using var host = Host();

        await FluentActions.Awaiting(() => host.AskAsync(Genome("\"reply\":\"sse\",\"replyPath\":\"a\""))).Should().ThrowAsync<AgentCallException>().WithMessage(message);
    }

    [Test]
    public async Task Ask_FilterInReplyPath_JoinsTheTextsItFinds()
    {
        _server.Reply(Behave.Json("""{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"4"},{"type":"text","text":"2"}]}"""));
        await using var host = Host();

        (await host.AskAsync(Genome("\"replyPath\":\"content[?type=='text'].text\""))).Output.Should().Be("42");
    }

    [TestCase("Location")]
    [TestCase("body")]
    public async Task Ask_202_IsPolledUntilTheReplyArrives(string place)
    {
        (string, string)[] headers = place == "Location" ? [("Location", "/jobs/7"), ("Retry-After", "0")] : [("Retry-After", "0")];
        var accepted = Behave.Status(202, """{"links":{"self":"/jobs/7"}}""", headers);
        _server.ReplyInOrder(accepted, accepted, Behave.Json("""{"answer":"42"}"""));
        await using var host = Host();

        var reply = await host.AskAsync(Genome("\"headers\":{\"X\":\"{{secret:client}}\"},\"replyPath\":\"answer\",\"poll\":" + (place == "Location" ? "{}" : "{\"urlPath\":\"links.self\"}")));

        reply.Output.Should().Be("42");
        _server.Requests.Select(request => $"{request.Method} {request.PathAndQuery}").Should().Equal("POST /", "GET /jobs/7", "GET /jobs/7");
        _server.Requests.Should().OnlyContain(request => request.Headers["X"] == ClientSecret);
    }

    [Test, CancelAfter(30_000)]
    public async Task Ask_202WithRetryAfterAsADate_PollsAgainAtThatTime()
    {
        _server.ReplyInOrder(
            Behave.Status(202, "", ("Location", "/jobs/7"), ("Retry-After", DateTimeOffset.UtcNow.AddSeconds(-5).ToString("R", System.Globalization.CultureInfo.InvariantCulture))),
            Behave.Json("""{"answer":"42"}"""));
        await using var host = Host();

        (await host.AskAsync(Genome("\"replyPath\":\"answer\",\"poll\":{\"seconds\":600}"))).Output.Should().Be("42", "a date in the past means no wait, and takes precedence over 'seconds'");
    }

    [TestCase("http://169.254.169.254/", "*leads to 169.254.169.254*")]
    [TestCase(null, "*without a URL to ask in its Location header*")]
    public async Task Ask_202ToAnotherHost_IsAnErrorAndThatHostIsNotCalled(string? location, string message)
    {
        _server.Reply(Behave.Status(202, "", location is null ? [] : [("Location", location)]));
        await using var host = Host();

        await FluentActions.Awaiting(() => host.AskAsync(Genome("\"poll\":{}"))).Should().ThrowAsync<AgentCallException>().WithMessage(message);
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_202WithoutPolling_IsTheReply()
    {
        _server.Reply(Behave.Status(202, "accepted"));
        await using var host = Host();

        (await host.AskAsync(Genome())).Output.Should().Be("accepted");
    }

    [TestCase("")]
    [TestCase(",\"clientAuth\":\"form\"")]
    public async Task Ask_ClientCredentials_FetchesOneTokenAndSendsIt(string clientAuth)
    {
        _server.Reply(async (context, request) =>
            await (request.PathAndQuery == "/token" ? Behave.Json($$"""{"access_token":"{{Token}}","expires_in":"3600"}""") : Behave.Echo())(context, request));
        await using var host = Host();
        await using var client = host.Client(Genome($"\"oauth\":{OAuth(clientAuth)}"));

        var first = await client.AskAsync(new AgentQuestion("q", "c"), CancellationToken.None);
        await client.AskAsync(new AgentQuestion("q", "c"), CancellationToken.None);

        var requests = _server.Requests;
        requests.Select(request => request.PathAndQuery).Should().Equal("/token", "/", "/");
        requests[0].Body.Should().StartWith("grant_type=client_credentials&scope=ask").And.Match(body => body.Contains("client_secret", StringComparison.Ordinal) == (clientAuth.Length > 0));
        if (clientAuth.Length == 0)
            Encoding.UTF8.GetString(Convert.FromBase64String(requests[0].Headers["Authorization"]["Basic ".Length..])).Should().Be("me:cl1ent%2Fsecret");
        requests[1].Headers["Authorization"].Should().Be($"Bearer {Token}");
        first.Output.Should().NotContain(Token, "the target echoes it").And.Contain("***");
    }

    [Test]
    public async Task Ask_TokenEndedEarly_IsFetchedAgainOnce()
    {
        var tokens = 0;
        _server.Reply(async (context, request) =>
        {
            var behaviour = request.PathAndQuery == "/token" ? Behave.Json($$"""{"access_token":"token-{{Interlocked.Increment(ref tokens)}}"}""")
                : request.Headers["Authorization"] == "Bearer token-2" ? Behave.Text("ok")
                : Behave.Status(401, "ended");
            await behaviour(context, request);
        });
        await using var host = Host();

        (await host.AskAsync(Genome($"\"oauth\":{OAuth("")}"))).Output.Should().Be("ok");

        _server.Requests.Select(request => request.PathAndQuery).Should().Equal("/token", "/", "/token", "/");
    }

    [Test]
    public async Task Ask_NoToken_IsAnErrorWithTheServersTextWithoutTheSecret()
    {
        _server.Reply(Behave.Status(400, $$"""{"error":"invalid_client","secret":"{{ClientSecret}}"}"""));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome($"\"oauth\":{OAuth("")}"));

        (await asking.Should().ThrowAsync<AgentCallException>().WithMessage("No access token: HTTP 400*invalid_client*")).Which.ToString().Should().NotContain(ClientSecret);
    }

    [TestCase("\"reply\":\"xml\"", "target.reply (xml)*json, sse or ndjson*")]
    [TestCase("\"poll\":true", "target.poll must be an object*")]
    [TestCase("\"poll\":{\"seconds\":0}", "target.poll.seconds*")]
    [TestCase("\"oauth\":{\"tokenUrl\":\"http://a/\",\"clientId\":\"x\"}", "target.oauth.clientSecretRef is missing*")]
    [TestCase("\"oauth\":{\"tokenUrl\":\"nowhere\",\"clientId\":\"x\",\"clientSecretRef\":\"s\"}", "target.oauth.tokenUrl*http*")]
    [TestCase("\"headers\":{\"authorization\":\"x\"},\"oauth\":{\"tokenUrl\":\"http://a/\",\"clientId\":\"x\",\"clientSecretRef\":\"s\"}", "target.headers.Authorization must not be set*")]
    public async Task Validate_WrongSetting_IsAnErrorThatNamesIt(string more, string message)
    {
        await using var host = Host();

        FluentActions.Invoking(() => host.Agents.Validate(EvalJobs.Domain.Genome.Parse(Genome(more)))).Should().Throw<InvalidInputException>().WithMessage(message);
    }

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server), ("client", ClientSecret));

    private string OAuth(string more) => $"{{\"tokenUrl\":\"{_server.Url}token\",\"clientId\":\"me\",\"clientSecretRef\":\"client\",\"scope\":\"ask\"{more}}}";

    private string Genome(string more = "") => $"{{\"target\":{{\"type\":\"http\",\"url\":\"{_server.Url}\"{(more.Length > 0 ? "," : "")}{more}}}}}";
}
