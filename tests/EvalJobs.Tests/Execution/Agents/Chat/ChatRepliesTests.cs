using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents.Chat;

/// <summary>Replies of <c>openai-chat</c> endpoints as real servers send them.</summary>
public sealed class ChatRepliesTests
{
    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync();

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("\"eos\"")]
    [TestCase("\"stop_sequence\"")]
    [TestCase("\"end_turn\"")]
    [TestCase("null")]
    [TestCase("7")]
    [TestCase("{\"type\":\"eos\"}")]
    public async Task Ask_AnyFinishReason_TextIsTheReply(string finishReason)
    {
        var reply = await AskAsync($$$$"""{"choices":[{"index":0,"message":{"role":"assistant","content":"42"},"finish_reason":{{{{finishReason}}}}}]}""");

        reply.Output.Should().Be("42");
        reply.Remark.Should().BeNull();
    }

    [TestCase("""[{"type":"thinking","thinking":[{"type":"text","text":"Both together."}],"closed":true},{"type":"text","text":"42"}]""")]
    [TestCase("""[{"type":"text","text":"4"},{"type":"reference","reference_ids":[1,2]},{"type":"text","text":"2"}]""")]
    [TestCase("""[{"type":"reasoning","text":"hm"},{"type":"output_text","text":"42"}]""")]
    [TestCase("""[{"type":"text","text":{"value":"42"}}]""")]
    [TestCase("""{"type":"text","text":"42"}""")]
    [TestCase("""["4","2"]""")]
    public async Task Ask_ContentOfParts_OnlyTextPartsAreTheReply(string content)
    {
        var reply = await AskAsync($$$$"""{"choices":[{"message":{"role":"assistant","content":{{{{content}}}}},"finish_reason":"stop"}]}""");

        reply.Output.Should().Be("42");
    }

    [Test]
    public async Task Ask_PartThatIsNotText_IsNamedInTheRemark()
    {
        var reply = await AskAsync("""{"choices":[{"message":{"content":[{"type":"text","text":"See:"},{"type":"image_url","image_url":{"url":"x"}}]}}]}""");

        reply.Output.Should().Be("See:");
        reply.Remark.Should().Contain("image_url");
    }

    [TestCase("1718345013.5")]
    [TestCase("\"2024-06-14T06:03:33Z\"")]
    [TestCase("null")]
    public async Task Ask_CreatedInAnyForm_IsIgnored(string created)
    {
        var reply = await AskAsync($$$$"""{"id":5,"created":{{{{created}}}},"model":null,"choices":[{"index":0,"message":{"content":"42"},"finish_reason":"stop"}],"usage":null}""");

        reply.Output.Should().Be("42");
    }

    [TestCase("""{"prompt_tokens":11,"completion_tokens":3}""", 11, 3)]
    [TestCase("""{"input_tokens":11,"output_tokens":3.0}""", 11, 3)]
    [TestCase("""{"prompt_tokens":"11","completion_tokens":-3}""", null, null)]
    [TestCase("""{"prompt_tokens":1e300}""", null, null)]
    [TestCase("""[]""", null, null)]
    public async Task Ask_Usage_IsReadWhereItIsPlausible(string usage, long? input, long? output)
    {
        var reply = await AskAsync($$$$"""{"choices":[{"message":{"content":"42"}}],"usage":{{{{usage}}}}}""");

        reply.InputTokens.Should().Be(input);
        reply.OutputTokens.Should().Be(output);
    }

    [TestCase("\"\\n\\n\"", "\"{\\\"order_id\\\": \\\"#W1\\\"}\"", null)]
    [TestCase("null", "{\"order_id\": \"#W1\"}", null)]
    [TestCase("\"Let me check the order.\"", "\"{\\\"order_id\\\": \\\"#W1\\\"}\"", "*Let me check the order.*")]
    [TestCase("[{\"type\":\"text\",\"text\":\" \"}]", "{\"order_id\": \"#W1\"}", null)]
    public async Task Ask_ToolCallAndText_AreTheReplyAndTheRemark(string content, string arguments, string? remark)
    {
        var reply = await AskAsync($$$$"""
            {"choices":[{"message":{"role":"assistant","content":{{{{content}}}},"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_order","arguments":{{{{arguments}}}}}}]},"finish_reason":"tool_calls"}]}
            """);

        reply.Output.Should().Be("""[{"name":"get_order","arguments":{"order_id":"#W1"}}]""");
        reply.ToolCalls.Should().ContainSingle().Which.Should().Be(new AgentToolCall("get_order", """{"order_id": "#W1"}""", "call_1"));
        if (remark is null)
            reply.Remark.Should().BeNull();
        else
            reply.Remark.Should().Match(remark);
    }

    [TestCase("\"\"")]
    [TestCase("null")]
    [TestCase("{}")]
    public async Task Ask_ToolCallWithoutArguments_HasNone(string arguments)
    {
        var reply = await AskAsync($$$$"""{"choices":[{"message":{"tool_calls":[{"function":{"name":"now","arguments":{{{{arguments}}}}}}]}}]}""");

        reply.Output.Should().Be("""[{"name":"now","arguments":{}}]""");
    }

    [Test]
    public async Task Ask_OldFunctionCall_IsAToolCall()
    {
        var reply = await AskAsync("""{"choices":[{"message":{"content":null,"function_call":{"name":"add","arguments":"{\"a\":1}"}},"finish_reason":"function_call"}]}""");

        reply.Output.Should().Be("""[{"name":"add","arguments":{"a":1}}]""");
    }

    [TestCase("length")]
    [TestCase("max_tokens")]
    [TestCase("model_length")]
    public async Task Ask_ReplyCutByLength_SaysSo(string finishReason)
    {
        var reply = await AskAsync($$$$"""{"choices":[{"message":{"content":"The answer is 4"},"finish_reason":"{{{{finishReason}}}}"}]}""");

        reply.Output.Should().Be("The answer is 4");
        reply.IsCut.Should().BeTrue();
        reply.Remark.Should().Contain("cut by a length limit").And.Contain(finishReason);
    }

    [TestCase("content_filter")]
    [TestCase("abort")]
    public async Task Ask_ReplyEndedByTheServer_SaysSo(string finishReason)
    {
        var reply = await AskAsync($$$$"""{"choices":[{"message":{"content":"The answer"},"finish_reason":"{{{{finishReason}}}}"}]}""");

        reply.Remark.Should().Contain("may not be whole").And.Contain(finishReason);
    }

    [TestCase("""{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"upstream connect error"}}}""", "*Provider returned error*502*upstream connect error*")]
    [TestCase("""{"error":{"message":"Slow down","type":"rate_limit_error"},"choices":[]}""", "*Slow down*")]
    [TestCase("""{"object":"error","message":"engine busy","code":503}""", "*engine busy*")]
    [TestCase("""{"choices":[{"error":{"message":"backend failed","code":"500"},"finish_reason":"error","message":{"content":""}}]}""", "*backend failed*")]
    public async Task Ask_TransientErrorIn200_IsRetriedLikeA502(string body, string message)
    {
        _server.Reply(Behave.Json(body));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        (await asking.Should().ThrowAsync<AgentCallException>().WithMessage(message)).Which.IsTransient.Should().BeTrue();
        _server.Requests.Should().HaveCount(4);
    }

    [Test]
    public async Task Ask_TransientErrorIn200Once_UsesTheNextReply()
    {
        _server.ReplyInOrder(Behave.Json("""{"error":{"message":"Provider returned error","code":502}}"""));
        _server.Reply(Behave.Chat("42"));
        await using var host = Host();

        (await host.AskAsync(Genome())).Output.Should().Be("42");
    }

    [TestCase("""{"error":{"message":"No such model: m","code":404}}""", "*No such model: m*404*")]
    [TestCase("""{"error":{"message":"You exceeded your current quota","code":"insufficient_quota","type":"rate_limit_error"}}""", "*exceeded your current quota*")]
    [TestCase("""{"error":"bad request"}""", "*bad request*")]
    [TestCase("""{"choices":[{"error":{"message":"not allowed","code":403},"message":{"content":"x"}}]}""", "*not allowed*")]
    [TestCase("""{"detail":"The service is closed on Sundays"}""", "*no 'choices'*closed on Sundays*")]
    [TestCase("""{"choices":[{"message":{"content":42}}]}""", "*choices[0].message.content*42*")]
    [TestCase("""{"choices":[{"message":{"tool_calls":[{"function":{}}]}}]}""", "*choices[0].message.tool_calls[0]*names no function*")]
    [TestCase("""{"choices":[{"message":{"content":[{"type":"text"}]}}]}""", "*choices[0].message.content[0]*without 'text'*")]
    [TestCase("""{"choices":[{"message":{"content":"\ud800"}}]}""", "*choices[0].message.content*")]
    [TestCase("""{"choices":[{"message":{"content":[{"type":"image_url"}]}}]}""", "*image_url*")]
    public async Task Ask_AnythingElse_IsAnErrorWithTheProvidersTextAskedOnce(string body, string message)
    {
        _server.Reply(Behave.Json(body));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        (await asking.Should().ThrowAsync<AgentCallException>().WithMessage(message)).Which.IsTransient.Should().BeFalse();
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_SeveralChoices_TheFirstByIndexIsTheReply()
    {
        var reply = await AskAsync("""{"choices":[{"index":1,"message":{"content":"no"}},{"index":0,"message":{"content":"42"}}]}""");

        reply.Output.Should().Be("42");
    }

    private async Task<AgentReply> AskAsync(string body)
    {
        _server.Reply(Behave.Json(body));
        await using var host = Host();
        return await host.AskAsync(Genome());
    }

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server));

    private string Genome() => $$$$"""{"target":{"type":"openai-chat","endpoint":"{{{{_server.OpenAiUrl}}}}"},"modelConfig":{"model":"m"} }""";
}
