using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Hangfire.Dashboard;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Every answer of the server has the security headers, and Hangfire's pages work with them.</summary>
public sealed partial class SecurityHeadersTests
{
    private RunningServer _local = null!;
    private RunningServer _signIn = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        DashboardRoutes.Routes.Add("/test-of-failure", new FailingDispatcher());
        _local = await RunningServer.StartAsync();
        _signIn = await RunningServer.StartAsync(SomeUser.Settings("alice", ViewerRole.Operator));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _local.DisposeAsync();
        await _signIn.DisposeAsync();
    }

    [TestCase("/", HttpStatusCode.Redirect)]
    [TestCase("/health/live", HttpStatusCode.OK)]
    [TestCase("/hangfire", HttpStatusCode.OK)]
    [TestCase("/hangfire/recurring", HttpStatusCode.OK)]
    [TestCase("/hangfire/css0", HttpStatusCode.OK)]
    [TestCase("/nowhere", HttpStatusCode.NotFound)]
    [TestCase("/hangfire/nowhere", HttpStatusCode.NotFound)]
    [TestCase("/hangfire/test-of-failure", HttpStatusCode.InternalServerError)]
    public async Task Headers_WithoutSignIn_AreOnEveryAnswer(string path, HttpStatusCode status) => await EnsureAsync(_local, path, status);

    [TestCase("/", HttpStatusCode.Redirect)]
    [TestCase("/hangfire", HttpStatusCode.Redirect)]
    [TestCase("/signin", HttpStatusCode.OK)]
    [TestCase("/hangfire/css0", HttpStatusCode.OK)]
    [TestCase("/nowhere", HttpStatusCode.Redirect)]
    public async Task Headers_WithSignIn_AreOnEveryAnswer(string path, HttpStatusCode status) => await EnsureAsync(_signIn, path, status);

    [Test]
    public async Task Failure_Always_ShowsNothingOfItsCause()
    {
        using var visitor = new Visitor(_local.Url);

        var page = await (await visitor.GetAsync("/hangfire/test-of-failure")).Content.ReadAsStringAsync();

        page.Should().Contain("Unexpected error").And.MatchRegex("under the trace id [0-9a-f]{32}").And.NotContain("secret of the failure").And.NotContain("Exception");
    }

    [TestCase("/hangfire")]
    [TestCase("/hangfire/jobs/succeeded")]
    [TestCase("/hangfire/jobs/processing")]
    [TestCase("/hangfire/retries")]
    [TestCase("/hangfire/recurring")]
    [TestCase("/hangfire/servers")]
    public async Task HangfiresPages_Always_NeedNothingInline(string path)
    {
        using var visitor = new Visitor(_local.Url);

        EnsureNothingInline(await (await visitor.GetAsync(path)).Content.ReadAsStringAsync());
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task HangfiresJobPage_Always_NeedsNothingInlineButEmptyStyles(CancellationToken cancellationToken)
    {
        using var visitor = new Visitor(_local.Url);
        await visitor.CommandAsync("/hangfire/recurring", "/hangfire/recurring/trigger", "evaluation-health-check");
        Match link;
        do
        {
            await Task.Delay(50, cancellationToken);
            link = JobLink().Match(await (await visitor.GetAsync("/hangfire/jobs/succeeded")).Content.ReadAsStringAsync(cancellationToken));
        }
        while (!link.Success);

        var page = await (await visitor.GetAsync(link.Value)).Content.ReadAsStringAsync(cancellationToken);

        page.Should().Contain("style=\"\"", "the policy's only hash allows this style");
        EnsureNothingInline(page);
    }

    [Test]
    public async Task SignInPages_Always_NeedNothingInline()
    {
        using var visitor = new Visitor(_signIn.Url);
        await visitor.SignInAsync("alice", SomeUser.Password);

        EnsureNothingInline(await (await visitor.GetAsync("/signin?error=Wrong")).Content.ReadAsStringAsync());
        EnsureNothingInline(await (await visitor.GetAsync("/account")).Content.ReadAsStringAsync());
    }

    [Test]
    public async Task HangfiresScript_Always_IsConfiguredToAddNoInlineStyle()
    {
        using var visitor = new Visitor(_local.Url);

        var script = await (await visitor.GetAsync("/hangfire/js0")).Content.ReadAsStringAsync();

        script.Should().Contain("Chart.platform.disableCSSInjection = true", "Chart.js would add a <style> element, which the policy blocks");
    }

    private static async Task EnsureAsync(RunningServer server, string path, HttpStatusCode status)
    {
        using var visitor = new Visitor(server.Url);

        var answer = await visitor.GetAsync(path);

        answer.StatusCode.Should().Be(status);
        One(answer, "Content-Security-Policy").Should().Be(SecurityHeaders.ContentSecurityPolicy)
            .And.Contain("default-src 'none'").And.Contain("frame-ancestors 'none'").And.NotContain("unsafe-inline").And.NotContain("unsafe-eval");
        One(answer, "X-Content-Type-Options").Should().Be("nosniff");
        One(answer, "X-Frame-Options").Should().Be("DENY");
        One(answer, "Referrer-Policy").Should().Be("same-origin");
        One(answer, "Permissions-Policy").Should().Contain("camera=()");
        answer.Headers.Should().NotContainKey("Strict-Transport-Security", "this is plain http on loopback").And.NotContainKey("Server");
        if (answer.Content.Headers.ContentType?.MediaType != "text/css")
            answer.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    private static string One(HttpResponseMessage answer, string header) => answer.Headers.GetValues(header).Single();

    private static void EnsureNothingInline(string html)
    {
        html.Should().Contain("</html>");
        Inline().Matches(html).Select(match => match.Value).Should().BeEmpty();
    }

    [GeneratedRegex("""<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle="[^"]+"|\son\w+="|javascript:""", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Inline();

    [GeneratedRegex("/hangfire/jobs/details/[0-9a-f-]+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex JobLink();

    private sealed class FailingDispatcher : IDashboardDispatcher
    {
        public Task Dispatch(DashboardContext context) => throw new NotSupportedException("the secret of the failure");
    }
}
