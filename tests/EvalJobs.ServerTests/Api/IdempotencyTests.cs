using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Server.Api;

/// <summary>The same request again with the same Idempotency-Key: the action is done once, whatever happened to the answer.</summary>
public sealed class IdempotencyTests : ApiFixture
{
    [SetUp]
    public Task AddSuite() => Server.Some.SuiteAsync(Acme);

    [Test]
    public async Task Post_Repeated_GetsTheSameAnswerAndIsDoneOnce()
    {
        var body = Body(await Server.Some.VersionAsync(Acme));

        var first = await Operator.PostJsonAsync("runs", body, ("Idempotency-Key", "k1"));
        var second = await Operator.PostJsonAsync("runs", body, ("Idempotency-Key", "k1"));

        (first.Status, first.IsRepeated, second.Status, second.IsRepeated).Should().Be((201, false, 201, true));
        (second.Text, second.Message.Headers.Location, second.Tag).Should().Be((first.Text, first.Message.Headers.Location, first.Tag));
        (await Server.RunsAsync(Acme)).Should().ContainSingle();
    }

    [Test]
    public async Task PostRevision_RepeatedWithIfMatch_GetsTheSameAnswer()
    {
        var created = await Operator.PostJsonAsync("suites?name=revised", """[{"input":"a","expected":"b"}]""");
        var path = $"{created.Message.Headers.Location}/revisions";
        (string, string)[] headers = [("Idempotency-Key", "k1"), ("If-Match", created.Tag!)];

        var first = await Operator.PostJsonAsync(path, """[{"input":"c","expected":"d"}]""", headers);
        var second = await Operator.PostJsonAsync(path, """[{"input":"c","expected":"d"}]""", headers);
        var other = await Operator.PostJsonAsync(path, """[{"input":"e","expected":"f"}]""", ("Idempotency-Key", "k2"), ("If-Match", created.Tag!));

        (first.Status, first.IsRepeated, second.Status, second.IsRepeated).Should().Be((201, false, 201, true), "the first request itself created the next revision");
        (second.Text, second.Tag).Should().Be((first.Text, first.Tag));
        other.Status.Should().Be(412);
    }

    [Test]
    public async Task Post_SameKeyForAnotherRequest_IsAConflictUnlessItIsAnotherCallers()
    {
        var one = Body(await Server.Some.VersionAsync(Acme));
        var other = Body(await Server.Some.VersionAsync(Acme));
        await Operator.PostJsonAsync("runs", one, ("Idempotency-Key", "k1"));

        var conflict = await Operator.PostJsonAsync("runs", other, ("Idempotency-Key", "k1"));
        using var colleague = await Server.ProgramAsync(ApiKeyRole.Operator, Acme);
        var own = await colleague.PostJsonAsync("runs", other, ("Idempotency-Key", "k1"));

        (conflict.Status, conflict.Json.GetProperty("field").GetString(), own.Status).Should().Be((409, "Idempotency-Key", 201));
    }

    [Test]
    public async Task Post_ManyAtOnce_AllGetTheSameRun()
    {
        var body = Body(await Server.Some.VersionAsync(Acme));

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Operator.PostJsonAsync("runs", body, ("Idempotency-Key", "k1"))));

        replies.Should().OnlyContain(reply => reply.Status == 201);
        replies.Select(reply => reply.Text).Distinct(StringComparer.Ordinal).Should().ContainSingle();
        replies.Count(reply => !reply.IsRepeated).Should().Be(1);
    }

    [Test]
    public async Task Post_ServerEndsBetweenStoringAndAnswering_TheRepeatGetsTheSameRun()
    {
        // A crash after the commit: the run and its answer are stored, but the client got no answer. The next server answers with the stored one.
        var body = Body(await Server.Some.VersionAsync(Acme));
        using var cancellation = new CancellationTokenSource();
        await using var next = await Server.JoinAsync();
        using var later = next.Program(Operator.DefaultRequestHeaders.Authorization!.Parameter);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "k1");
        var unanswered = Operator.SendAsync(request, cancellation.Token);
        await Server.WaitUntilAsync(async () => (await Server.RunsAsync(Acme)).Count == 1, new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        await cancellation.CancelAsync();
        try
        {
            await unanswered;
        }
        catch (OperationCanceledException)
        {
            // The client does not read the answer.
        }

        var repeat = await later.PostJsonAsync("runs", body, ("Idempotency-Key", "k1"));

        (repeat.Status, repeat.IsRepeated, repeat.Json.GetProperty("id").GetInt64()).Should().Be((201, true, (await Server.RunsAsync(Acme)).Single().Id));
    }

    [Test]
    public async Task Post_TheAnswerCannotBeStored_NothingIsDone()
    {
        var version = await Server.Some.VersionAsync(Acme);
        await Server.Database.ExecuteAsync("CREATE TRIGGER Broken BEFORE INSERT ON ApiAnswer BEGIN SELECT RAISE(ABORT, 'broken'); END");

        var failed = await Operator.PostJsonAsync("runs", Body(version), ("Idempotency-Key", "k1"));

        failed.Status.Should().Be(503);
        (await Server.RunsAsync(Acme)).Should().BeEmpty("the action and its answer are stored in one transaction");
        (await Server.Some.Versions.GetAsync(version.Id, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
    }

    [Test]
    public async Task Post_AfterADay_IsDoneAgain()
    {
        const string body = """{"document":{"requirements":[{"suite":"suite","rule":"rate","threshold":0.7}]}}""";
        var first = await Operator.PostJsonAsync("policies", body, ("Idempotency-Key", "k1"));

        await Server.Database.PassAsync(TimeSpan.FromHours(25));
        var anew = await Operator.PostJsonAsync("policies", body, ("Idempotency-Key", "k1"));

        (first.Json.GetProperty("revision").GetInt32(), anew.Json.GetProperty("revision").GetInt32(), anew.IsRepeated).Should().Be((1, 2, false), first.Text);
        await Server.Database.PassAsync(TimeSpan.FromHours(25));
        (await new HistoryRepository(Server.Database.Database).PurgeApiAnswersAsync(100, default)).Should().Be(1);
    }

    [Test]
    public async Task PostKeys_Repeated_DoesNotShowTheKeyAgain()
    {
        using var admin = await Server.ProgramAsync(ApiKeyRole.Admin);
        const string body = """{"name":"ci","tenant":"acme","role":"VIEWER"}""";

        var first = await admin.PostJsonAsync("keys", body, ("Idempotency-Key", "k1"));
        var second = await admin.PostJsonAsync("keys", body, ("Idempotency-Key", "k1"));

        var secret = first.Json.GetProperty("key").GetString()!;
        (second.Status, second.Json.GetProperty("id").GetInt64()).Should().Be((201, first.Json.GetProperty("id").GetInt64()));
        second.Text.Should().NotContain(secret);
        (await Server.Database.ListAsync<string>("SELECT Body FROM ApiAnswer")).Should().NotContain(stored => stored.Contains(secret, StringComparison.Ordinal));
    }

    [TestCase("")]
    [TestCase("a\u007fb")]
    public async Task Post_InvalidKey_IsRejected(string key) =>
        (await Operator.PostJsonAsync("runs", Body(await Server.Some.VersionAsync(Acme)), ("Idempotency-Key", key))).Status.Should().Be(400);

    private static string Body(AgentVersion version) => $$"""{"versionId":{{version.Id}}}""";
}
