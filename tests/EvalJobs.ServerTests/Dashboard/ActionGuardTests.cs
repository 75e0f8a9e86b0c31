using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Who may neither act nor see on the product's own pages.</summary>
public sealed class ActionGuardTests
{
    private const string Pause = "/hangfire/evaluations/tenants/acme/pause";
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;
    private RunningServer _local = null!;
    private Tenant _other = null!;
    private EvaluationRun _othersRun = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync(
        [
            .. SomeUser.Settings("operator", ViewerRole.Operator),
            .. SomeUser.Settings("reader", ViewerRole.Viewer),
            .. SomeUser.Settings("acme-operator", ViewerRole.Operator, "acme"),
        ]);
        await _server.Some.TenantWithRunsAsync(1, slug: "acme");
        _other = await _server.Some.TenantWithRunsAsync(1, slug: "other");
        _othersRun = (await _server.RunsAsync(_other)).Single();

        _local = await RunningServer.StartAsync();
        await _local.Some.TenantAsync("acme");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _server.DisposeAsync();
        await _local.DisposeAsync();
    }

    [TestCase("Origin", "https://evil.example")]
    [TestCase("Origin", "null")]
    [TestCase("Sec-Fetch-Site", "cross-site")]
    [TestCase("Sec-Fetch-Site", "same-site")]
    public async Task Post_FromAnotherSiteWithAValidToken_IsRejected(string header, string value)
    {
        using var visitor = new Visitor(_local.Url);
        var token = await TokenAsync(visitor);

        using var request = new HttpRequestMessage(HttpMethod.Post, Pause)
        {
            Content = new FormUrlEncodedContent([new(TokenField, token), new("confirmed", "yes")]),
        };
        request.Headers.Add(header, value);
        var answer = await visitor.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await _local.Some.Tenants.FindAsync("acme", CancellationToken.None)).IsPaused.Should().BeFalse();
    }

    [Test]
    public async Task Post_WithoutToken_IsRejected()
    {
        using var visitor = new Visitor(_local.Url);

        (await visitor.PostAsync(Pause, ("confirmed", "yes"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await _local.Some.Tenants.FindAsync("acme", CancellationToken.None)).IsPaused.Should().BeFalse();
    }

    [Test]
    public async Task Post_WithAStaleToken_IsRejectedWithInstructions()
    {
        using var visitor = new Visitor(_local.Url);
        var token = await TokenAsync(visitor);
        foreach (Cookie cookie in visitor.Cookies.GetAllCookies())
            cookie.Expired = true;

        var answer = await visitor.PostAsync(Pause, (TokenField, token), ("confirmed", "yes"));

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("The form is out of date");
        (await _local.Some.Tenants.FindAsync("acme", CancellationToken.None)).IsPaused.Should().BeFalse();
    }

    [TestCase(27 * 1024 * 1024, TestName = "Post_LargerThanWeTake_IsToldSo")]
    [TestCase(32 * 1024 * 1024, TestName = "Post_LargerThanTheWebServerTakes_IsToldSo")]
    public async Task Post_TooLarge_IsRejectedWithTheReason(int bytes)
    {
        using var visitor = new Visitor(_local.Url);
        var token = await TokenAsync(visitor);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hangfire/evaluations/suites/upload?tenant=acme")
        {
            Content = new MultipartFormDataContent
            {
                { new StringContent(token), TokenField },
                { new ByteArrayContent(new byte[bytes]), "file", "cases.jsonl" },
            },
        };

        var answer = await visitor.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("larger than 26 MiB");
    }

    [Test]
    public async Task Post_OfUnknownLengthAndTooLarge_IsRejectedWithTheReason()
    {
        using var visitor = new Visitor(_local.Url);
        var token = await TokenAsync(visitor);
        using var request = new HttpRequestMessage(HttpMethod.Post, Pause)
        {
            Content = new FormUrlEncodedContent([new(TokenField, token), new("x", new string('x', 5 * 1024 * 1024))]),
        };
        request.Headers.TransferEncodingChunked = true;

        var answer = await visitor.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("The form has too many fields");
    }

    [Test]
    public async Task Post_AfterTheSessionEnded_IsSentToSignInAndThenAccepted()
    {
        var tenant = await _server.Some.TenantAsync("sessions");
        await _server.Some.Tenants.SetPausedAsync(tenant.Id, true, "test", CancellationToken.None);
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("operator", SomeUser.Password);
        var token = await TokenAsync(visitor);
        visitor.Cookies.GetCookies(_server.Url)[AccessSetup.SessionCookie]!.Expired = true;
        const string resume = "/hangfire/evaluations/tenants/sessions/resume";

        var ended = await visitor.PostAsync(resume, (TokenField, token), ("confirmed", "yes"));
        await visitor.SignInAsync("operator", SomeUser.Password);
        var again = await visitor.PostAsync(resume, (TokenField, token), ("confirmed", "yes"));

        ended.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await ended.Content.ReadAsStringAsync()).Should().Contain("Sign in in another tab, then go back");
        again.StatusCode.Should().Be(HttpStatusCode.Redirect, "the form is still valid when it is sent again");
        (await _server.Some.Tenants.FindAsync("sessions", CancellationToken.None)).IsPaused.Should().BeFalse();
    }

    [Test]
    public async Task Get_OfAnAction_ChangesNothing()
    {
        using var visitor = new Visitor(_local.Url);

        (await TextAsync(visitor, $"{Pause}?confirmed=yes")).Should().Contain("Pause acme?", "this page asks for confirmation before the action");
        (await visitor.GetAsync("/hangfire/evaluations/process")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await _local.Some.Tenants.FindAsync("acme", CancellationToken.None)).IsPaused.Should().BeFalse();
    }

    [TestCase("https://evil.example/")]
    [TestCase("//evil.example/")]
    [TestCase("/evaluationsevil")]
    [TestCase("/evaluations/actions/process")]
    public async Task Post_WithAReturnUrlToAnotherSite_ReturnsToItsPage(string returnTo)
    {
        using var visitor = new Visitor(_local.Url);
        var token = await TokenAsync(visitor);

        var answer = await visitor.PostAsync(
            "/hangfire/evaluations/tenants/acme/resume", (TokenField, token), ("returnTo", returnTo));

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().Should().Be("/hangfire/evaluations/tenants/acme");
    }

    [Test]
    public async Task Viewer_OnOwnPages_SeesEverythingExceptActionButtonsAndCannotAct()
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("reader", SomeUser.Password);

        // The part above it has the search and the choice of the time zone, which every user may change.
        var whole = await TextAsync(visitor, "/hangfire/evaluations/tenants/acme");
        var page = whole[whole.IndexOf("<main", StringComparison.Ordinal)..];
        var account = await TextAsync(visitor, "/account");
        var answer = await visitor.PostAsync(Pause, (TokenField, Visitor.FormToken(account)), ("confirmed", "yes"));

        page.Should().Contain("Latest runs").And.NotContain("tenants/acme/pause");
        page.Split("<button type=\"submit\"").Skip(1).Should().ContainSingle().Which.Should().Contain(">Compare selected runs<", "a comparison changes nothing");
        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await _server.Some.Tenants.FindAsync("acme", CancellationToken.None)).IsPaused.Should().BeFalse();
    }

    [Test]
    public async Task PersonOfSomeTenants_OnEveryPage_SeesNothingOfOthers()
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("acme-operator", SomeUser.Password);

        foreach (var path in new[] { "", "/runs", "/audit", "/tenants/acme" })
        {
            var page = await TextAsync(visitor, $"/hangfire/evaluations{path}");
            page.Should().Contain("acme").And.NotContain("tenants/other").And.NotContain("Process all now");
        }

        foreach (var path in new[] { "/tenants/other", $"/runs/{_othersRun.Id}", $"/runs/{_othersRun.Id}/progress", "/runs?tenant=other", "/audit?tenant=other" })
            (await visitor.GetAsync($"/hangfire/evaluations{path}")).StatusCode.Should().Be(HttpStatusCode.NotFound, path);
    }

    [Test]
    public async Task PersonOfSomeTenants_ActingOnOtherOrAllTenants_ChangesNothing()
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("acme-operator", SomeUser.Password);
        var token = Visitor.FormToken(await TextAsync(visitor, "/hangfire/evaluations/tenants/acme"));

        foreach (var action in new[] { "tenants/other/pause", $"runs/{_othersRun.Id}/cancel" })
        {
            // It answers 404 as for what does not exist. A 403 would mean that the token, not the tenant, was rejected.
            var answer = await visitor.PostAsync($"/hangfire/evaluations/{action}", (TokenField, token), ("confirmed", "yes"));
            answer.StatusCode.Should().Be(HttpStatusCode.NotFound, action);
        }

        foreach (var action in new[] { "process", "cleanup", "health-check" })
        {
            var answer = await visitor.PostAsync($"/hangfire/evaluations/{action}", (TokenField, token));
            answer.StatusCode.Should().Be(HttpStatusCode.Forbidden, action);
            (await answer.Content.ReadAsStringAsync()).Should().Contain("This affects every tenant", "the person is rejected, not the token");
        }

        (await _server.Some.Tenants.FindAsync("other", CancellationToken.None)).IsPaused.Should().BeFalse();
        (await _server.RunsAsync(_other)).Single().Status.Should().Be(RunStatus.Pending);
        (await _server.Some.Changes.ListAsync(null, null, null, long.MaxValue, 100, CancellationToken.None))
            .Should().NotContain(record => record.Actor.StartsWith("web:", StringComparison.Ordinal));
    }

    [Test]
    public async Task PersonOfSomeTenants_OnARun_SeesNeitherRecordsOfTheServerNorLinksToHangfire()
    {
        var tenant = await _server.Some.Tenants.FindAsync("acme", CancellationToken.None);
        var run = (await _server.RunsAsync(tenant)).Single();
        await _server.Database.ExecuteAsync(
            "INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (NULL, 'RUNS_ARCHIVED', 'EvaluationRun', @Id, 'cli:secret', '{}')",
            new { run.Id });
        await _server.Database.ExecuteAsync(
            """
            INSERT INTO TenantBatch (TenantId, HangfireJobId, Status, QueuedAt, LeaseOwner, LeaseUntil)
            SELECT @TenantId, '77', 'COMPLETED', CreatedAt, 'x', CreatedAt FROM EvaluationRun WHERE Id = @Id;
            UPDATE EvaluationRun SET TenantBatchId = (SELECT MAX(Id) FROM TenantBatch) WHERE Id = @Id;
            """,
            new { run.TenantId, run.Id });
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("acme-operator", SomeUser.Password);

        var page = await TextAsync(visitor, $"/hangfire/evaluations/runs/{run.Id}");

        page.Should().Contain("batch=").And.NotContain("RUNS_ARCHIVED").And.NotContain("cli:secret");
        foreach (var path in new[] { $"/runs/{run.Id}", "/tenants/acme" })
            (await TextAsync(visitor, $"/hangfire/evaluations{path}")).Should().NotContain("jobs/details");
    }

    private static async Task<string> TokenAsync(Visitor visitor) => Visitor.FormToken(await TextAsync(visitor, "/hangfire/evaluations"));

    private static async Task<string> TextAsync(Visitor visitor, string path)
    {
        var answer = await visitor.GetAsync(path);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return await answer.Content.ReadAsStringAsync();
    }
}
