using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Pages and buttons report the actual result, also if nothing changed.</summary>
public sealed class PageAnswerTests
{
    private const string Pages = "/hangfire/evaluations";
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();

        // This service would register a removed job again.
        await _server.Services.GetRequiredService<ScheduleWatch>().StopAsync(default);
        _visitor = new Visitor(_server.Url);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase("cleanup", JobSchedule.CleanupOldEvaluations)]
    [TestCase("health-check", JobSchedule.EvaluationHealthCheck)]
    public async Task MaintenanceButton_RecurringJobRemoved_RejectsAndRecordsNothing(string action, string recurringJob)
    {
        _server.Services.GetRequiredService<IRecurringJobManager>().RemoveIfExists(recurringJob);

        var page = await PostAsync(action);

        page.Should().Contain("is not registered in Hangfire; a running server registers it again");
        (await RecordsAsync()).Should().NotContain(record => record.Type == ChangeType.CleanupRequested || record.Type == ChangeType.HealthCheckRequested);
    }

    [Test]
    public async Task ProcessTenant_ServedAlready_RejectsAndRecordsNothing()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "served");
        await _server.Some.LiveBatchAsync(tenant);

        var page = await PostAsync("tenants/served/process");

        page.Should().Contain("alert-danger").And.Contain("nothing was queued");
        (await RecordsAsync()).Should().NotContain(record => record.TenantId == tenant.Id && record.Type == ChangeType.ProcessingRequested);
    }

    [Test]
    public async Task Audit_IdWithoutEntity_AsksForTheEntity()
    {
        await _server.Some.TenantAsync("audited");

        var page = await GetAsync("/audit?id=1");

        page.Should().Contain("Choose the kind of entity").And.NotContain("TENANT_CREATED");
    }

    [Test]
    public async Task RunPage_PendingRun_OffersItsCurrentPriorityWithinTheBounds()
    {
        var tenant = await _server.Some.TenantAsync("urgent");
        await _server.Some.SuiteAsync(tenant);
        var run = await _server.Some.PendingRunAsync(tenant, priority: 995);

        (await GetAsync($"/runs/{run.Id}")).Should().Contain("value=\"995\" min=\"-1000\" max=\"1000\"");
    }

    [Test]
    public async Task RunsAndTenantPages_WithVersions_OfferThem()
    {
        var tenant = await _server.Some.TenantAsync("offered");
        var version = await _server.Some.VersionAsync(tenant);

        (await GetAsync("/runs?tenant=offered")).Should().Contain($"<option value=\"{version.Id}\"");
        (await GetAsync("/tenants/offered")).Should().Contain($"versions/{version.Id}");
    }

    [Test]
    public async Task RunsPage_FilteredByAnOldVersion_NamesIt()
    {
        var tenant = await _server.Some.TenantAsync("many-versions");
        var version = await _server.Some.VersionAsync(tenant);
        for (var index = 0; index < 200; index++)
            await _server.Some.VersionAsync(tenant);
        var other = await _server.Some.VersionAsync(await _server.Some.TenantAsync("not-theirs"));

        (await GetAsync($"/runs?tenant=many-versions&version={version.Id}")).Should().MatchRegex($"<option value=\"{version.Id}\" selected[^>]*>{version.AgentName} {version.VersionLabel}</option>");
        (await GetAsync($"/runs?tenant=many-versions&version={other.Id}")).Should().Contain("is not a version of many-versions", "another tenant's version is not named");
    }

    [Test]
    public async Task AuditPage_ShowsNamesOfCodeAsWords()
    {
        var tenant = await _server.Some.TenantAsync("in-words");
        var suite = await _server.Some.SuiteAsync(tenant);

        (await GetAsync("/audit?tenant=in-words")).Should().Contain($">suite {suite.Id}</a>").And.Contain(">pass threshold</span>").And.MatchRegex("tags</span> <bdi>none</bdi>").And.NotContain(">passThreshold<");
    }

    [TestCase("0.088235294117647065", "0.0882353")]
    [TestCase("1234567.0882352941", "1234567.0882")]
    [TestCase("0.85", "0.85")]
    [TestCase("12345678901234567", "12345678901234567")]
    public async Task AuditPage_PayloadWithANumber_ShowsFewDigits(string stored, string shown)
    {
        var tenant = await _server.Some.TenantAsync($"digits-{shown.Length}");
        await _server.Database.ExecuteAsync(
            "INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (@Id, 'X', 'Tenant', @Id, 'test', @Payload)", new { tenant.Id, Payload = $$"""{"rate":{{stored}}}""" });

        (await GetAsync($"/audit?tenant=digits-{shown.Length}")).Should().Contain($"<bdi>{shown}</bdi>");
    }

    [Test]
    public async Task AuditPage_PayloadWithABoolean_SaysYesOrNo()
    {
        var tenant = await _server.Some.TenantAsync("yes-or-no");
        await _server.Database.ExecuteAsync(
            """INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (@Id, 'X', 'Tenant', @Id, 'test', '{"flag":true}')""", new { tenant.Id });

        (await GetAsync("/audit?tenant=yes-or-no")).Should().Contain("<bdi>yes</bdi>");
    }

    [Test]
    public async Task SuiteForm_ShownAgain_MarksTheSuitesTab()
    {
        await _server.Some.TenantAsync("typo");
        var token = Visitor.FormToken(await GetAsync(""));

        var answer = await _visitor.PostAsync($"{Pages}/suites/new?tenant=typo", (TokenField, token), ("name", ""));

        (await answer.Content.ReadAsStringAsync()).Should().Contain("href=\"/hangfire/evaluations/suites\" aria-current=\"page\"")
            .And.NotContain("href=\"/hangfire/evaluations\" aria-current=\"page\"");
    }

    [TestCase("jobs", "jobs/pause", "job=cleanup-old-evaluations&reason= ", "Reason: say in 1 to 1000 characters why the job is paused.")]
    [TestCase("jobs", "jobs/pause", "job=cleanup-old-evaluations&reason=\0", "Reason contains the character U+0000")]
    [TestCase("", "runs/{run}/void", "reason=", "Reason: declaring a run void needs a reason")]
    [TestCase("", "tenants/{tenant}/policy/edit", "basedOn=0&agent=\0&document={\"requirements\":[{\"suite\":\"suite\",\"rule\":\"rate\"}]}", "id=\"ej-agent-error\" class=\"help-block ej-error\">Agent contains the character U+0000")]
    [TestCase("", "suites/{suite}/schedule", "agent=\0&repeat=day&time=02:00&timeZone=UTC&priority=0", "id=\"ej-agent-error\" class=\"help-block ej-error\">Agent contains the character U+0000")]
    [TestCase("", "suites/new?tenant={tenant}", "name=n&description=\0&threshold=0.8&case.0.input=i&case.0.expected=e", "id=\"ej-description-error\" class=\"help-block ej-error\">Description contains the character U+0000")]
    [TestCase("", "suites/new?tenant={tenant}", "name=n&threshold=0.8&case.0.key=\0&case.0.input=i&case.0.expected=e", "Key contains the character U+0000")]
    public async Task Form_WithARejectedValue_NamesTheFieldByItsLabel(string page, string action, string fields, string expected)
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        var run = (await _server.RunsAsync(tenant)).Single();
        using var form = new MultipartFormDataContent { { new StringContent(Visitor.FormToken(await GetAsync($"/{page}"))), TokenField } };
        foreach (var field in fields.Split('&'))
            form.Add(new StringContent(field[(field.IndexOf('=', StringComparison.Ordinal) + 1)..]), field[..field.IndexOf('=', StringComparison.Ordinal)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Pages}/{action.Replace("{run}", $"{run.Id}", StringComparison.Ordinal).Replace("{suite}", $"{run.SuiteId}", StringComparison.Ordinal).Replace("{tenant}", tenant.Slug, StringComparison.Ordinal)}") { Content = form };

        var answer = await _visitor.SendAsync(request);

        var text = answer.Headers.Location is { } location ? await (await _visitor.GetAsync($"{location}")).Content.ReadAsStringAsync() : await answer.Content.ReadAsStringAsync();
        System.Net.WebUtility.HtmlDecode(text).Should().Contain(expected);
    }

    [Test]
    public async Task Form_WithACharacterThatCannotBeDecoded_IsRejectedWithTheReason()
    {
        var answer = await _visitor.PostAsync($"{Pages}/jobs/pause", (TokenField, Visitor.FormToken(await GetAsync("/jobs"))), ("job", JobSchedule.CleanupOldEvaluations), ("reason", "a\0b"));

        answer.StatusCode.Should().Be(System.Net.HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("has a NUL character").And.NotContain("more fields");
    }

    [Test]
    public async Task RunProgress_RequestedByMany_IsReadOnceInTwoSeconds()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "watched");
        var run = (await _server.RunsAsync(tenant)).Single();
        var clock = new StoppedClock();
        using var cache = ActivatorUtilities.CreateInstance<RunProgressCache>(_server.Services, clock);

        var first = await cache.GetAsync(run.Id);
        await _server.Some.Runs.CancelAsync(run.Id, "test", CancellationToken.None);

        (await cache.GetAsync(run.Id)).Should().BeSameAs(first);
        clock.Now += TimeSpan.FromSeconds(3);
        (await cache.GetAsync(run.Id)).Progress.Run.Status.Should().Be(RunStatus.Cancelled);
    }

    private async Task<string> GetAsync(string path) => await (await _visitor.GetAsync($"{Pages}{path}")).Content.ReadAsStringAsync();

    /// <returns>The page that follows the action.</returns>
    private async Task<string> PostAsync(string action)
    {
        var token = Visitor.FormToken(await GetAsync(""));
        var answer = await _visitor.PostAsync($"{Pages}/{action}", (TokenField, token));
        return await (await _visitor.GetAsync(answer.Headers.Location!.ToString())).Content.ReadAsStringAsync();
    }

    private Task<IReadOnlyList<ChangeRecord>> RecordsAsync() => _server.Some.Changes.ListAsync(new AuditFilter(), 1000, CancellationToken.None);

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Now.UtcTicks;
    }
}
