using System.Text;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace EvalJobs.Tests.Execution.Agents;

public sealed class HttpAgentTests
{
    private const string Secret = "s3cr3t/\"+value";

    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync();

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Ask_OnlyAUrl_PostsTheInputAndUsesTheWholeBody()
    {
        _server.Reply(Behave.Text("Grüße ✓"));
        await using var host = Host();

        var reply = await host.AskAsync(Target(), "two \"plus\" two?\n");

        reply.Should().Be(new AgentReply("Grüße ✓"));
        var request = _server.Requests.Should().ContainSingle().Subject;
        request.Method.Should().Be("POST");
        request.Headers["Content-Type"].Should().Be("application/json");
        request.Json.GetProperty("input").GetString().Should().Be("two \"plus\" two?\n");
    }

    [Test]
    public async Task Ask_FullTemplate_FillsEveryPlaceholderAndReadsEveryFigure()
    {
        _server.Reply(Behave.Json("""{"choices":[{"message":{"content":"4"}}],"usage":{"in":12,"out":3},"cost":0.25}"""));
        await using var host = Host();

        var reply = await host.AskAsync(
            Target("""
                "method":"PUT",
                "headers":{"Authorization":"Bearer {{secret:key}}","X-Team":"blue","Content-Type":"application/vnd.agent+json"},
                "body":{"q":"Q: {{input}} ({{caseKey}})","data":"{{inputJson}}","list":["{{ input }}",1.50,null,true],"key":"{{secret:key}}"},
                "replyPath":"$.choices[0].message.content","inputTokensPath":"usage.in","outputTokensPath":"usage.out","costPath":"cost"
                """),
            """{"a": [1, 2]}""");

        reply.Should().Be(new AgentReply("4", 12, 3, 0.25));
        var request = _server.Requests.Single();
        request.Method.Should().Be("PUT");
        request.Headers["Authorization"].Should().Be($"Bearer {Secret}");
        request.Headers["X-Team"].Should().Be("blue");
        request.Headers["Content-Type"].Should().Be("application/vnd.agent+json");
        CanonicalJson.Of(request.Body).Should().Be(CanonicalJson.Of("""
            {"q":"Q: {\"a\": [1, 2]} (case-1)","data":{"a":[1,2]},"list":["{\"a\": [1, 2]}",1.50,null,true],"key":"s3cr3t/\"+value"}
            """));
    }

    [Test]
    public async Task Ask_InputThatLooksLikeATemplate_IsSentAsItIs()
    {
        await using var host = Host();
        const string input = "{{secret:key}} {{caseKey}} {{input}}";

        await host.AskAsync(Target("""
            "headers":{"X-Key":"{{secret:key}}"}
            """), input);

        _server.Requests.Single().Json.GetProperty("input").GetString().Should().Be(input, "a test case must not be able to ask for a secret");
    }

    [Test]
    public async Task Ask_Get_PutsTheEscapedInputInTheUrlAndSendsNoBody()
    {
        await using var host = Host();

        await host.AskAsync($$$"""{"target":{"type":"http","method":"GET","url":"{{{_server.Url}}}ask/{{caseKey}}?q={{input}}"}}""", "a&b=c#d é/..");

        var request = _server.Requests.Single();
        request.PathAndQuery.Should().Be("/ask/case-1?q=a%26b%3Dc%23d%20%C3%A9%2F..");
        request.Body.Should().BeEmpty();
        request.Headers.Should().NotContainKey("Content-Type");
    }

    [Test]
    public async Task Ask_InputInTheUrl_StaysOutOfTheLog()
    {
        _server.Reply(Behave.Status(503));
        await using var host = Host();

        var asking = () => host.AskAsync($$$"""{"target":{"type":"http","method":"GET","url":"{{{_server.Url}}}{{input}}"}}""", "confidential");

        await asking.Should().ThrowAsync<AgentCallException>();
        _server.Requests.Should().HaveCount(4).And.OnlyContain(request => request.PathAndQuery == "/confidential");
        host.Log.Should().Contain("503", "retries are logged").And.NotContain("confidential");
    }

    [TestCase("""{"a":{"b":[1, 2.50]}}""", "a.b", "[1, 2.50]")]
    [TestCase("""{"a":{"b":""}}""", "a.b", "")]
    [TestCase("""{"a":{"b":false}}""", "a.b", "false")]
    [TestCase("""[{"x y":"z"}]""", "[0]['x y']", "z")]
    public async Task Ask_ReplyPath_ReturnsTheTextOrTheJsonThere(string json, string path, string expected)
    {
        _server.Reply(Behave.Json(json));
        await using var host = Host();

        var reply = await host.AskAsync(Target($"""
            "replyPath":"{path}"
            """));

        reply.Output.Should().Be(expected);
    }

