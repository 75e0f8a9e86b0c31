using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents.Chat;

/// <summary>What <c>openai-responses</c> sends, and how it reads what the Responses API sends.</summary>
public sealed class OpenAiResponsesTests
{
    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync(Behave.Json("""
        {"id":"resp_1","object":"response","created_at":1741476542,"status":"completed","error":null,"incomplete_details":null,"output":[
          {"type":"reasoning","id":"rs_1","summary":[]},
          {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"4","annotations":[]}]}],
         "usage":{"input_tokens":2000,"input_tokens_details":{"cached_tokens":0},"output_tokens":500,"output_tokens_details":{"reasoning_tokens":400},"total_tokens":2500}}
        """));

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Ask_FullGenome_SendsItInOrderAndReadsTextTokensAndCost()
    {
        await using var host = Host();

        var reply = await host.AskAsync($$$"""
            {"target":{"type":"openai-responses","endpoint":"{{{_server.OpenAiUrl}}}","apiKeyRef":"openai"},
             "modelConfig":{"model":"m","temperature":0.70,"topP":0.9,"maxOutputTokens":64,"reasoningEffort":"low","responseFormat":{"type":"json_schema","name":"n","schema":{"b":1,"a":2}},
                            "extraBody":{"store":false},"pricing":{"inputPerMillionTokens":2.5,"outputPerMillionTokens":10}},
             "prompt":{"system":"Be brief.","user":"Q: {{input}}"},
             "toolManifest":[{"type":"function","name":"add","parameters":{"type":"object","b":1,"a":2}},{"type":"web_search"}]}
            """);

        reply.Should().BeEquivalentTo(new AgentReply("4", 2000, 500, 0.01) { FinishReason = "completed" });
        var request = _server.Requests.Single();
        request.PathAndQuery.Should().Be("/v1/responses");
        request.Headers["Authorization"].Should().Be("Bearer sk-1");
        request.Body.Should().Be("""
            {"model":"m","instructions":"Be brief.","input":"Q: 2+2?","temperature":0.70,"top_p":0.9,"max_output_tokens":64,"reasoning":{"effort":"low"},
            "text":{"format":{"type":"json_schema","name":"n","schema":{"b":1,"a":2}}},"store":false,
            "tools":[{"type":"function","name":"add","parameters":{"type":"object","b":1,"a":2}},{"type":"web_search"}]}
            """.Replace("\n", "", StringComparison.Ordinal));
    }

    [Test]
    public async Task Ask_FunctionCalls_AreTheReplyAndTextIsInTheRemark()
    {
        var reply = await AskAsync("""
            {"status":"completed","output":[
              {"type":"message","content":[{"type":"output_text","text":"Let me add."}]},
              {"type":"function_call","id":"fc_1","call_id":"call_1","name":"add","arguments":"{\"a\": 1}"},
              {"type":"custom_tool_call","call_id":"call_2","name":"note","input":"free text"}]}
            """);

        reply.Output.Should().Be("""[{"name":"add","arguments":{"a":1}},{"name":"note","arguments":"free text"}]""");
        reply.ToolCalls.Should().Equal(new AgentToolCall("add", """{"a": 1}""", "call_1"), new AgentToolCall("note", "free text", "call_2"));
        reply.Remark.Should().Contain("Let me add.");
    }

    [Test]
    public async Task Ask_Refusal_IsTheReply() =>
        (await AskAsync("""{"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"I cannot help with that."}]}]}"""))
            .Output.Should().Be("I cannot help with that.");

    [Test]
    public async Task Ask_ItemsThatAreNoReply_AreNamedInTheRemark()
    {
        var reply = await AskAsync("""{"status":"completed","output":[{"type":"web_search_call","id":"ws_1"},{"type":"message","content":[{"type":"output_text","text":"4"}]}]}""");

        reply.Output.Should().Be("4");
        reply.Remark.Should().Contain("web_search_call");
    }

    [TestCase("max_output_tokens", true, "*cut by a length limit*max_output_tokens*")]
    [TestCase("content_filter", false, "*may not be whole*content_filter*")]
    public async Task Ask_IncompleteReply_SaysWhy(string reason, bool isCut, string remark)
    {
        var reply = await AskAsync($$"""
            {"status":"incomplete","incomplete_details":{"reason":"{{reason}}"},"output":[{"type":"message","content":[{"type":"output_text","text":"The answer is"}]}]}
            """);

        reply.Should().Match<AgentReply>(it => it.Output == "The answer is" && it.IsCut == isCut && it.FinishReason == reason);
        reply.Remark.Should().Match(remark);
    }

