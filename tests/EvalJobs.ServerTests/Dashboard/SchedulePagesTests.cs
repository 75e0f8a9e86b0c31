using System.Net;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Schedules of runs and the page of recurring jobs, as a browser without script sends them.</summary>
internal sealed class SchedulePagesTests
{
    private const string TokenField = "__RequestVerificationToken";
    private const string Jobs = "/hangfire/evaluations/jobs";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private Tenant _tenant = null!;
    private EvaluationSuite _suite = null!;

    private RunScheduleRepository Schedules => _server.Services.GetRequiredService<RunScheduleRepository>();

    private string SuitePath => $"/hangfire/evaluations/suites/{_suite.Id}";

    [OneTimeSetUp]
    public async Task Start() => _server = await RunningServer.StartAsync(
        [.. SomeUser.Settings("operator", ViewerRole.Operator), .. SomeUser.Settings("reader", ViewerRole.Viewer), .. SomeUser.Settings("outsider", ViewerRole.Operator, "nobody")]);

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [SetUp]
    public async Task Visit()
    {
        _visitor = await SignInAsync("operator");
        _tenant = await _server.Some.TenantAsync();
        _suite = await _server.Some.SuiteAsync(_tenant);
        await _server.Some.VersionAsync(_tenant);
    }

    [TearDown]
    public void Leave() => _visitor.Dispose();

    [TestCase("day", "02:30", "30 2 * * *", "every day at 02:30")]
    [TestCase("weekdays", "7:05", "5 7 * * 1-5", "every weekday (Monday to Friday) at 07:05")]
    [TestCase("week", "23:59", "59 23 * * 3", "every Wednesday at 23:59")]
    [TestCase("cron", "", "0 4 1 * *", "on day 1 of every month at 04:00")]
    public async Task New_EachKindOfTime_IsStoredAndShownInWords(string repeat, string time, string cron, string words)
    {
        var saved = await PostAsync($"{SuitePath}/schedule", ("agent", "agent"), ("repeat", repeat), ("time", time), ("weekday", "3"), ("cron", "0 4 1 * *"), ("timeZone", "Europe/Berlin"), ("priority", "7"));

        (saved.StatusCode, saved.Headers.Location!.ToString()).Should().Be((HttpStatusCode.Redirect, SuitePath));
        var schedule = (await Schedules.ListAsync(_tenant.Id, null, default)).Single();
        (schedule.Cron, schedule.TimeZone, schedule.Priority, schedule.CreatedBy).Should().Be((cron, "Europe/Berlin", 7, "web:operator"));
        (await TextAsync(SuitePath)).Should().Contain($"{words}, Europe/Berlin");
        (await TextAsync($"/hangfire/evaluations/tenants/{_tenant.Slug}")).Should().Contain($"{words}, Europe/Berlin");
        (await TextAsync($"/hangfire/evaluations/schedules/{schedule.Id}/edit")).Should().MatchRegex($"<input id=\"ej-repeat-{repeat}\" [^>]*checked").And.Contain("value=\"Europe/Berlin\"");
    }

