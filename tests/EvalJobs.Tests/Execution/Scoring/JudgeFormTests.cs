using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Scoring;

/// <summary>A judge that rejects a part of the request is asked in a simpler form. Its verdict is read by the same rules.</summary>
public sealed class JudgeFormTests
{
    private const string NoTemperature =
        """{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","param":"temperature","code":"unsupported_value"}}""";

    private TestAgentServer _judge = null!;
    private AgentTestHost _host = null!;

    [SetUp]
    public async Task SetUp()
    {
        _judge = await TestAgentServer.StartAsync();
        _host = new AgentTestHost(AgentTestHost.Allowing(_judge));
    }

    [TearDown]
    public async Task TearDown()
    {
        await _host.DisposeAsync();
        await _judge.DisposeAsync();
    }

    [TestCase("'response_format.type' must be 'json_object' or 'text'", "json_object", 2)]
    [TestCase("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "json_object", 2)]
    [TestCase("This model does not support structured output", "json_object", 2)]
    public async Task Score_SchemaIsRejected_RequestsAnObject(string words, string format, int asked)
    {
        _judge.Reply(RejectingFormats(words, "json_schema"));

        (await ScoreAsync()).Should().Be(new Score(1, "fine"));

        _judge.Requests.Should().HaveCount(asked);
        FormatOf(_judge.Requests[^1]).Should().Be(format);
    }

    [Test]
    public async Task Score_EveryFormatIsRejected_RequestsTextAndRemembersIt()
    {
        _judge.Reply(RejectingFormats("unknown field response_format", "json_schema", "json_object"));

        await ScoreAsync();
        await ScoreAsync();

        _judge.Requests.Select(FormatOf).Should().Equal(["json_schema", "json_object", null, null], "the second case uses the accepted form at once");
    }

    [Test]
    public async Task Score_TemperatureIsRejected_OmitsItAndRemembersIt()
    {
        _judge.Reply((context, request) => request.Json.TryGetProperty("temperature", out _)
            ? Behave.Status(400, NoTemperature)(context, request)
            : Behave.Chat("""{"score":1,"reason":"fine"}""")(context, request));

        await ScoreAsync();
        (await ScoreAsync()).Should().Be(new Score(1, "fine"));

        _judge.Requests.Select(request => request.Json.TryGetProperty("temperature", out _)).Should().Equal(true, false, false);
        _judge.Requests.Select(FormatOf).Should().OnlyContain(format => format == "json_schema", "no service rejected this");
    }

    [Test]
    public async Task Score_AuthorsTemperatureIsRejected_SaysSo()
    {
        _judge.Reply(Behave.Status(400, NoTemperature));

        await FluentActions.Awaiting(() => ScoreAsync(""","temperature":0.3""")).Should().ThrowAsync<ScoringException>().WithMessage("*temperature*");

        _judge.Requests.Should().ContainSingle().Which.Json.GetProperty("temperature").GetRawText().Should().Be("0.3");
    }

    [Test]
    public async Task Score_TemperatureNull_SendsNone()
    {
        _judge.Reply(Behave.Chat("""{"score":1,"reason":"fine"}"""));

        await ScoreAsync(""","temperature":null,"responseFormat":"text" """);

        _judge.Requests.Single().Json.EnumerateObject().Select(field => field.Name).Should().Equal("model", "messages");
    }

    [TestCase(400, """{"error":{"message":"maximum context length is 8192 tokens"}}""")]
    [TestCase(401, """{"error":{"message":"no access to response_format"}}""")]
    [TestCase(403, "temperature")]
    [TestCase(429, "response_format: slow down")]
    [TestCase(500, "json_schema")]
    public async Task Score_RejectedForAnotherReason_IsNotAskedInAnotherForm(int status, string body)
    {
        _judge.Reply(Behave.Status(status, body));

        await FluentActions.Awaiting(() => ScoreAsync()).Should().ThrowAsync<ScoringException>();

        _judge.Requests.Should().OnlyContain(request => request.Json.GetProperty("response_format").GetProperty("type").GetString() == "json_schema");
        _judge.Requests.Should().OnlyContain(request => request.Json.GetProperty("temperature").GetRawText() == "0");
    }

    [Test]
    public async Task Score_TextForm_ReadsTheVerdictByTheSameRules()
    {
        _judge.Reply(RejectingFormats("response_format", "json_schema", "json_object"));
        await ScoreAsync();
        _judge.Reply(Behave.Chat("Sure: {\"score\":1,\"reason\":\"a\"} or {\"score\":0,\"reason\":\"b\"}"));

        await FluentActions.Awaiting(() => ScoreAsync()).Should().ThrowAsync<ScoringException>();
    }

    [TestCase(""","responseFormat":"xml" """, "scoring.responseFormat*json_schema, json_object, text.")]
    [TestCase(""","responseFormat":7""", "scoring.responseFormat*")]
    [TestCase(""","temperature":"hot" """, "scoring.temperature*")]
    [TestCase(""","temperature":-1""", "scoring.temperature*0 to 2*")]
    public void Validate_WrongSetting_NamesIt(string settings, string message) =>
        FluentActions.Invoking(() => _host.LlmJudge.Validate(Spec(settings), null)).Should().Throw<InvalidInputException>().WithMessage(message);

    private static AgentBehaviour RejectingFormats(string words, params string[] formats) => (context, request) =>
        formats.Contains(FormatOf(request))
            ? Behave.Status(400, JsonSerializer.Serialize(new { error = new { message = words, code = "invalid_request" } }))(context, request)
            : Behave.Chat("""{"score":1,"reason":"fine"}""")(context, request);

    private static string? FormatOf(RecordedRequest request) =>
        request.Json.TryGetProperty("response_format", out var format) ? format.GetProperty("type").GetString() : null;

    private ScoringSpec Spec(string settings) => ScoringSpec.Parse(
        $$"""{"type":"llm_judge","rubric":"Right?","model":"m","endpoint":"{{_judge.OpenAiUrl}}"{{settings}}}""");

    private async Task<Score> ScoreAsync(string settings = "") =>
        await _host.LlmJudge.ScoreAsync(new ScoringRequest(Spec(settings), "2+2?", "4", "4", "acme"), CancellationToken.None);
}
