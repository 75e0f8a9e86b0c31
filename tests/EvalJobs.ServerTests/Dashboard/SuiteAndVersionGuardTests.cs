using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Who may see and change the suites and versions of a tenant.</summary>
public sealed class SuiteAndVersionGuardTests
{
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;
    private Tenant _other = null!;
    private EvaluationSuite _suite = null!;
    private AgentVersion _version = null!;
    private EvaluationRun _ended = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync(
        [
            .. SomeUser.Settings("reader", ViewerRole.Viewer),
            .. SomeUser.Settings("acme-operator", ViewerRole.Operator, "acme"),
        ]);
        await _server.Some.SuiteAsync(await _server.Some.TenantAsync("acme"));
        _other = await _server.Some.TenantAsync("other");
        _suite = await _server.Some.SuiteAsync(_other);
        _ended = await _server.Some.PendingRunAsync(_other);
        await _server.Some.Runs.CancelAsync(_ended.Id, "test", default);
        _version = await _server.Some.VersionAsync(_other);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    private string[] Pages =>
    [
        $"suites/{_suite.Id}", $"suites/{_suite.Id}/edit", $"suites/{_suite.Id}/upload", $"suites/{_suite.Id}/cases/1/input", $"suites/{_suite.Id}/difference", "suites/new?tenant=other",
        "suites/upload?tenant=other", "suites?tenant=other", $"versions/{_version.Id}", $"versions/{_version.Id}/genome", "versions?tenant=other",
    ];

    private (string Path, (string Name, string Value)[] Fields)[] Actions =>
    [
        ($"suites/{_suite.Id}/edit", [("fromRevision", "1"), ("name", "taken"), ("threshold", "0.1"), ("case.0.input", "x")]),
        ($"suites/{_suite.Id}/upload", [("basedOn", "1"), ("scorer", "exact_match")]),
        ("suites/new?tenant=other", [("name", "new"), ("threshold", "0.1"), ("case.0.input", "x")]),
        ("suites/upload?tenant=other", [("name", "new"), ("scorer", "exact_match")]),
        ($"versions/{_version.Id}/transition", [("to", "TESTING"), ("confirmed", "yes")]),
        ($"versions/{_version.Id}/runs", [("suite", $"{_suite.Id}"), ("priority", "0")]),
        ($"suites/{_suite.Id}/runs", [("version", $"{_version.Id}"), ("priority", "0")]),
        ($"runs/{_ended.Id}/retry", []),
    ];

    [Test]
    public async Task Page_OfATenantTheUserMayNotSee_IsNotFound()
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("acme-operator", SomeUser.Password);

        foreach (var path in Pages)
            (await visitor.GetAsync($"/hangfire/evaluations/{path}")).StatusCode.Should().Be(HttpStatusCode.NotFound, path);
        foreach (var list in new[] { "suites", "versions" })
        {
            var page = await (await visitor.GetAsync($"/hangfire/evaluations/{list}")).Content.ReadAsStringAsync();
            page.Should().NotContain("tenant=other", "a list without a filter shows what the user may see");
        }
    }

    [TestCase("acme-operator", HttpStatusCode.NotFound, Description = "it answers as if the page did not exist; 403 would mean that the token was rejected")]
    [TestCase("reader", HttpStatusCode.Forbidden)]
    public async Task Action_OnWhatTheUserMayNotChange_ChangesNothing(string user, HttpStatusCode expected)
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(user, SomeUser.Password);
        var before = await _server.Some.Changes.ListAsync(_other.Id, null, null, long.MaxValue, 100, default);
        var page = await (await visitor.GetAsync("/hangfire/evaluations")).Content.ReadAsStringAsync();
        var token = Visitor.FormToken(page) is { Length: > 0 } found
            ? found
            : Visitor.FormToken(await (await visitor.GetAsync("/hangfire/evaluations/suites/new?tenant=acme")).Content.ReadAsStringAsync());

        foreach (var (path, fields) in Actions)
        {
            var answer = await visitor.PostAsync($"/hangfire/evaluations/{path}", [.. fields, (TokenField, token)]);
            answer.StatusCode.Should().Be(expected, path);
        }

        (await _server.Some.Changes.ListAsync(_other.Id, null, null, long.MaxValue, 100, default)).Should().Equal(before);
    }

    [Test]
    public async Task Viewer_SeesSuitesAndVersionsWithoutButtons()
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("reader", SomeUser.Password);

        foreach (var path in new[] { "suites?tenant=other", $"suites/{_suite.Id}", $"versions/{_version.Id}" })
        {
            var answer = await visitor.GetAsync($"/hangfire/evaluations/{path}");
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync()).Should().NotMatchRegex("method=\"post\" action=\"/hangfire/evaluations(?!/times\")", "every user may choose the time zone").And.NotContain("/edit\"").And.NotContain("suites/new");
        }

    }

    [Test]
    public async Task Viewer_OpensAFormTheyMayNotUse_IsForbidden()
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("reader", SomeUser.Password);

        foreach (var path in new[] { $"suites/{_suite.Id}/edit", $"suites/{_suite.Id}/upload", "suites/new?tenant=other", "suites/upload?tenant=other", "tenants/other/pause", $"versions/{_version.Id}/transition?to=DRAFT" })
        {
            var answer = await visitor.GetAsync($"/hangfire/evaluations/{path}");
            answer.StatusCode.Should().Be(HttpStatusCode.Forbidden, path);
            (await answer.Content.ReadAsStringAsync()).Should().Contain("You may read, but not change anything", path);
        }
    }
}
