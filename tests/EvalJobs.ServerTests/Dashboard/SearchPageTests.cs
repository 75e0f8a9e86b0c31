using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The search in the tab bar, and the search in the cases of a run.</summary>
public sealed class SearchPageTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Tenant _acme = null!;
    private EvaluationRun _run = null!;
    private EvaluationRun _othersRun = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("all", ViewerRole.Viewer), .. SomeUser.Settings("acme-only", ViewerRole.Viewer, "acme")]);
        _acme = await _server.Some.TenantWithRunsAsync(1, cases: 60, slug: "acme");
        _run = (await _server.RunsAsync(_acme)).Single();
        _othersRun = (await _server.RunsAsync(await _server.Some.TenantWithRunsAsync(1, slug: "other"))).Single();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [TestCase("{0}")]
    [TestCase("%23{0}")]
    [TestCase("run+{0}")]
    public async Task Search_ANumber_OpensTheRun(string typed)
    {
        using var visitor = await SignedInAsync("acme-only");

        var answer = await visitor.GetAsync($"{Pages}/search?q={string.Format(null, typed, _run.Id)}");

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().Should().Be($"{Pages}/runs/{_run.Id}");
    }

    [Test]
    public async Task Search_ARunOfATenantTheUserMayNotSee_FindsNothing()
    {
        using var visitor = await SignedInAsync("acme-only");

        (await TextAsync(visitor, $"/search?q={_othersRun.Id}")).Should().Contain($"There is no run {_othersRun.Id}.");
        (await TextAsync(visitor, "/search?q=99999999")).Should().Contain("There is no run 99999999.");
    }

    [Test]
    public async Task Search_AText_FindsOnlyWhatTheUserMaySee()
    {
        using var everyone = await SignedInAsync("all");
        using var limited = await SignedInAsync("acme-only");

        var all = await TextAsync(everyone, "/search?q=question");
        var mine = await TextAsync(limited, "/search?q=question");

        all.Should().Contain($"/suites/{_run.SuiteId}?case=1#ej-case-1").And.Contain($"/suites/{_othersRun.SuiteId}?case=1#ej-case-1");
        mine.Should().Contain($"/suites/{_run.SuiteId}?case=1#ej-case-1").And.NotContain($"/suites/{_othersRun.SuiteId}");
        (await TextAsync(limited, "/search?q=OTHER")).Should().Contain("Nothing found.").And.NotContain("tenants/other");
        (await TextAsync(everyone, "/search?q=OTHER")).Should().Contain("tenants/other");
        (await limited.GetAsync($"{Pages}/search?q=x&tenant=other")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Search_HostileOrEmptyText_IsAnsweredWithAMessage()
    {
        using var visitor = await SignedInAsync("all");

        (await TextAsync(visitor, $"/search?q={Uri.EscapeDataString(SomeDashboard.Script)}")).Should().NotContain("<script>window").And.Contain("Nothing found.");
        (await TextAsync(visitor, "/search?q=")).Should().Contain("Enter a number to open that run");
        (await visitor.GetAsync($"{Pages}/search?q=%00")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await visitor.GetAsync($"{Pages}/search?q={new string('%', 1).Replace("%", "%25") + new string('x', 5000)}")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Test]
    public async Task Run_ItsCases_ArePagedBothWaysAndFoundByText()
    {
        using var visitor = await SignedInAsync("acme-only");

        var second = await TextAsync(visitor, $"/runs/{_run.Id}?page=2");
        var byPlace = await TextAsync(visitor, $"/runs/{_run.Id}?after=54");
        var found = await TextAsync(visitor, $"/runs/{_run.Id}?q=QUESTION+5");

        second.Should().Contain("Page 2 of 3").And.Contain("rel=\"prev\"").And.Contain("question 26").And.NotContain("question 25<");
        byPlace.Should().Contain("Page 3 of 3").And.Contain("question 55");
        found.Should().Contain("11 cases of 60").And.Contain("question 59").And.NotContain("question 6<").And.Contain("value=\"QUESTION 5\"");
        (await TextAsync(visitor, $"/runs/{_run.Id}?page=99")).Should().Contain("There is no page 99: this is the last one, 3.").And.Contain("Page 3 of 3").And.Contain("question 55", "the last page is shown, not an empty one");
        (await TextAsync(visitor, $"/runs/{_run.Id}?page=9&q=QUESTION+5")).Should().Contain("There is no page 9: this is the only one.").And.Contain("question 59");
        second.Should().NotContain("There is no page");
    }

    private async Task<Visitor> SignedInAsync(string name)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        return visitor;
    }

    private static async Task<string> TextAsync(Visitor visitor, string path)
    {
        var answer = await visitor.GetAsync($"{Pages}{path}");
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return await answer.Content.ReadAsStringAsync();
    }
}