    [TestCase("""{"status":"failed","error":{"code":"invalid_prompt","message":"No such words."},"output":[]}""", "*answered with an error: No such words. (code invalid_prompt)", 1)]
    [TestCase("""{"status":"failed","error":{"code":"server_error","message":"Try again."},"output":[]}""", "*answered with an error: Try again. (code server_error)", 4)]
    [TestCase("""{"status":"queued","output":[]}""", "*not an answer of the Responses API: its status is 'queued'*", 1)]
    [TestCase("""{"status":"completed","output":[]}""", "*neither text nor tool calls (finish reason: completed)*", 1)]
    [TestCase("""{"status":"completed"}""", "*no list 'output'*", 1)]
    [TestCase("""{"status":"completed","output":[7]}""", "*'output[0]' is not an object*", 1)]
    [TestCase("""{"status":"completed","output":[{"type":"function_call","arguments":"{}"}]}""", "*'output[0]' names no function*", 1)]
    [TestCase("[]", "*no list 'output'*", 1)]
    [TestCase("not json", "*not valid JSON*", 1)]
    public async Task Ask_NoReply_IsAnErrorWithTheServicesText(string body, string message, int requests)
    {
        var asking = () => AskAsync(body);

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage(message);
        _server.Requests.Should().HaveCount(requests, "only what may pass is asked again");
    }

    [TestCase(""","toolManifest":[{"type":"function","function":{"name":"add"}}]""", "toolManifest[0].name is missing; a function of this API has its name next to its type*")]
    [TestCase(""","toolManifest":[{"name":"add"}]""", "toolManifest[0].type is missing.")]
    [TestCase(""","toolManifest":["add"]""", "toolManifest[0] must be an object*")]
    [TestCase(""","toolManifest":{}""", "toolManifest must be a list of tools of the Responses API for target.type openai-responses.")]
    public async Task Validate_WrongTools_AreRejectedByName(string rest, string message) => await RejectedAsync("""{"model":"m"}""", rest, message);

    [TestCase("""{"model":"m","extraBody":{"stream":true}}""", "modelConfig.extraBody.stream must not be set*")]
    [TestCase("""{"model":"m","reasoningEffort":"low","extraBody":{"reasoning":{}}}""", "modelConfig.extraBody.reasoning must not be set*")]
    [TestCase("""{"model":"m","seed":1}""", "Unknown modelConfig.seed; expected model, temperature*")]
    [TestCase("""{"model":"m","responseFormat":"json"}""", "modelConfig.responseFormat must be an object.")]
    [TestCase("""{}""", "modelConfig.model is missing*")]
    public async Task Validate_WrongModelConfig_IsRejectedByName(string modelConfig, string message) => await RejectedAsync(modelConfig, "", message);

    [Test]
    public async Task Validate_UnknownFields_AreAllowedInExtraBody()
    {
        await using var host = Host();

        host.Agents.Validate(Genome.Parse($$$"""
            {"target":{"type":"openai-responses","endpoint":"{{{_server.OpenAiUrl}}}"},"modelConfig":{"model":"m","extraBody":{"reasoning":{"summary":"auto"},"text":{"verbosity":"low"}} } }
            """));
    }

    private async Task RejectedAsync(string modelConfig, string rest, string message)
    {
        await using var host = Host();

        FluentActions.Invoking(() => host.Agents.Validate(Genome.Parse($$"""{"target":{"type":"openai-responses","endpoint":"http://a/v1"},"modelConfig":{{modelConfig}}{{rest}} }""")))
            .Should().Throw<InvalidInputException>().WithMessage(message);
    }

    private async Task<AgentReply> AskAsync(string body)
    {
        _server.Reply(Behave.Json(body));
        await using var host = Host();
        return await host.AskAsync($$"""{"target":{"type":"openai-responses","endpoint":"{{_server.OpenAiUrl}}","apiKeyRef":"openai"},"modelConfig":{"model":"m"} }""");
    }

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server), ("openai", "sk-1"));
}
