using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>What the refresh script of a page receives: only the body, without tokens, rendered once for all users with the same permissions.</summary>
public sealed partial class LivePageTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private SomeDashboard _data = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("alice", ViewerRole.Operator), .. SomeUser.Settings("carol", ViewerRole.Viewer, "acme")]);
        _data = await SomeDashboard.AddAsync(_server);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task Live_OfEveryPageWithLiveParts_IsTheBodyWithTheSamePartsAndNothingPersonal()
    {
        using var alice = await SignedInAsync("alice");
        var version = _data.Completed.VersionId;
        foreach (var path in new[] { "", "/runs", "/suites", "/versions", "/audit", "/tenants/acme", $"/runs/{_data.Running.Id}", $"/versions/{version}", $"/suites/{_data.Completed.SuiteId}" })
        {
            var page = await alice.GetAsync(path);
            var live = await alice.LiveAsync(path);

            Parts(live).Should().NotBeEmpty(path).And.Equal(Parts(page), path).And.OnlyHaveUniqueItems(path);
            live.Should().NotContain("<html").And.NotContain("RequestVerificationToken").And.NotContain("method=\"post\"").And.NotContain(">alice<");
            Ids().Matches(page).Select(match => match.Value).Should().OnlyHaveUniqueItems(path);
        }
    }

    [TestCase("/audit?tenant=nobody")]
    [TestCase("/runs?tenant=nobody")]
    [TestCase("/suites?tenant=nobody")]
    [TestCase("/versions?tenant=nobody")]
    [TestCase("/audit?entity=nothing")]
    [TestCase("/tenants/nobody")]
    [TestCase("/runs/999999")]
    public async Task Page_ThatShowsAnError_IsNotRefreshedAndLoadsNoFigures(string path)
    {
        using var alice = await SignedInAsync("alice");

        var page = await alice.GetAsync(path);

        page.Should().NotContain("data-live=").And.Contain("data-pollinterval=\"2147483647\"");
        (await alice.GetAsync("/audit")).Should().Contain("data-live=").And.Contain("data-pollinterval=\"2000\"");
    }

    [Test]
    public async Task Live_RequestedByManyAtOnce_IsRenderedOnce()
    {
        using var alice = await SignedInAsync("alice");
        await alice.LiveAsync("/runs?status=PENDING");
        var before = await alice.LiveAsync("/runs?status=PENDING");
        await _server.Some.TenantWithRunsAsync(1, slug: "newcomer");

        var bodies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => alice.LiveAsync("/runs?status=PENDING")));

        bodies.Distinct(StringComparer.Ordinal).Should().HaveCount(1);
        bodies[0].Should().Be(before, "it was rendered less than two seconds ago");
        await Task.Delay(2100);
        (await alice.LiveAsync("/runs?status=PENDING")).Should().Contain("newcomer");
        (await alice.GetAsync("/runs?status=PENDING")).Should().Contain("newcomer");
    }

    [Test]
    public async Task Live_OfAPersonOfSomeTenants_ShowsNothingOfOthers()
    {
        using var alice = await SignedInAsync("alice");
        using var carol = await SignedInAsync("carol");

        foreach (var path in new[] { "", "/runs", $"/runs/{_data.HostileRun.Id}", "/tenants/backlog" })
        {
            (await alice.LiveAsync(path)).Should().NotBeEmpty();
            // A page contains its own address, which the visitor requested.
            (await carol.LiveAsync(path)).Replace($"/hangfire/evaluations{path}\"", "", StringComparison.Ordinal).Replace($"?back={Uri.EscapeDataString($"/hangfire/evaluations{path}")}", "", StringComparison.Ordinal)
                .Should().NotContain("/tenants/backlog").And.NotContain("/tenants/hostile").And.NotContain("window.hacked");
        }
    }

    [Test]
    public async Task Live_OfARunThatHasEnded_SaysFinishedOnceAndItsPageDoesNotAskAgain()
    {
        using var alice = await SignedInAsync("alice");
        var path = $"/runs/{_data.Completed.Id}";

        var live = await alice.LiveAsync(path);
        var page = await alice.GetAsync(path);

        live.Should().Contain("Finished:").And.Contain("Show results").And.Contain("data-live-end=\"yes\"");
        page.Should().NotContain("data-live=\"yes\"").And.NotContain("Finished:");
    }

    [Test]
    public void Pace_OfARun_IsThatOfTheLastMinuteAndUnknownWhileNothingIsAnswered()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var run = _data.Running with { Attempt = 1, StartedAt = start, Status = RunStatus.Running };
        var pace = new RunSpeed();

        pace.Next(start.AddSeconds(30), run, 10).Should().Be(20, "the first request uses the time since the start of the attempt");
        pace.Next(start.AddSeconds(40), run, 20).Should().Be(60);
        for (var second = 50; second <= 130; second += 10)
            pace.Next(start.AddSeconds(second), run, 20);
        pace.Next(start.AddSeconds(140), run, 20).Should().BeNull("nothing was answered in the last minute");
        pace.Next(start.AddSeconds(150), run with { Attempt = 2 }, 20).Should().BeNull();
        pace.Next(start.AddSeconds(160), run with { Attempt = 2 }, 25).Should().Be(30, "each attempt counts from its own start");
        pace.Next(start.AddSeconds(170), run with { Status = RunStatus.Completed }, 30).Should().BeNull();
    }

    private static string[] Parts(string html) => [.. LiveIds().Matches(html).Select(match => match.Groups["id"].Value)];

    private async Task<Watcher> SignedInAsync(string name)
    {
        var watcher = new Watcher(_server.Url);
        await watcher.SignInAsync(name);
        return watcher;
    }

    [GeneratedRegex("<div id=\"(?<id>[^\"]+)\" data-live=\"yes\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LiveIds();

    [GeneratedRegex("\\sid=\"[^\"]+\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Ids();

    /// <summary>A browser with the page's script.</summary>
    private sealed class Watcher(Uri server) : IDisposable
    {
        private readonly Visitor _visitor = new(server);

        public Task SignInAsync(string name) => _visitor.SignInAsync(name, SomeUser.Password);

        public async Task<string> GetAsync(string path) => await (await _visitor.GetAsync(Pages + path)).Content.ReadAsStringAsync();

        public async Task<string> LiveAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Pages + path);
            request.Headers.Add("X-Live", "yes");
            return await (await _visitor.SendAsync(request)).Content.ReadAsStringAsync();
        }

        public void Dispose() => _visitor.Dispose();
    }
}