    [TestCase("this is <html>", "*not valid JSON*this is <html>*")]
    [TestCase("""{"other":1}""", "*nothing at target.replyPath 'a.b'*")]
    [TestCase("""{"a":{"b":null}}""", "*nothing at target.replyPath 'a.b'*")]
    [TestCase("""{"a":{"b":"\ud800"}}""", "*not a text*")]
    [TestCase("", "*not valid JSON*")]
    public async Task Ask_GarbageWhereTheReplyShouldBe_IsAnError(string body, string message)
    {
        _server.Reply(Behave.Json(body));
        await using var host = Host();

        var asking = () => host.AskAsync(Target("""
            "replyPath":"a.b"
            """));

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage(message);
        _server.Requests.Should().HaveCount(1, "a complete answer is not requested again, even if it cannot be read");
    }

    [Test]
    public async Task Ask_ReplyNestedTooDeep_IsAnErrorThatSaysSo()
    {
        _server.Reply(Behave.Json(new string('[', 65) + new string(']', 65)));
        await using var host = Host();

        var asking = () => host.AskAsync(Target("""
            "replyPath":"a.b"
            """));

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*nested deeper than 64 levels.*");
    }

    [TestCase("no json")]
    [TestCase("""{"in":"12","out":-3,"cost":1e999}""")]
    public async Task Ask_InvalidFigures_AreUnknownAndDoNotAffectTheReply(string body)
    {
        _server.Reply(Behave.Text(body));
        await using var host = Host();

        var reply = await host.AskAsync(Target("""
            "inputTokensPath":"in","outputTokensPath":"out","costPath":"cost"
            """));

        reply.Should().Be(new AgentReply(body));
    }

    [Test]
    public async Task Ask_InputJsonWithInvalidJson_IsAnErrorWithoutACall()
    {
        await using var host = Host();

        var asking = () => host.AskAsync(Target("""
            "body":{"data":"{{inputJson}}"}
            """), "not json");

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*{{inputJson}}*input is not valid JSON*");
        _server.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task Ask_429WithRetryAfter_RetriesAfterThatTime()
    {
        _server.ReplyInOrder(Behave.TooManyRequests(retryAfterSeconds: 2));
        await using var host = Host();

        var reply = await host.AskAsync(Target("""
            "replyPath":"reply"
            """));

        reply.Output.Should().Be("ok");
        var requests = _server.Requests;
        requests.Should().HaveCount(2);
        (requests[1].At - requests[0].At).Should().BeGreaterThan(TimeSpan.FromSeconds(1.8), "Retry-After goes before RetryDelay (10 ms here)");
        requests[1].Body.Should().Be(requests[0].Body);
    }

    [TestCase(408)]
    [TestCase(500)]
    [TestCase(503)]
    public async Task Ask_TemporaryFailure_IsRetried(int status)
    {
        _server.ReplyInOrder(Behave.Status(status), Behave.Cut(), Behave.CutInTheMiddle());
        await using var host = Host();

        var reply = await host.AskAsync(Target("""
            "replyPath":"reply"
            """));

        reply.Output.Should().Be("ok");
        _server.Requests.Should().HaveCount(4);
    }

    [Test]
    public async Task Ask_500EveryTime_GivesUpAfterMaxRetriesAndShowsTheAnswer()
    {
        _server.Reply(Behave.Status(500, "out of\r\n  order " + new string('x', 300)));
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server) with { MaxRetries = 2 });

        var asking = () => host.AskAsync(Target());

