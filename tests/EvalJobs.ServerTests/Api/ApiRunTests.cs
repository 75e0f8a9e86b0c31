using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>The actions on ended runs are the same as on the command line and the dashboard.</summary>
public sealed class ApiRunTests : ApiFixture
{
    [Test]
    public async Task Acknowledge_FailedRun_IsDoneOnceAndRecorded()
    {
        var run = await CompletedAsync(CaseVerdict.Passed);
        (await Operator.PostJsonAsync($"runs/{run.Id}/acknowledge", "{}")).Json.GetProperty("detail").GetString().Should().Contain("only a FAILED run is acknowledged");
        await Server.Database.ExecuteAsync("UPDATE EvaluationRun SET Status = 'FAILED' WHERE Id = @Id", new { run.Id });
        var seen = (await Operator.GetReplyAsync($"runs/{run.Id}")).Tag!;

        var done = await Operator.PostJsonAsync($"runs/{run.Id}/acknowledge", """{"note":"the endpoint was moved"}""", ("Idempotency-Key", "k"), ("If-Match", seen));
        var repeated = await Operator.PostJsonAsync($"runs/{run.Id}/acknowledge", """{"note":"the endpoint was moved"}""", ("Idempotency-Key", "k"), ("If-Match", seen));
        var late = await Operator.PostJsonAsync($"runs/{run.Id}/acknowledge", "{}", ("If-Match", seen));
        var second = await Operator.PostJsonAsync($"runs/{run.Id}/acknowledge", "{}");

        (done.Status, repeated.Status, repeated.IsRepeated, late.Status, second.Status).Should().Be((204, 204, true, 412, 409));
        var read = (await Operator.GetReplyAsync($"runs/{run.Id}")).Json;
        (read.GetProperty("acknowledgedBy").GetString(), read.GetProperty("acknowledgedAt").ValueKind).Should().Be((Actor(), System.Text.Json.JsonValueKind.String));
        var record = (await Operator.GetReplyAsync($"audit?entity=EvaluationRun&entityId={run.Id}")).Json.GetProperty("items")[0];
        (record.GetProperty("type").GetString(), record.GetProperty("actor").GetString()).Should().Be(("RUN_ACKNOWLEDGED", Actor()));
        record.GetProperty("payload").GetProperty("note").GetString().Should().Be("the endpoint was moved");
    }

    [Test]
    public async Task Retry_Errored_AsksOnlyTheCasesWithoutAVerdict()
    {
        var run = await CompletedAsync(CaseVerdict.Errored);
        (await Operator.PostJsonAsync($"runs/{run.Id}/retry", null)).Status.Should().Be(409, "a COMPLETED run is not retried as a whole");

        var again = await Operator.PostJsonAsync($"runs/{run.Id}/retry?errored=true", null, ("Idempotency-Key", "k"));
        var repeated = await Operator.PostJsonAsync($"runs/{run.Id}/retry?errored=true", null, ("Idempotency-Key", "k"));

        (again.Status, repeated.IsRepeated, repeated.Text).Should().Be((201, true, again.Text));
        var id = again.Json.GetProperty("id").GetInt64();
        (await Server.Some.UnansweredAsync(id)).Should().ContainSingle("two of three cases keep their verdicts");
        (await Server.RunsAsync(Acme)).Should().HaveCount(2);
    }

    [Test]
    public async Task Cancel_RunThatEnded_SaysHowAndWhen()
    {
        var run = await CompletedAsync(CaseVerdict.Passed);

        var late = await Operator.PostJsonAsync($"runs/{run.Id}/cancel", null);

        late.Status.Should().Be(409);
        late.Json.GetProperty("detail").GetString().Should().MatchRegex($@"^Run {run.Id} has ended: COMPLETED at \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$");
        (await Operator.SendAsync(HttpMethod.Put, $"runs/{run.Id}/priority", """{"priority":5}""")).Json.GetProperty("detail").GetString().Should().Contain("does not wait any more (COMPLETED at ");
    }

    /// <summary>A completed run of three cases, the first with this verdict.</summary>
    private async Task<EvaluationRun> CompletedAsync(CaseVerdict first)
    {
        await Server.Some.SuiteAsync(Acme);
        await Server.Some.PendingRunAsync(Acme);
        var claimed = (await Server.Some.ClaimAsync(await Server.Some.LiveBatchAsync(Acme), 1)).Single();
        await Server.Some.Claims.SaveResultsAsync(claimed, [.. (await Server.Some.UnansweredAsync(claimed.Id)).Select((each, at) => Some.Result(each.Id, at == 0 ? first : CaseVerdict.Passed))], default);
        await Server.Some.Claims.CompleteAsync(claimed, default);
        return claimed;
    }

    private string Actor() => Server.Database.ScalarAsync<string>("SELECT 'key:' || Name FROM ApiKey").GetAwaiter().GetResult();
}
