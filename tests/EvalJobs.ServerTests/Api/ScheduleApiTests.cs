using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Tests.Server.Api;

/// <summary><c>/schedules</c> and <c>/jobs</c>.</summary>
public sealed class ScheduleApiTests : ApiFixture
{
    private EvaluationSuite _suite = null!;

    [SetUp]
    public async Task AddSuiteAndVersion()
    {
        _suite = await Server.Some.SuiteAsync(Acme);
        await Server.Some.VersionAsync(Acme);
    }

    [Test]
    public async Task Schedule_CreatedChangedPausedRunAndDeleted_MatchesEachRequest()
    {
        var created = await CreateAsync(("Idempotency-Key", "k1"));
        var again = await CreateAsync(("Idempotency-Key", "k1"));
        (created.Status, again.Status, again.IsRepeated, again.Text).Should().Be((201, 201, true, created.Text));
        created.Json.GetProperty("words").GetString().Should().Be("every weekday (Monday to Friday) at 02:00, Europe/Berlin");
        created.Json.GetProperty("nextDueAt").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UtcNow.AddMinutes(-1)).And.HaveMinute(0);
        var path = $"schedules/{created.Json.GetProperty("id").GetInt64()}";
        created.Message.Headers.Location!.ToString().Should().EndWith(path);

        var read = await Operator.GetReplyAsync(path);
        (read.Text, read.Tag).Should().Be((created.Text, created.Tag));
        (await Operator.GetReplyAsync($"schedules?suiteId={_suite.Id}")).Json.GetProperty("items").GetArrayLength().Should().Be(1);

        var changed = await Operator.SendAsync(HttpMethod.Patch, path, """{"cron":"30 6 * * 1"}""", ("If-Match", created.Tag!));
        (changed.Status, changed.Json.GetProperty("words").GetString()).Should().Be((200, "every Monday at 06:30, Europe/Berlin"));
        (await Operator.SendAsync(HttpMethod.Patch, path, """{"cron":"0 7 * * 1"}""", ("If-Match", created.Tag!))).Status.Should().Be(412, "another client was first");

        var paused = await Operator.PostJsonAsync($"{path}/pause", null);
        (paused.Status, paused.Json.GetProperty("isPaused").GetBoolean(), paused.Json.GetProperty("nextDueAt").ValueKind).Should().Be((200, true, System.Text.Json.JsonValueKind.Null));
        var resumed = await Operator.PostJsonAsync($"{path}/resume", null);
        resumed.Json.GetProperty("isPaused").GetBoolean().Should().BeFalse();
        (await Operator.SendAsync(HttpMethod.Get, path, null, ("If-None-Match", resumed.Tag!))).Status.Should().Be(304);

        var run = await Operator.PostJsonAsync($"{path}/run", null, ("Idempotency-Key", "k2"));
        (run.Status, run.Json.GetProperty("suiteId").GetInt64()).Should().Be((201, _suite.Id));
        (await Operator.PostJsonAsync($"{path}/run", null, ("Idempotency-Key", "k2"))).IsRepeated.Should().BeTrue();
        (await Operator.SendAsync(HttpMethod.Get, path, null, ("If-None-Match", resumed.Tag!))).Status.Should().Be(200, "the answer contains the last outcome");
        (await Operator.GetReplyAsync(path)).Json.GetProperty("lastRunId").GetInt64().Should().Be(run.Json.GetProperty("id").GetInt64());
        (await Server.RunsAsync(Acme)).Should().ContainSingle();

        (await Operator.SendAsync(HttpMethod.Delete, path, null)).Status.Should().Be(204);
        (await Operator.GetReplyAsync(path)).Status.Should().Be(404);
    }

    [TestCase("""{"suiteId":1,"agent":"agent","cron":"* * * * *"}""", "cron", 400)]
    [TestCase("""{"suiteId":1,"agent":"agent","cron":"0 2 * * *","timeZone":"W. Europe Standard Time"}""", "timeZone", 400)]
    [TestCase("""{"suiteId":1,"agent":"","cron":"0 2 * * *"}""", "agent", 400)]
    [TestCase("""{"suiteId":1,"agent":"agent","cron":"0 2 * * *","priority":5000}""", null, 400)]
    [TestCase("""{"suiteId":1,"agent":"nobody","cron":"0 2 * * *"}""", null, 404)]
    public async Task Post_InvalidValue_NamesTheField(string body, string? field, int status)
    {
        var reply = await Operator.PostJsonAsync("schedules", body);

        reply.Status.Should().Be(status, reply.Text);
        if (field is not null)
            reply.Json.GetProperty("field").GetString().Should().Be(field);
        (await Operator.GetReplyAsync("schedules")).Json.GetProperty("items").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task Jobs_PausedAndResumed_AreShownInListAndHealth()
    {
        using var admin = await Server.ProgramAsync(ApiKeyRole.Admin);

        (await admin.PostJsonAsync($"jobs/{JobSchedule.ProcessEvaluations}/pause", """{"reason":""}""")).Status.Should().Be(400);
        (await admin.PostJsonAsync("jobs/nothing/pause", """{"reason":"why"}""")).Status.Should().Be(404);
        (await admin.PostJsonAsync($"jobs/{JobSchedule.ProcessEvaluations}/pause", """{"reason":"the agents move"}""")).Status.Should().Be(204);

        var job = (await admin.GetReplyAsync("jobs")).Json.EnumerateArray().Single(each => each.GetProperty("id").GetString() == JobSchedule.ProcessEvaluations);
        (job.GetProperty("isPaused").GetBoolean(), job.GetProperty("reason").GetString(), job.GetProperty("nextAt").ValueKind).Should().Be((true, "the agents move", System.Text.Json.JsonValueKind.Null));
        var health = (await admin.GetReplyAsync("health")).Json;
        (health.GetProperty("overall").GetString(), health.GetProperty("paused").GetArrayLength()).Should().Be(("HEALTHY", 1));
        (await Operator.GetReplyAsync("health")).Json.GetProperty("paused").GetArrayLength().Should().Be(0, "a tenant's key must not see the server's jobs");
        (await Operator.GetReplyAsync("jobs")).Status.Should().Be(403);

        (await admin.PostJsonAsync($"jobs/{JobSchedule.ProcessEvaluations}/resume", null)).Status.Should().Be(204);
        (await admin.GetReplyAsync("health")).Json.GetProperty("paused").GetArrayLength().Should().Be(0);
    }

    private Task<ApiReply> CreateAsync(params (string, string)[] headers) => Operator.PostJsonAsync(
        "schedules", $$"""{"suiteId":{{_suite.Id}},"agent":"agent","cron":" 0  2 * * 1-5","timeZone":"Europe/Berlin","priority":4}""", headers);
}