    [TestCase("time", "repeat=day&time=soon", "'soon' is not a time of day")]
    [TestCase("cron", "repeat=cron&cron=* * * * *", "'* * * * *' is due at")]
    [TestCase("timeZone", "repeat=day&time=02:00&timeZone=Mars", "'Mars' is not a time zone")]
    [TestCase("agent", "repeat=day&time=02:00&agent=", "Choose the agent")]
    [TestCase("priority", "repeat=day&time=02:00&priority=many", "A priority is a whole number")]
    [TestCase("priority", "repeat=day&time=02:00&priority=5000", "A priority is a whole number")]
    public async Task New_InvalidValue_KeepsTheFormAndShowsTheErrorNextToTheField(string field, string typed, string reason)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["agent"] = "agent", ["timeZone"] = "UTC", ["priority"] = "0", ["weekday"] = "1" };
        foreach (var pair in typed.Split('&'))
            fields[pair.Split('=')[0]] = pair.Split('=')[1];

        var answer = await PostAsync($"{SuitePath}/schedule", [.. fields.Select(pair => (pair.Key, pair.Value))]);

        answer.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()).Should().MatchRegex($"(?s)id=\"ej-{field}-error\"[^>]*>[^<]*{System.Text.RegularExpressions.Regex.Escape(reason)}");
        (await Schedules.ListAsync(_tenant.Id, null, default)).Should().BeEmpty();
    }

    [Test]
    public async Task New_SeveralFieldsWrong_ShowsAllErrorsAtOnce()
    {
        var answer = await PostAsync($"{SuitePath}/schedule", ("agent", ""), ("repeat", "day"), ("time", "soon"), ("timeZone", "Berlin"), ("priority", "5000"));

        var text = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        text.Should().Contain("4 fields need a correction").And.Contain("Choose the agent").And.Contain("'soon' is not a time of day").And.Contain("'Berlin' is not a time zone").And.Contain("A priority is");
    }

    [Test]
    public async Task Schedule_WhoseZoneIsUnknownHere_SaysSoOnEveryPage()
    {
        var schedule = await AddAsync();
        await _server.Database.ExecuteAsync($"UPDATE {_server.Database.Schema}RunSchedule SET TimeZone = 'Mars/Base' WHERE Id = @Id", new { schedule.Id });
        _server.Services.GetRequiredService<OverviewCache>().Invalidate();
        try
        {
            (await TextAsync("/hangfire/evaluations")).Should().Contain($"Schedule {schedule.Id} makes no runs").And.Contain("'Mars/Base' is not a time zone");
            (await TextAsync(SuitePath)).Should().Contain("Its times cannot be read on this server");
            (await TextAsync($"/hangfire/evaluations/schedules/{schedule.Id}/edit")).Should().Contain("This schedule creates no runs").And.Contain("value=\"Mars/Base\"");
        }
        finally
        {
            await Schedules.DeleteAsync(schedule.Id, null, "test", default);
        }
    }

    [Test]
    public async Task Edit_AnotherUserSavedFirst_KeepsWhatWasTypedAndStoresNothing()
    {
        var schedule = await AddAsync();
        await Schedules.ChangeAsync(schedule.Id, SomeSchedule.Draft with { Priority = 1 }, null, "web:other", default);

        var answer = await PostAsync(
            $"/hangfire/evaluations/schedules/{schedule.Id}/edit", ("basedOn", "1"), ("agent", "agent"), ("repeat", "day"), ("time", "03:33"), ("timeZone", "UTC"), ("priority", "0"));

        answer.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("Someone else has changed").And.Contain("03:33");
        (await Schedules.GetAsync(schedule.Id, default)).Cron.Should().Be(SomeSchedule.Draft.Cron);
    }

    [Test]
    public async Task Buttons_PauseRunResumeAndDelete_DoWhatTheirTextSays()
    {
        var schedule = await AddAsync();
        var path = $"/hangfire/evaluations/schedules/{schedule.Id}";

        (await PostAsync($"{path}/pause")).Headers.Location!.ToString().Should().Be(SuitePath);
        (await TextAsync(SuitePath)).Should().Contain("PAUSED").And.Contain($"Schedule {schedule.Id} is paused.");
        await PostAsync($"{path}/run");
        (await _server.RunsAsync(_tenant)).Should().ContainSingle();
        await PostAsync($"{path}/run", ("once", "another"));
        (await TextAsync(SuitePath)).Should().Contain("one at a time of each suite");
        await PostAsync($"{path}/resume");
        (await Schedules.GetAsync(schedule.Id, default)).IsPaused.Should().BeFalse();
        (await TextAsync($"{path}/delete")).Should().Contain($"Delete schedule {schedule.Id}?");
        await PostAsync($"{path}/delete");
        (await Schedules.FindAsync(schedule.Id, default)).Should().BeNull();
        (await _server.RunsAsync(_tenant)).Should().ContainSingle("its runs are kept");
    }

    [Test]
    public async Task Guards_ViewerAndUserOfAnotherTenant_NeitherSeeNorChange()
    {
        var schedule = await AddAsync();
        var forms = new[] { $"{SuitePath}/schedule", $"/hangfire/evaluations/schedules/{schedule.Id}/edit", $"/hangfire/evaluations/schedules/{schedule.Id}/delete" };
        using var reader = await SignInAsync("reader");
        using var outsider = await SignInAsync("outsider");

        foreach (var form in forms)
        {
            (await reader.GetAsync(form)).StatusCode.Should().Be(HttpStatusCode.Forbidden, form);
            (await outsider.GetAsync(form)).StatusCode.Should().Be(HttpStatusCode.NotFound, form);
        }

        (await outsider.GetAsync($"/hangfire/evaluations/schedules/{schedule.Id}")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await outsider.GetAsync(Jobs)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await (await outsider.GetAsync("/hangfire/evaluations")).Content.ReadAsStringAsync()).Should().NotContain("evaluations/jobs");
        (await reader.GetAsync(Jobs)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await (await reader.GetAsync(SuitePath)).Content.ReadAsStringAsync()).Should().Contain("every 15 minutes").And.NotContain($"schedules/{schedule.Id}/pause");
        (await Schedules.GetAsync(schedule.Id, default)).Revision.Should().Be(1);
    }

    [Test]
    public async Task Jobs_PausedWithAReasonAndResumed_AreShownOnTheOverview()
    {
        await PostAsync($"{Jobs}/pause", ("job", JobSchedule.ProcessEvaluations), ("reason", " "));
        (await TextAsync(Jobs)).Should().Contain("Reason: say in 1 to 1000 characters");

        await PostAsync($"{Jobs}/pause", ("job", JobSchedule.ProcessEvaluations), ("reason", "the agents move"));
        (await TextAsync(Jobs)).Should().Contain("is paused on every server").And.Contain("the agents move").And.Contain("web:operator").And.Contain("none while it is paused");
        (await TextAsync("/hangfire/evaluations")).Should().Contain("the agents move").And.Contain("No new batches are queued").And.Contain("none while ticks are paused");

        await PostAsync($"{Jobs}/resume", ("job", JobSchedule.ProcessEvaluations));
        (await TextAsync(Jobs)).Should().Contain("is resumed").And.NotContain("the agents move");
        (await TextAsync("/hangfire/evaluations")).Should().NotContain("the agents move");
    }

    [Test]
    public async Task Jobs_TheirPage_HasAnotherNameThanHangfires() =>
        (await TextAsync(Jobs)).Should().MatchRegex("<h1[^>]*>Server jobs</h1>").And.MatchRegex("<title>Server jobs").And.Contain("href=\"/hangfire/recurring\">Hangfire's page");

    [Test]
    public async Task Suite_WithoutSchedule_SaysWhenItIsRun()
    {
        var other = (await _server.Some.Suites.SaveAsync(_tenant.Id, new SuiteDraft { Name = "other" }, Some.Cases(1), "test", default)).Suite;
        var promotion = _server.Services.GetRequiredService<PromotionRepository>();

        (await SaysAsync(_suite)).Should().Be("when a version enters TESTING.");
        (await SaysAsync(other)).Should().Be("No policy requires it, and it is not the default suite.");

        await promotion.SetPolicyAsync(_tenant.Id, "clerk", """{"requirements":[{"suite":"other"}]}""", null, "test", default);
        (await SaysAsync(_suite)).Should().Be("when a version of an agent without a policy of its own enters TESTING.");
        (await SaysAsync(other)).Should().Be("when a version of clerk enters TESTING.");

        await promotion.SetPolicyAsync(_tenant.Id, "", """{"requirements":[{"suite":"other"}]}""", null, "test", default);
        (await SaysAsync(_suite)).Should().Be("No policy requires it; the tenant's policy replaces the default suite.");
        (await SaysAsync(other)).Should().Be("when a version of clerk, or of an agent without a policy of its own, enters TESTING.");

        async Task<string> SaysAsync(EvaluationSuite suite)
        {
            var text = WebUtility.HtmlDecode(await TextAsync($"/hangfire/evaluations/suites/{suite.Id}"));
            const string before = "None. The suite is run on request ";
            var sentence = text[(text.IndexOf(before, StringComparison.Ordinal) + before.Length)..].Split("</p>")[0];
            return sentence.Split("TESTING. ") is [_, var reason] ? reason : sentence["and ".Length..];
        }
    }

    private Task<RunSchedule> AddAsync() => Schedules.AddAsync(_tenant.Id, _suite.Id, SomeSchedule.Draft, "test", default);

    /// <summary>Posts a form with a token, as one of the product's pages would.</summary>
    private async Task<HttpResponseMessage> PostAsync(string path, params (string, string)[] fields)
    {
        var token = Visitor.FormToken(await (await _visitor.GetAsync($"{SuitePath}/schedule")).Content.ReadAsStringAsync());
        return await _visitor.PostAsync(path, [(TokenField, token), ("confirmed", "yes"), .. fields]);
    }

    private async Task<string> TextAsync(string path)
    {
        var answer = await _visitor.GetAsync(path);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private async Task<Visitor> SignInAsync(string name)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        return visitor;
    }
}
