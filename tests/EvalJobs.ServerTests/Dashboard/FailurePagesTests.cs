using System.Net;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>A permanently failed run on the pages: where it is shown, and how it is handled.</summary>
public sealed class FailurePagesTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private SomeDashboard _some = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _some = await SomeDashboard.AddAsync(_server);
        _visitor = new Visitor(_server.Url);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Acknowledge_OfAFailedRun_TakesItFromWhatNeedsAction()
    {
        var run = $"{Pages}/runs/{_some.Failed.Id}";
        var needing = $"{Pages}/runs?tenant=acme&status=needs_action";
        (await TextAsync($"{Pages}/tenants/acme")).Should().Contain("failed permanently: retry or acknowledge it").And.Contain($"href=\"{run}\"");
        (await TextAsync(needing)).Should().Contain($"href=\"{run}\"");
        var page = await TextAsync(run);
        page.Should().Contain("Needs action");

        var answer = await _visitor.PostAsync($"{run}/acknowledge", ("__RequestVerificationToken", Visitor.FormToken(page)), ("note", "known"));

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await TextAsync(run)).Should().Contain("Acknowledged by <bdi>web:local</bdi>").And.Contain("<q dir=\"auto\">known</q>").And.NotContain("Needs action");
        (await TextAsync(needing)).Should().NotContain($"href=\"{run}\"");
        (await TextAsync($"{Pages}/tenants/acme")).Should().NotContain("failed permanently: retry");
        (await _server.Some.Changes.ListAsync(new EvalJobs.Data.AuditFilter { TenantIds = [_some.Acme.Id] }, 1, default)).Single().Type.Should().Be(ChangeType.RunAcknowledged);
    }

    [Test]
    public async Task Acknowledge_OfACompletedRun_IsRejectedWithAHint()
    {
        var run = $"{Pages}/runs/{_some.Completed.Id}";
        var token = Visitor.FormToken(await TextAsync($"{Pages}/tenants/acme"));

        await _visitor.PostAsync($"{run}/acknowledge", ("__RequestVerificationToken", token));

        (await TextAsync(run)).Should().Contain("only a FAILED run is acknowledged");
    }

    [Test]
    public async Task Alert_OfAFailedRun_LinksToIt()
    {
        var page = await TextAsync($"{Pages}/tenants/acme");

        page[page.IndexOf("id=\"ej-alerts\"", StringComparison.Ordinal)..].Should().Contain($"href=\"{Pages}/runs/{_some.Failed.Id}\"").And.Contain("failed permanently in attempt");
    }

    [TestCase(0, "label-default")]
    [TestCase(2, "label-default")]
    [TestCase(3, "label-success")]
    public async Task Batch_ThatEnded_IsGreenOnlyWhenAllItsRunsCompleted(int completed, string style)
    {
        await _server.Database.ExecuteAsync(
            "UPDATE TenantBatch SET Status = 'COMPLETED', ClaimedCount = 3, CompletedCount = @Completed WHERE Id = @Id", new { Completed = completed, Id = _some.Completed.TenantBatchId });

        (await TextAsync($"{Pages}/tenants/acme")).Should().Contain($"<span class=\"label {style} ej-status\">COMPLETED</span>");
        (await TextAsync($"{Pages}/runs?batch={_some.Completed.TenantBatchId}")).Should().Contain($"<span class=\"label {style} ej-status\">COMPLETED</span>");
    }

    private async Task<string> TextAsync(string path) => await (await _visitor.GetAsync(path)).Content.ReadAsStringAsync();
}
