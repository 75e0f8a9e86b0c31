using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents;

public sealed class OpenAiChatAgentTests
{
    private const string Key = "sk-test/12345+abc";

    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync(Behave.Chat("4", inputTokens: 2000, outputTokens: 500));

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Ask_FullGenome_SendsItAllAndReadsTextTokensAndCost()
    {
        await using var host = Host();

        var reply = await host.AskAsync(Genome(
            modelConfig: """
                {"model":"gpt-test","temperature":0.7,"topP":0.9,"maxOutputTokens":64,"seed":42,"stop":["END","\n\n"],
                 "pricing":{"inputPerMillionTokens":2.5,"outputPerMillionTokens":10}}
                """,
            prompt: """{"system":"You are {{terse}}.","user":"Q: {{input}} {{other}}"}"""), "{{secret:openai}}?");

        reply.Output.Should().Be("4");
        reply.InputTokens.Should().Be(2000);
        reply.OutputTokens.Should().Be(500);
        reply.Cost.Should().BeApproximately(0.01, 1e-12);
        var request = _server.Requests.Single();
        request.PathAndQuery.Should().Be("/v1/chat/completions");
        request.Headers["Authorization"].Should().Be($"Bearer {Key}");
        CanonicalJson.Of(request.Body).Should().Be(CanonicalJson.Of("""
            {"model":"gpt-test","temperature":0.7,"top_p":0.9,"max_completion_tokens":64,"seed":42,"stop":["END","\n\n"],
             "messages":[{"role":"system","content":"You are {{terse}}."},{"role":"user","content":"Q: {{secret:openai}}? {{other}}"}]}
            """), "exactly the settings of the genome are sent");
    }

    [Test]
    public async Task Ask_BareGenome_SendsModelAndQuestionOnly()
    {
        _server.Reply(Behave.Chat("4"));
        await using var host = Host();

        var reply = await host.AskAsync($$"""{"target":{"type":"openai-chat","endpoint":"{{_server.OpenAiUrl}}/","model":"deployed"},"modelConfig":{"model":"gpt-test"} }""");

        reply.Should().Be(new AgentReply("4") { FinishReason = "stop" }, "without figures from the endpoint none are estimated");
        var request = _server.Requests.Single();
        request.PathAndQuery.Should().Be("/v1/chat/completions");
        request.Headers.Should().NotContainKey("Authorization");
        CanonicalJson.Of(request.Body).Should().Be(CanonicalJson.Of("""{"model":"deployed","messages":[{"role":"user","content":"2+2?"}]}"""));
    }

    [Test]
    public async Task Ask_PricingWithoutUsage_GuessesNoCost()
    {
        _server.Reply(Behave.Chat("4"));
        await using var host = Host();

        var reply = await host.AskAsync(Genome("""{"model":"m","pricing":{"inputPerMillionTokens":1,"outputPerMillionTokens":1}}"""));

        reply.Cost.Should().BeNull();
    }

    [Test]
    public async Task Ask_PromptText_IsTheSystemMessage()
    {
        await using var host = Host();

        await host.AskAsync(Genome(prompt: "\"Be brief.\""));

        _server.Requests.Single().Json.GetProperty("messages").GetRawText().Should().Contain("""{"role":"system","content":"Be brief."}""");
    }

    [Test]
    public async Task Ask_ToolManifest_ReachesTheModelWordForWord()
    {
        const string tools = """
            [{"type":"function","function":{"name":"add","description":"Adds.","strict":true,"parameters":
               {"type":"object","$defs":{"n":{"type":"number","minimum":0}},"properties":{"a":{"$ref":"#/$defs/n"}},"required":["a"],"additionalProperties":false}}},
             {"type":"function","function":{"name":"stop"}}]
            """;
        await using var host = Host();

        await host.AskAsync(Genome(toolManifest: tools));

        CanonicalJson.Of(_server.Requests.Single().Json.GetProperty("tools")).Should().Be(CanonicalJson.Of(tools));
    }

    [Test]
    public async Task Ask_ReplyOfToolCallsOnly_IsTheirJson()
    {
        _server.Reply(Behave.ChatMessage("""
            {"role":"assistant","content":null,"tool_calls":[
              {"id":"1","type":"function","function":{"name":"add","arguments":"{\"a\": 1.50, \"b\": \"é\"}"}},
              {"id":"2","type":"function","function":{"name":"broken","arguments":"{oops"}}]}
            """, "tool_calls"));
        await using var host = Host();

        var reply = await host.AskAsync(Genome());

        reply.Output.Should().Be("""[{"name":"add","arguments":{"a":1.50,"b":"é"}},{"name":"broken","arguments":"{oops"}]""");
    }

    [Test]
    public async Task Ask_Refusal_IsTheReply()
    {
        _server.Reply(Behave.ChatMessage("""{"role":"assistant","content":null,"refusal":"I cannot help with that."}""", "stop"));
        await using var host = Host();

        (await host.AskAsync(Genome())).Output.Should().Be("I cannot help with that.");
    }

    [Test]
    public async Task Ask_NeitherTextNorCalls_IsAnErrorWithTheFinishReason()
    {
        _server.Reply(Behave.ChatMessage("""{"role":"assistant","content":""}""", "length"));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*neither text nor tool calls*length*");
    }

