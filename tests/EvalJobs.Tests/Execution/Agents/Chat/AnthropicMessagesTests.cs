using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents.Chat;

/// <summary>What <c>anthropic-messages</c> sends, and how it reads what the Messages API sends.</summary>
public sealed class AnthropicMessagesTests
{
    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync(Behave.Json("""
        {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"4"}],
         "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1500,"cache_creation_input_tokens":100,"cache_read_input_tokens":400,"output_tokens":500}}
        """));

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Ask_FullGenome_SendsItInOrderAndReadsTextTokensAndCost()
    {
        await using var host = Host();

        var reply = await host.AskAsync($$$"""
            {"target":{"type":"anthropic-messages","endpoint":"{{{_server.OpenAiUrl}}}","apiKeyRef":"claude"},
             "modelConfig":{"model":"m","temperature":0.70,"topP":0.9,"maxOutputTokens":64,"stop":"END","extraBody":{"top_k":5},"pricing":{"inputPerMillionTokens":2.5,"outputPerMillionTokens":10}},
             "prompt":{"system":"Be brief.","user":"Q: {{input}}"},
             "toolManifest":[{"name":"add","input_schema":{"type":"object","b":1,"a":2}},{"type":"web_search_20250305","name":"web_search"}]}
            """);

        reply.Should().BeEquivalentTo(new AgentReply("4", 2000, 500, 0.01) { FinishReason = "end_turn" });
        var request = _server.Requests.Single();
        request.PathAndQuery.Should().Be("/v1/messages");
        request.Headers["x-api-key"].Should().Be("sk-1");
        request.Headers["anthropic-version"].Should().Be("2023-06-01");
        request.Headers.Should().NotContainKey("Authorization");
        request.Body.Should().Be("""
            {"model":"m","system":"Be brief.","messages":[{"role":"user","content":"Q: 2+2?"}],"max_tokens":64,"temperature":0.70,"top_p":0.9,"stop_sequences":["END"],"top_k":5,
            "tools":[{"name":"add","input_schema":{"type":"object","b":1,"a":2}},{"type":"web_search_20250305","name":"web_search"}]}
            """.Replace("\n", "", StringComparison.Ordinal));
    }

    [Test]
    public async Task Ask_ApiVersionAndKeyHeaderOfTheGenome_AreSent()
    {
        await using var host = Host();

        await host.AskAsync($$"""
            {"target":{"type":"anthropic-messages","endpoint":"{{_server.OpenAiUrl}}","apiKeyRef":"claude","apiKeyHeader":"Authorization","apiVersion":"2024-01-01"},
             "modelConfig":{"model":"m","maxOutputTokens":64} }
            """);

        var request = _server.Requests.Single();
        request.PathAndQuery.Should().Be("/v1/messages", "the version is a header here");
        request.Headers["Authorization"].Should().Be("Bearer sk-1");
        request.Headers["anthropic-version"].Should().Be("2024-01-01");
    }

    [Test]
    public async Task Ask_ToolUse_IsTheReplyAndTextIsInTheRemark()
    {
        var reply = await AskAsync("""
            {"content":[{"type":"text","text":"Let me add."},{"type":"tool_use","id":"toolu_1","name":"add","input":{"b":1.50,"a":2}},{"type":"tool_use","id":"toolu_2","name":"now","input":{}}],
             "stop_reason":"tool_use"}
            """);

        reply.Output.Should().Be("""[{"name":"add","arguments":{"b":1.50,"a":2}},{"name":"now","arguments":{}}]""");
        reply.ToolCalls.Should().Equal(new AgentToolCall("add", """{"b":1.50,"a":2}""", "toolu_1"), new AgentToolCall("now", "{}", "toolu_2"));
        reply.Remark.Should().Contain("Let me add.");
    }

    [TestCase("max_tokens", true, "*cut by a length limit*max_tokens*")]
    [TestCase("model_context_window_exceeded", true, "*cut by a length limit*")]
    [TestCase("refusal", false, "*may not be whole (finish reason refusal)*")]
    [TestCase("pause_turn", false, "*may not be whole (finish reason pause_turn)*")]
    public async Task Ask_IncompleteReply_SaysWhy(string reason, bool isCut, string remark)
    {
        var reply = await AskAsync($$"""{"content":[{"type":"text","text":"The answer is"}],"stop_reason":"{{reason}}"}""");

        reply.Should().Match<AgentReply>(it => it.Output == "The answer is" && it.IsCut == isCut && it.FinishReason == reason);
        reply.Remark.Should().Match(remark);
    }

