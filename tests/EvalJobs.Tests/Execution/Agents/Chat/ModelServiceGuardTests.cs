using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents.Chat;

/// <summary>Rules for every API form of model services: they share one client with all its limits and checks.</summary>
[TestFixture("openai-chat")]
[TestFixture("openai-responses")]
[TestFixture("anthropic-messages")]
public sealed class ModelServiceGuardTests(string type)
{
    private const string Key = "sk-test/12345+abc";

    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync(Behave.Json(Answer("4")));

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Ask_LoopbackThatIsNotAllowed_IsRejected()
    {
        await using var host = new AgentTestHost(new AgentOptions(), ("key", Key));

        await FluentActions.Awaiting(() => host.AskAsync(Bare())).Should().ThrowAsync<AgentCallException>().WithMessage("*EvalJobs:Agents:AllowedHosts*");
        _server.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task Ask_NoEndpointAndNoKey_IsRejected()
    {
        await using var host = new AgentTestHost(new AgentOptions());

        FluentActions.Invoking(() => host.Agents.Validate(Genome.Parse($$"""{"target":{"type":"{{type}}"},"modelConfig":{"model":"m"} }""")))
            .Should().Throw<InvalidInputException>().WithMessage("target.apiKeyRef is missing; https://api.*.com/v1 asks for a key.*");
    }

    [TestCase(200)]
    [TestCase(401)]
    [TestCase(500)]
    public async Task Ask_ServiceEchoesTheKey_ItAppearsNowhere(int status)
    {
        _server.Reply(status == 200 ? Behave.Json(Answer($"your key is {Key}")) : Behave.Status(status, $$$"""{"error":{"message":"Incorrect key: {{{Key}}}"}}"""));
        await using var host = Host();

        string seen;
        try
        {
            seen = (await host.AskAsync(Bare())).Output;
        }
        catch (AgentCallException error)
        {
            seen = error.ToString();
        }

        seen.Should().Contain("***");
        (seen + host.Log).Should().NotContain(Key).And.NotContain("12345");
    }

    [Test]
    public async Task Ask_429ThenConnectionCut_IsRetried()
    {
        _server.ReplyInOrder(Behave.TooManyRequests(retryAfterSeconds: 1), Behave.Cut());
        await using var host = Host();

        (await host.AskAsync(Bare())).Output.Should().Be("4");
        _server.Requests.Should().HaveCount(3).And.OnlyContain(request => request.Body == _server.Requests[0].Body);
    }

    [Test]
    public async Task Ask_EndlessAnswer_IsEndedAtTheLimit()
    {
        _server.Reply(Behave.Endless());
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server) with { MaxReplyBytes = 10_000 }, ("key", Key));

        await FluentActions.Awaiting(() => host.AskAsync(Bare())).Should().ThrowAsync<AgentCallException>().WithMessage("*larger than EvalJobs:Agents:MaxReplyBytes (10000 bytes)*");
    }

    [Test]
    public async Task Ask_500EveryTime_IsAnOutageOfItsEndpoint()
    {
        _server.Reply(Behave.Status(500, """{"error":{"message":"boom"}}"""));
        await using var host = Host();

        (await FluentActions.Awaiting(() => host.AskAsync(Bare())).Should().ThrowAsync<AgentCallException>().WithMessage("*boom*")).Which.IsOutage.Should().BeTrue();
        _server.Requests.Should().HaveCount(4);
        host.Agents.EndpointOf(Genome.Parse(Bare())).Should().Be(_server.Host, "agents that share an endpoint share its breaker");
    }

    private string Answer(string text) => type switch
    {
        "openai-chat" => $$$"""{"choices":[{"message":{"content":"{{{text}}}"}}]}""",
        "openai-responses" => $$"""{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"{{text}}"}]}]}""",
        _ => $$"""{"content":[{"type":"text","text":"{{text}}"}],"stop_reason":"end_turn"}""",
    };

    private string Bare() =>
        $$"""{"target":{"type":"{{type}}","endpoint":"{{_server.OpenAiUrl}}","apiKeyRef":"key"},"modelConfig":{"model":"m","maxOutputTokens":64} }""";

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server), ("key", Key));
}
