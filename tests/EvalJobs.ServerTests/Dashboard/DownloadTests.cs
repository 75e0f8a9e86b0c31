using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Exports as downloads: a user who may see the data gets the file, others get nothing.</summary>
internal sealed class DownloadTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _alice = null!;
    private EvaluationRun _own = null!;
    private EvaluationRun _other = null!;
    private EvaluationRun _foreign = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("alice", ViewerRole.Viewer, "acme")]);
        _own = await RunAsync("acme");
        _other = await _server.Some.PendingRunAsync(await _server.Some.Tenants.FindAsync("acme", default));
        _foreign = await RunAsync("globex");
        _alice = new Visitor(_server.Url);
        await _alice.SignInAsync("alice", SomeUser.Password);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _alice.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase("/runs/export/csv", "text/csv", "runs.csv", "id,tenant,agent")]
    [TestCase("/runs/export/jsonl?status=PENDING", "application/jsonl", "runs.jsonl", "\"tenant\":\"acme\"")]
    [TestCase("/runs/export/junit", "application/xml", "runs.xml", "<testsuite name=\"runs\">")]
    [TestCase("/audit/export/jsonl", "application/jsonl", "audit.jsonl", "RUN_CREATED")]
    [TestCase("/suites/{suite}/export/json", "application/json", "suite-{suite}.json", "\"cases\": [")]
    [TestCase("/runs/{run}/export/csv", "text/csv", "run-{run}.csv", "ordinal,caseKey")]
    [TestCase("/compare/export/csv?runs={run},{other}", "text/csv", "comparison-{run}-{other}.csv", "runId,baselineRunId,ordinal,caseKey,name,change")]
    public async Task Download_OfWhatOneMaySee_IsTheFileAndNothingOfOthers(string path, string type, string name, string text)
    {
        var answer = await _alice.GetAsync(Pages + Fill(path, _own));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be(type);
        answer.Content.Headers.ContentDisposition!.FileName.Should().Be(Fill(name, _own));
        answer.Headers.Should().ContainKey("X-Content-Type-Options");
        (await answer.Content.ReadAsStringAsync()).Should().Contain(text).And.NotContain("globex");
    }

    [TestCase("/runs/{run}/export/csv")]
    [TestCase("/suites/{suite}/export/json")]
    [TestCase("/runs/export/csv?tenant=globex")]
    [TestCase("/audit/export/csv?tenant=globex")]
    public async Task Download_OfAnotherTenant_IsNotFound(string path) =>
        (await _alice.GetAsync(Pages + Fill(path, _foreign))).StatusCode.Should().Be(HttpStatusCode.NotFound);

    [Test]
    public async Task Download_ComparedWithAnotherTenantsRun_IsNotFound() =>
        (await _alice.GetAsync($"{Pages}/compare/export/csv?runs={_own.Id},{_foreign.Id}")).StatusCode.Should().Be(HttpStatusCode.NotFound);

    [TestCase("/runs/export/pdf")]
    [TestCase("/audit/export/junit")]
    [TestCase("/suites/{suite}/export/csv")]
    [TestCase("/compare/export/pdf?runs={run},{other}")]
    [TestCase("/compare/export/csv?runs={run}")]
    [TestCase("/audit/export/csv?id=1")]
    public async Task Download_InAnUnknownFormat_IsRejectedWithAPage(string path) =>
        (await _alice.GetAsync(Pages + Fill(path, _own))).StatusCode.Should().Be(HttpStatusCode.BadRequest);

    [Test]
    public async Task Pages_OfLists_LinkToTheirDownloadsWithTheirFilters() =>
        (await (await _alice.GetAsync($"{Pages}/runs?status=PENDING")).Content.ReadAsStringAsync()).Should().Contain($"{Pages}/runs/export/csv?status=PENDING");

    private async Task<EvaluationRun> RunAsync(string slug)
    {
        var tenant = await _server.Some.TenantAsync(slug);
        await _server.Some.SuiteAsync(tenant);
        return await _server.Some.PendingRunAsync(tenant);
    }

    private string Fill(string text, EvaluationRun run) =>
        text.Replace("{run}", $"{run.Id}", StringComparison.Ordinal).Replace("{other}", $"{_other.Id}", StringComparison.Ordinal).Replace("{suite}", $"{run.SuiteId}", StringComparison.Ordinal);
}
