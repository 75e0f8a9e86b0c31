using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents.Chat;

/// <summary>Requests of <c>openai-chat</c> as servers of several makers expect them.</summary>
public sealed class ChatRequestsTests
{
    private const string Key = "azure-key-1";

    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync(Behave.Chat("4"));

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Ask_AzureDeployment_GetsItsUrlVersionAndKeyHeader()
    {
        await AskAsync($$$"""
            {"target":{"type":"openai-chat","endpoint":"{{{_server.Url}}}openai/deployments/gpt-prod","apiVersion":"2024-10-21","apiKeyRef":"azure"}}
            """);

        var request = _server.Requests.Single();
        request.PathAndQuery.Should().Be("/openai/deployments/gpt-prod/chat/completions?api-version=2024-10-21");
        request.Headers["api-key"].Should().Be(Key);
        request.Headers.Should().NotContainKey("Authorization");
        request.Json.TryGetProperty("model", out _).Should().BeFalse("the URL names the deployment");
    }

    [TestCase("x-api-key", "x-api-key", Key)]
    [TestCase("Authorization", "Authorization", "Bearer " + Key)]
    public async Task Ask_ApiKeyHeader_CarriesTheKey(string setting, string header, string value)
    {
        await AskAsync($$$"""
            {"target":{"type":"openai-chat","endpoint":"{{{_server.OpenAiUrl}}}","model":"m","apiKeyRef":"azure","apiKeyHeader":"{{{setting}}}"}}
            """);

        _server.Requests.Single().Headers[header].Should().Be(value);
    }

    [Test]
    public async Task Ask_SettingsOfOtherServers_AreSentUnchanged()
    {
        await AskAsync($$$$"""
            {"target":{"type":"openai-chat","endpoint":"{{{{_server.OpenAiUrl}}}}","headers":{"X-Team":"evals","X-Key":"k {{secret:azure}}"}},
             "modelConfig":{"model":"m","maxOutputTokens":50,"maxTokensField":"max_tokens","reasoningEffort":"low","temperature":0.30,
               "responseFormat":{"type":"json_object"},"extraBody":{"top_k":5,"provider":{"order":["b","a"]},"frequency_penalty":0.5}}}
            """);

        var request = _server.Requests.Single();
        request.Headers["X-Team"].Should().Be("evals");
        request.Headers["X-Key"].Should().Be($"k {Key}");
        CanonicalJson.Of(request.Body).Should().Be(CanonicalJson.Of("""
            {"model":"m","messages":[{"role":"user","content":"2+2?"}],"temperature":0.30,"max_tokens":50,"reasoning_effort":"low",
             "response_format":{"type":"json_object"},"top_k":5,"provider":{"order":["b","a"]},"frequency_penalty":0.5}
            """));
    }

    [Test]
    public async Task Ask_KeysOfToolsAndFormats_AreSentInTheirAuthorsOrder()
    {
        const string schema = """{"type":"object","properties":{"reasoning":{"type":"string"},"answer":{"type":"string"}},"required":["reasoning","answer"]}""";

        await AskAsync("""{"target":{"type":"openai-chat","model":"m","endpoint":""" + $"\"{_server.OpenAiUrl}\"" + """},"modelConfig":{"responseFormat":{"type":"json_schema","json_schema":""" + schema
            + """}},"toolManifest":[{"type":"function","function":{"name":"grade","strict":true,"parameters":""" + schema + "}}]}");

        var body = _server.Requests.Single().Body;
        body.Should().Contain("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"grade\",\"strict\":true,\"parameters\":" + schema);
        body.Should().Contain("\"json_schema\":" + schema);
    }

    [TestCase("""{"maxTokensField":"tokens"}""", "modelConfig.maxTokensField*max_completion_tokens or max_tokens*")]
    [TestCase("""{"responseFormat":"json"}""", "modelConfig.responseFormat must be an object*")]
    [TestCase("""{"extraBody":[]}""", "modelConfig.extraBody must be an object*")]
    [TestCase("""{"extraBody":{"messages":[]}}""", "modelConfig.extraBody.messages must not be set*")]
    [TestCase("""{"extraBody":{"stream":true}}""", "modelConfig.extraBody.stream must not be set*")]
    public Task Validate_WrongModelConfig_IsAnErrorThatNamesTheField(string modelConfig, string message) =>
        ValidateAsync("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m"},"modelConfig":""" + modelConfig + "}", message);

    [TestCase("""{"apiKeyHeader":"a b"}""", "target.apiKeyHeader*header name*")]
    [TestCase("""{"apiKeyHeader":"Host"}""", "target.apiKeyHeader*header name*")]
    [TestCase("""{"apiKeyRef":"k","headers":{"authorization":"x"}}""", "target.headers.*must not be set*")]
    [TestCase("""{"headers":{"Content-Length":"1"}}""", "target.headers.Content-Length must not be set*")]
    public Task Validate_WrongTarget_IsAnErrorThatNamesTheField(string more, string message) =>
        ValidateAsync("""{"target":{"type":"openai-chat","endpoint":"http://a/v1","model":"m",""" + more[1..] + "}", message);

    private async Task ValidateAsync(string genome, string message)
    {
        await using var host = Host();
        FluentActions.Invoking(() => host.Agents.Validate(Genome.Parse(genome))).Should().Throw<InvalidInputException>().WithMessage(message);
    }

    private async Task AskAsync(string genome)
    {
        await using var host = Host();
        await host.AskAsync(genome);
    }

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server), ("azure", Key));
}