    [TestCase("not json")]
    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("")]
    [TestCase("""{"choices":[]}""")]
    [TestCase("""{"choices":[{"message":7}]}""")]
    [TestCase("""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant"},"finish_reason":"weird"}]}""")]
    public async Task Ask_Garbage_IsAnError(string body)
    {
        _server.Reply(Behave.Json(body));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>();
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_429ThenConnectionCut_IsRetriedByTheProductsPipelineOnly()
    {
        _server.ReplyInOrder(Behave.TooManyRequests(retryAfterSeconds: 1), Behave.Cut());
        await using var host = Host();

        var reply = await host.AskAsync(Genome());

        reply.Output.Should().Be("4");
        var requests = _server.Requests;
        requests.Should().HaveCount(3);
        requests.Should().OnlyContain(request => request.Body == requests[0].Body);
        (requests[1].At - requests[0].At).Should().BeGreaterThan(TimeSpan.FromSeconds(0.9));
    }

    [Test]
    public async Task Ask_500EveryTime_IsAskedExactlyOnceAndMaxRetriesMore()
    {
        _server.Reply(Behave.Status(500, """{"error":{"message":"boom"}}"""));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"HTTP 500 from {_server.Host}: *boom*");
        _server.Requests.Should().HaveCount(4, "nothing else may retry in addition to the pipeline");
    }

    [Test]
    public async Task Ask_ConnectionCutEveryTime_IsAnError()
    {
        _server.Reply(Behave.Cut());
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"No answer from {_server.Host}:*");
        _server.Requests.Should().HaveCount(4);
    }

    [TestCase("Endless", "*larger than EvalJobs:Agents:MaxReplyBytes (10000 bytes)*")]
    [TestCase("Redirect", "*HTTP 302*169.254.169.254*")]
    public async Task Ask_RepliesTheSharedHandlerRejects_AreRejectedHereToo(string behaviour, string message)
    {
        _server.Reply(behaviour == "Endless" ? Behave.Endless() : Behave.Redirect("http://169.254.169.254/"));
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server) with { MaxReplyBytes = 10_000 }, ("openai", Key));

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage(message);
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_LoopbackThatIsNotAllowed_IsRejected()
    {
        await using var host = new AgentTestHost(new AgentOptions(), ("openai", Key));

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*EvalJobs:Agents:AllowedHosts*");
        _server.Requests.Should().BeEmpty();
    }

    [TestCase("Never")]
    [TestCase("Drip")]
    public async Task Ask_DeadlinePasses_EndsAtOnceAndClosesTheConnection(string behaviour)
    {
        _server.Reply(behaviour == "Never" ? Behave.Never() : Behave.Drip());
        await using var host = Host();
        using var deadline = new CancellationTokenSource();

        var asking = host.AskAsync(Genome(), cancellationToken: deadline.Token);
        await _server.WaitForRequestsAsync(1);
        await deadline.CancelAsync();

        await FluentActions.Awaiting(() => asking.WaitAsync(TimeSpan.FromSeconds(30))).Should().ThrowAsync<OperationCanceledException>();
        await _server.WaitUntilIdleAsync();
        _server.HangUps.Should().Be(1);
    }

    [TestCase(200)]
    [TestCase(401)]
    [TestCase(500)]
    public async Task Ask_ServerEchoesTheKey_ItAppearsNowhere(int status)
    {
        var echo = JsonSerializer.Serialize($"Incorrect API key: {Key}");
        _server.Reply(status == 200 ? Behave.Chat($"your key is {Key}") : Behave.Status(status, $$$"""{"error":{"message":{{{echo}}}}}"""));
        await using var host = Host();

        string seen;
        try
        {
            seen = (await host.AskAsync(Genome())).Output;
        }
        catch (AgentCallException error)
        {
            seen = error.ToString();
        }

        _server.Requests[0].Headers["Authorization"].Should().EndWith(Key);
        seen.Should().Contain("***");
        (seen + host.Log).Should().NotContain(Key).And.NotContain("12345");
    }

    [TestCase("""{"target":{"type":"openai-chat"},"modelConfig":{"model":"m"}}""", "target.apiKeyRef*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1"}}""", "modelConfig.model*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"a/v1","model":"m"}}""", "target.endpoint*http*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1?x=1","model":"m"}}""", "target.endpoint*path*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m","url":"x"}}""", "Unknown target.url; expected type, endpoint*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"modelConfig":{"temprature":1}}""", "Unknown modelConfig.temprature*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"modelConfig":{"temperature":"hot"}}""", "modelConfig.temperature*number*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"modelConfig":{"topP":2}}""", "modelConfig.topP (2)*0 to 1*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"modelConfig":{"maxOutputTokens":0.5}}""", "modelConfig.maxOutputTokens*whole*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"modelConfig":{"stop":[1]}}""", "modelConfig.stop*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"modelConfig":{"pricing":{"inputPerMillionTokens":1}}}""", "modelConfig.pricing.outputPerMillionTokens*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"prompt":{"user":"no place"}}""", "prompt.user*{{input}}*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"prompt":["x"]}""", "prompt must be an object*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"toolManifest":{"add":1}}""", "toolManifest*list*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"toolManifest":["add"]}""", "toolManifest[0]*object*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"toolManifest":[{"type":"mcp","function":{}}]}""", "toolManifest[0]*function*")]
    [TestCase("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"toolManifest":[{"type":"function","function":{"description":"x"}}]}""", "toolManifest[0].function.name*")]
    public async Task Validate_WrongGenome_IsRejectedWithTheFieldNamed(string genome, string message)
    {
        await using var host = Host();

        FluentActions.Invoking(() => host.Agents.Validate(EvalJobs.Domain.Genome.Parse(genome)))
            .Should().Throw<InvalidInputException>().WithMessage(message);
    }

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server), ("openai", Key));

    private string Genome(string modelConfig = """{"model":"gpt-test"}""", string prompt = "null", string toolManifest = "null") =>
        $$"""
        {"target":{"type":"openai-chat","endpoint":"{{_server.OpenAiUrl}}","apiKeyRef":"openai"},
         "modelConfig":{{modelConfig}},"prompt":{{prompt}},"toolManifest":{{toolManifest}} }
        """;
}