        var message = (await asking.Should().ThrowAsync<AgentCallException>()).Which.Message;
        message.Should().StartWith($"HTTP 500 from {_server.Host}: out of order xxx").And.EndWith("x…");
        message.Length.Should().BeLessThan(260);
        _server.Requests.Should().HaveCount(3);
    }

    [Test]
    public async Task Ask_NoRetriesAllowed_AsksOnce()
    {
        _server.Reply(Behave.Status(503));
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server) with { MaxRetries = 0 });

        var asking = () => host.AskAsync(Target());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"HTTP 503 from {_server.Host}.");
        _server.Requests.Should().HaveCount(1);
    }

    [TestCase(400)]
    [TestCase(401)]
    [TestCase(404)]
    public async Task Ask_RejectedRequest_IsNotRetried(int status)
    {
        _server.Reply(Behave.Status(status, "no"));
        await using var host = Host();

        var asking = () => host.AskAsync(Target());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"HTTP {status} from {_server.Host}: no");
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_ConnectionCutEveryTime_IsAnErrorThatNamesTheHost()
    {
        _server.Reply(Behave.Cut());
        await using var host = Host();

        var asking = () => host.AskAsync(Target());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"No answer from {_server.Host}:*");
        _server.Requests.Should().HaveCount(4);
    }

    [Test]
    public async Task Ask_ConnectionCutInTheMiddleEveryTime_IsAnErrorAndNeverAPartialReply()
    {
        _server.Reply(Behave.CutInTheMiddle());
        await using var host = Host();

        var asking = () => host.AskAsync(Target());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"No answer from {_server.Host}:*");
    }

    [Test]
    public async Task Ask_ConnectionRefused_IsAnError()
    {
        var options = AgentTestHost.Allowing(_server);
        var target = Target();
        await _server.DisposeAsync();
        await using var host = new AgentTestHost(options);

        var asking = () => host.AskAsync(target);

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("No answer from 127.0.0.1:*");
    }

    [TestCaseSource(nameof(EndlessWaits))]
    public async Task Ask_DeadlinePasses_EndsAtOnceAndClosesTheConnection(string name, AgentBehaviour behaviour)
    {
        _server.Reply(behaviour);
        await using var host = Host();
        using var deadline = new CancellationTokenSource();

        var asking = host.AskAsync(Target(), cancellationToken: deadline.Token);
        await _server.WaitForRequestsAsync(1);
        await deadline.CancelAsync();

        await FluentActions.Awaiting(() => asking.WaitAsync(TimeSpan.FromSeconds(30))).Should().ThrowAsync<OperationCanceledException>();
        await _server.WaitUntilIdleAsync();
        _server.Requests.Should().HaveCount(1, name);
        if (name != "RetryAfter")
            _server.HangUps.Should().Be(1, "a cancelled question must not cause further cost");
    }

    private static IEnumerable<TestCaseData> EndlessWaits()
    {
        yield return new("Never", Behave.Never());
        yield return new("Drip", Behave.Drip());
        yield return new("DripError", (AgentBehaviour)((context, request) =>
        {
            context.Response.StatusCode = 500;
            return Behave.Drip()(context, request);
        }));
        yield return new("RetryAfter", Behave.TooManyRequests(retryAfterSeconds: 30));
    }

    [TestCaseSource(nameof(TooLarge))]
    public async Task Ask_ReplyOverTheLimit_IsAnErrorThatNamesTheLimitAndIsNotTruncated(string name, AgentBehaviour behaviour)
    {
        _server.Reply(behaviour);
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server) with { MaxReplyBytes = 10_000 });

        var asking = () => host.AskAsync(Target());

        await asking.Should().ThrowAsync<AgentCallException>(name).WithMessage("*larger than EvalJobs:Agents:MaxReplyBytes (10000 bytes)*");
        _server.Requests.Should().HaveCount(1, "the next answer would be as large");
    }

    private static IEnumerable<TestCaseData> TooLarge()
    {
        yield return new("honest length", Behave.Huge(10_001));
        yield return new("endless", Behave.Endless());
        yield return new("gzip bomb", Behave.Gzip(50_000_000));
        yield return new("grows as UTF-8", (AgentBehaviour)(async (context, _) =>
        {
            context.Response.ContentType = "text/plain; charset=iso-8859-1";
            await context.Response.Body.WriteAsync(Enumerable.Repeat((byte)0xE9, 9_000).ToArray());
        }));
    }

    [Test]
    public async Task Ask_ReplyOfExactlyTheLimit_IsAccepted([Values] bool compressed)
    {
        _server.Reply(compressed ? Behave.Gzip(10_000) : Behave.Huge(10_000));
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server) with { MaxReplyBytes = 10_000 });

        var reply = await host.AskAsync(Target());

        reply.Output.Should().HaveLength(10_000);
    }

    [Test]
    public async Task Ask_EndlessErrorBody_IsReportedAsThatError()
    {
        _server.Reply(Behave.Endless(status: 500));
        await using var host = Host();

        var asking = () => host.AskAsync(Target());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"HTTP 500 from {_server.Host}: xxx*");
    }

    [TestCase("noise", "gzip", "*compressed reply*damaged*")]
    [TestCase("noise", "rot13", "*Content-Encoding that was not requested*")]
    public async Task Ask_BodyInAnUnknownEncoding_IsAnError(string body, string encoding, string message)
    {
        _server.Reply(Behave.Status(200, body, ("Content-Encoding", encoding)));
        await using var host = Host();

        var asking = () => host.AskAsync(Target());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage(message);
    }

    [TestCase("http://169.254.169.254/latest/meta-data/", "169.254.169.254")]
    [TestCase("http://user:pw@10.0.0.1:8080/x", "10.0.0.1:8080")]
    public async Task Ask_RedirectToAPrivateAddress_IsAnErrorThatNamesTheHost(string location, string shown)
    {
        _server.Reply(Behave.Redirect(location));
        await using var host = Host();

        var asking = () => host.AskAsync(Target());

        var message = (await asking.Should().ThrowAsync<AgentCallException>()).Which.Message;
        message.Should().Contain($"HTTP 302 from {_server.Host}").And.Contain(shown).And.NotContain("pw");
        _server.Requests.Should().HaveCount(1);
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task Ask_RedirectToAnotherReachableServer_IsNotFollowedEither(int status)
    {
        await using var other = await TestAgentServer.StartAsync();
        _server.Reply(Behave.Redirect(other.Url.ToString(), status));
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server, other), ("key", Secret));

        var asking = () => host.AskAsync(Target("""
            "headers":{"Authorization":"{{secret:key}}"}
            """));

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"HTTP {status} *{other.Host}*");
        other.Requests.Should().BeEmpty("the headers' secrets were meant for one host");
    }

    [TestCase(200)]
    [TestCase(400)]
    [TestCase(500)]
    public async Task Ask_ServerEchoesTheSecrets_TheyAppearNowhere(int status)
    {
        _server.Reply(Behave.Echo(status));
        await using var host = Host();

        var seen = "";
        try
        {
            seen = (await host.AskAsync(Target("""
                "headers":{"A":"{{secret:key}}"},"body":{"k":"{{secret:key}}"}
                """))).Output;
        }
        catch (AgentCallException error)
        {
            seen = error.ToString();
        }

        _server.Requests[0].Headers["A"].Should().Be(Secret);
        seen.Should().Contain("***");
        (seen + host.Log).Should().NotContain(Secret).And.NotContain("s3cr3t").And.NotContain("+value");
        host.Log.Should().NotContain("2+2?", "a test case's text belongs to the tenant and must not be logged");
    }

    [Test]
    public async Task Ask_SecretAcrossTheEndOfTheExcerpt_IsNotShownInPart()
    {
        _server.Reply(Behave.Status(400, new string('x', 195) + Secret));
        await using var host = Host();

        var asking = () => host.AskAsync(Target("""
            "headers":{"A":"{{secret:key}}"}
            """));

        (await asking.Should().ThrowAsync<AgentCallException>()).Which.Message.Should().NotContain("s3c").And.Contain("***");
    }

    [Test]
    public async Task Ask_ManyAtOnce_NeverExceedsTheLimitOfAnEndpoint()
    {
        _server.Reply(async (context, request) =>
        {
            // The body is part of the request, so a slot is free only after the body has arrived.
            await context.Response.WriteAsync("o");
            await context.Response.Body.FlushAsync();
            await Task.Delay(30);
            await context.Response.WriteAsync("k");
        });
        await using var other = await TestAgentServer.StartAsync(Behave.Never());
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server, other) with { MaxConcurrencyPerEndpoint = 3 });
        using var end = new CancellationTokenSource();

        // The endpoint that hangs uses its own slots and none of another endpoint's.
        var stuck = Enumerable.Range(0, 5).Select(_ => host.AskAsync(Target(other), cancellationToken: end.Token)).ToList();
        await other.WaitForRequestsAsync(3);
        var replies = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => host.AskAsync(Target())));

        replies.Should().OnlyContain(reply => reply.Output == "ok");
        _server.MaxInFlight.Should().BeInRange(2, 3);
        other.MaxInFlight.Should().Be(3);
        await end.CancelAsync();
        foreach (var asking in stuck)
            await FluentActions.Awaiting(() => asking).Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task Ask_CookiesAreSet_TheyAreNotSentBack()
    {
        _server.Reply(Behave.Status(200, "ok", ("Set-Cookie", "session=1")));
        await using var host = Host();

        await host.AskAsync(Target());
        await host.AskAsync(Target());

        _server.Requests.Should().HaveCount(2).And.OnlyContain(request => !request.Headers.ContainsKey("Cookie"));
    }

    [TestCase("{}", "target.url is missing.")]
    [TestCase("""{"url":"ftp://a/"}""", "target.url*http or https*")]
    [TestCase("""{"url":"/relative"}""", "target.url*http or https*")]
    [TestCase("""{"url":"http://user:hunter2@a/"}""", "target.url*user name*")]
    [TestCase("""{"url":"http://a/\r\nX: y"}""", "target.url*line breaks*")]
    [TestCase("""{"url":"http://{{input}}/"}""", "target.url*path and query only*")]
    [TestCase("""{"url":"http://a:{{input}}"}""", "target.url*path and query only*")]
    [TestCase("""{"url":"http://a/?k={{secret:key}}"}""", "target.url*secret*header*")]
    [TestCase("""{"url":"http://a/{{inputs}}"}""", "target.url*{{inputs}}*expected*{{input}}*")]
    [TestCase("""{"url":"http://a/","metod":"GET"}""", "Unknown target.metod; expected type, url, method*")]
    [TestCase("""{"url":"http://a/","method":"DELETE"}""", "target.method*GET, POST, PUT*")]
    [TestCase("""{"url":"http://a/","method":"GET","body":{}}""", "target.body*GET*")]
    [TestCase("""{"url":"http://a/","method":"GET","headers":{"Content-Type":"a/b"}}""", "target.headers.Content-Type*GET*")]
    [TestCase("""{"url":"http://a/","headers":["x"]}""", "target.headers*object*")]
    [TestCase("""{"url":"http://a/","headers":{"X":1}}""", "target.headers.X*text*")]
    [TestCase("""{"url":"http://a/","headers":{"X":"a\r\nHost: b"}}""", "target.headers.X*line breaks*")]
    [TestCase("""{"url":"http://a/","headers":{"X Y":"a"}}""", "target.headers*not a header name*")]
    [TestCase("""{"url":"http://a/","headers":{"host":"b"}}""", "target.headers.host must not be set*")]
    [TestCase("""{"url":"http://a/","headers":{"Content-Length":"1"}}""", "target.headers.Content-Length must not be set*")]
    [TestCase("""{"url":"http://a/","headers":{"Transfer-Encoding":"chunked"}}""", "target.headers.Transfer-Encoding must not be set*")]
    [TestCase("""{"url":"http://a/","headers":{"X":"1","x":"2"}}""", "target.headers.*occurs twice.")]
    [TestCase("""{"url":"http://a/","headers":{"X":"{{input}}"}}""", "target.headers.X*{{secret:NAME}}*")]
    [TestCase("""{"url":"http://a/","body":["{{oops}}"]}""", "target.body*{{oops}}*")]
    [TestCase("""{"url":"http://a/","body":"x {{inputJson}}"}""", "target.body*{{inputJson}}*")]
    [TestCase("""{"url":"http://a/","replyPath":"a..b"}""", "target.replyPath:*'a..b'*")]
    [TestCase("""{"url":"http://a/","replyPath":7}""", "target.replyPath (7)*")]
    public async Task Validate_WrongTarget_IsRejectedWithTheFieldNamed(string target, string message)
    {
        await using var host = Host();
        var genome = Genome.Parse("{\"target\":{\"type\":\"http\"" + (target == "{}" ? "" : ",") + target[1..] + "}");

        FluentActions.Invoking(() => host.Agents.Validate(genome))
            .Should().Throw<InvalidInputException>().WithMessage(message).Which.Message.Should().NotContain("hunter2");
    }

    [Test]
    public async Task CreateClient_SecretMissing_IsRejectedWithTheSetting()
    {
        await using var host = Host();
        var genome = Target("""
            "headers":{"X":"{{secret:other}}"}
            """);

        FluentActions.Invoking(() => host.Agents.Validate(Genome.Parse(genome))).Should().NotThrow("secrets may come later than versions");
        FluentActions.Invoking(() => host.Client(genome)).Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Secrets:acme:other*");
    }

    [Test]
    public async Task CreateClient_SecretWithALineBreakInAHeader_IsRejectedWithoutShowingIt()
    {
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server), ("key", "abc\r\nHost: evil"));

        FluentActions.Invoking(() => host.Client(Target("""
            "headers":{"X":"{{secret:key}}"}
            """))).Should().Throw<InvalidInputException>().WithMessage("*'key'*target.headers.X*").Which.Message.Should().NotContain("evil");
    }

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server), ("key", Secret));

    private string Target(string more = "") => Target(_server, more);

    private static string Target(TestAgentServer server, string more = "") =>
        new StringBuilder("""{"target":{"type":"http","url":""").Append(JsonSerializer.Serialize(server.Url)).Append(more.Length > 0 ? "," : "").Append(more).Append("}}").ToString();
}