    [Test]
    public async Task Ask_BlocksOfTheServicesOwnTools_AreNamedInTheRemark()
    {
        var reply = await AskAsync("""
            {"content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"4"}],"stop_reason":"end_turn"}
            """);

        reply.Output.Should().Be("4");
        reply.Remark.Should().Contain("server_tool_use, web_search_tool_result");
    }

    [TestCase("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", "*answered with an error: Overloaded", 4)]
    [TestCase("""{"type":"error","error":{"type":"invalid_request_error","message":"No such model."}}""", "*answered with an error: No such model.", 1)]
    [TestCase("""{"content":[],"stop_reason":"refusal"}""", "*neither text nor tool calls (finish reason: refusal)*", 1)]
    [TestCase("""{"content":[{"type":"tool_use","input":{}}]}""", "*'content[0]' names no function*", 1)]
    [TestCase("""{"content":"4"}""", "*not an answer of the Messages API: it contains no list 'content'*", 1)]
    [TestCase("not json", "*not valid JSON*", 1)]
    public async Task Ask_NoReply_IsAnErrorWithTheServicesText(string body, string message, int requests)
    {
        var asking = () => AskAsync(body);

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage(message);
        _server.Requests.Should().HaveCount(requests, "only what may pass is asked again");
    }

    [Test]
    public async Task Ask_Overloaded529_IsRetried()
    {
        _server.Reply(Behave.Status(529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""));
        await using var host = Host();

        var asking = () => host.AskAsync(Bare());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage($"HTTP 529 from {_server.Host}: *Overloaded*");
        _server.Requests.Should().HaveCount(4);
    }

    [TestCase("""{"model":"m"}""", "", "modelConfig.maxOutputTokens is missing; the Messages API does not answer without a limit.")]
    [TestCase("""{"maxOutputTokens":9}""", "", "modelConfig.model is missing*")]
    [TestCase("""{"model":"m","maxOutputTokens":9,"temperature":1.5}""", "", "modelConfig.temperature (1.5) must be a number from 0 to 1.")]
    [TestCase("""{"model":"m","maxOutputTokens":9,"stop":7}""", "", "modelConfig.stop must be a text or a list of texts.")]
    [TestCase("""{"model":"m","maxOutputTokens":9,"extraBody":{"system":"x"}}""", "", "modelConfig.extraBody.system must not be set*")]
    [TestCase("""{"model":"m","maxOutputTokens":9}""", ""","toolManifest":[{"type":7,"name":"add"}]""", "toolManifest[0].input_schema must be a JSON schema object.")]
    [TestCase("""{"model":"m","maxOutputTokens":9}""", ""","toolManifest":[{"input_schema":{}}]""", "toolManifest[0].name is missing.")]
    [TestCase("""{"model":"m","maxOutputTokens":9}""", ""","toolManifest":"add" """, "toolManifest must be a list of tools of the Messages API for target.type anthropic-messages.")]
    public async Task Validate_WrongGenome_IsRejectedByName(string modelConfig, string rest, string message)
    {
        await using var host = Host();

        FluentActions.Invoking(() => host.Agents.Validate(Genome.Parse($$"""{"target":{"type":"anthropic-messages","endpoint":"http://a/v1"},"modelConfig":{{modelConfig}}{{rest}} }""")))
            .Should().Throw<InvalidInputException>().WithMessage(message);
    }

    [TestCase(""","headers":{"Anthropic-Version":"1"}""", "target.headers.anthropic-version must not be set*")]
    [TestCase(""","apiVersion":"1\n2" """, "*target.apiVersion*may contain only characters that a header may contain.")]
    [TestCase(""","headers":{"X-Api-Key":"1"},"apiKeyRef":"claude" """, "target.headers.x-api-key must not be set*")]
    public async Task Validate_ReservedHeaders_AreRejectedByName(string rest, string message)
    {
        await using var host = Host();

        FluentActions.Invoking(() => host.Agents.Validate(Genome.Parse($$"""{"target":{"type":"anthropic-messages","endpoint":"http://a/v1"{{rest}}},"modelConfig":{"model":"m","maxOutputTokens":9} }""")))
            .Should().Throw<InvalidInputException>().WithMessage(message);
    }

    private async Task<AgentReply> AskAsync(string body)
    {
        _server.Reply(Behave.Json(body));
        await using var host = Host();
        return await host.AskAsync(Bare());
    }

    private string Bare() => $$"""{"target":{"type":"anthropic-messages","endpoint":"{{_server.OpenAiUrl}}","apiKeyRef":"claude"},"modelConfig":{"model":"m","maxOutputTokens":64} }""";

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server), ("claude", "sk-1"));
}
