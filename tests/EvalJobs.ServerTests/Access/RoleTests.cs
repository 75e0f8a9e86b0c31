using System.Net;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Access;

/// <summary>What viewers, operators and users of some tenants may do on Hangfire's own pages.</summary>
public sealed class RoleTests
{
    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start() => _server = await RunningServer.StartAsync(
    [
        .. SomeUser.Settings("reader", ViewerRole.Viewer),
        .. SomeUser.Settings("operator", ViewerRole.Operator),
        .. SomeUser.Settings("acme", ViewerRole.Operator, "acme", "globex"),
    ]);

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [SetUp]
    public void Arrive() => _visitor = new Visitor(_server.Url);

    [TearDown]
    public void Leave() => _visitor.Dispose();

    [Test]
    public async Task Viewer_OnHangfiresPages_SeesNoButtonAndCannotAct()
    {
        await _visitor.SignInAsync("reader", SomeUser.Password);

        var page = await (await _visitor.GetAsync("/hangfire/recurring")).Content.ReadAsStringAsync();
        var trigger = await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", JobSchedule.ProcessEvaluations);
        var delete = await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/jobs/actions/delete/1", "");
        var unknown = await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/evaluations/anything", "");
        var badges = await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/stats", "");

        page.Should().Contain(JobSchedule.ProcessEvaluations).And.NotContain("recurring/trigger").And.NotContain("recurring/remove");
        new[] { trigger, delete, unknown }.Should().OnlyContain(answer => answer.StatusCode == HttpStatusCode.Forbidden);
        badges.StatusCode.Should().Be(HttpStatusCode.OK, "polling the badges changes nothing");
        (await _server.Some.Dispatches.ListAsync(1, CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task Operator_OnHangfiresPages_CanTriggerFromThePageButNotFromAnotherSite()
    {
        await _visitor.SignInAsync("operator", SomeUser.Password);

        var foreign = await _visitor.PostAsync("/hangfire/recurring/trigger", ("jobs[]", JobSchedule.EvaluationHealthCheck));
        var own = await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", JobSchedule.EvaluationHealthCheck);

        foreign.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        own.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await (await _visitor.GetAsync("/hangfire/recurring")).Content.ReadAsStringAsync()).Should().Contain("recurring/trigger");
    }

    [Test]
    public async Task Operator_PressesAButtonOfHangfire_IsInTheAuditTrail()
    {
        await _visitor.SignInAsync("operator", SomeUser.Password);
        var before = (await TrailAsync()).Count;

        await _visitor.PostAsync("/hangfire/recurring/trigger", ("jobs[]", "from elsewhere"));
        await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/stats", "");
        await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", JobSchedule.CleanupOldEvaluations);
        await _visitor.CommandAsync("/hangfire/recurring", "/hangfire/jobs/succeeded/requeue", new string('x', 1000));

        var trail = (await TrailAsync()).SkipLast(before).ToList();
        trail.Should().HaveCount(2, "rejected requests and the poll of the badges are not commands").And.OnlyContain(record => record.Actor == "web:operator");
        trail[1].Payload.Should().Be($$"""{"command":"/recurring/trigger","jobs":["{{JobSchedule.CleanupOldEvaluations}}"],"jobCount":1}""");
        trail[0].Payload.Should().Contain("/jobs/succeeded/requeue").And.HaveLength(trail[0].Payload.Replace("x", "").Length + 100);

        async Task<IReadOnlyList<ChangeRecord>> TrailAsync() =>
            [.. (await _server.Some.Changes.ListAsync(null, null, null, long.MaxValue, 1000, default)).Where(record => record.Type == ChangeType.HangfireCommand)];
    }

    [TestCase("/hangfire")]
    [TestCase("/hangfire/")]
    [TestCase("/HANGFIRE/Recurring/")]
    [TestCase("/hangfire/jobs/succeeded")]
    [TestCase("/hangfire/jobs/details/1")]
    [TestCase("/hangfire/servers")]
    [TestCase("/hangfire/evaluations/../servers")]
    [TestCase("/hangfire/%65valuations/..%2fservers")]
    public async Task PersonOfSomeTenants_OnHangfiresPages_IsRejected(string path)
    {
        await _visitor.SignInAsync("acme", SomeUser.Password);

        (await _visitor.GetAsync(path)).StatusCode.Should().BeOneOf([HttpStatusCode.Forbidden, HttpStatusCode.NotFound], "it would show other tenants' jobs");
    }

    [Test]
    public async Task PersonOfSomeTenants_PollingOrActing_GetsNothingOfOthers()
    {
        var signedIn = await _visitor.SignInAsync("acme", SomeUser.Password, "/");
        var account = await (await _visitor.GetAsync("/account")).Content.ReadAsStringAsync();

        signedIn.Headers.Location!.ToString().Should().Be("/");
        (await _visitor.GetAsync("/")).Headers.Location!.ToString().Should().Be("/hangfire/evaluations");
        account.Should().Contain("acme, globex");
        (await PollAsync(account, "evaljobs:pending")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await PollAsync(account, "evaljobs:pending", "failed:count")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await _visitor.PostAsync("/hangfire/recurring/trigger", ("jobs[]", "x"), ("__RequestVerificationToken", Visitor.FormToken(account))))
            .StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [TestCase("/hangfire", "/")]
    [TestCase("/hangfire/recurring?x=1", "/")]
    [TestCase("/hangfire/evaluations/runs?tenant=acme", "/hangfire/evaluations/runs?tenant=acme")]
    public async Task PersonOfSomeTenants_SigningIn_LandsOnAPageTheyMaySee(string returnUrl, string location)
    {
        var answer = await _visitor.SignInAsync("acme", SomeUser.Password, returnUrl);

        answer.Headers.Location!.ToString().Should().Be(location);
    }

    [Test]
    public async Task Stats_AskedWithGet_IsNotAllowed()
    {
        await _visitor.SignInAsync("operator", SomeUser.Password);

        (await _visitor.GetAsync("/hangfire/stats")).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    [TestCase("/js18250", true)]
    [TestCase("/css-dark0", true)]
    [TestCase("/fonts/glyphicons-halflings-regular/woff2", true)]
    [TestCase("/", false)]
    [TestCase("/js1/../servers", false)]
    [TestCase("/jobs/details/css1", false)]
    public void IsAsset_OfAPath_IsTrueForAssetsOnly(string path, bool expected) => HangfirePages.IsAsset(path).Should().Be(expected);

    private Task<HttpResponseMessage> PollAsync(string account, params string[] metrics) => _visitor.PostAsync(
        "/hangfire/stats", [.. metrics.Select(metric => ("metrics[]", metric)), ("__RequestVerificationToken", Visitor.FormToken(account))]);
}
