using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Policies, certificates and the tags and must-pass marks of cases on the dashboard, as a browser without script sends them.</summary>
internal sealed class PolicyPagesTests
{
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private int _tenants;

    private Some Some => _server.Some;

    [OneTimeSetUp]
    public async Task Start() => _server = await RunningServer.StartAsync(
        [.. SomeUser.Settings("operator", ViewerRole.Operator), .. SomeUser.Settings("reader", ViewerRole.Viewer), .. SomeUser.Settings("outsider", ViewerRole.Operator, "nobody")]);

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [SetUp]
    public async Task Visit() => _visitor = await SignInAsync("operator");

    [TearDown]
    public void Leave() => _visitor.Dispose();

    [Test]
    public async Task Edit_YamlTyped_IsStoredShownAndListed()
    {
        var tenant = await TenantAsync();
        (await TextAsync(Path(tenant))).Should().Contain("There is no policy").And.Contain("Create policy");

        var saved = await SaveAsync(tenant, basedOn: 0, "requirements:\r\n  - suite: suite\r\n    threshold: 0.7\r\n", agent: "agent");

        saved.StatusCode.Should().Be(HttpStatusCode.Redirect);
        saved.Headers.Location!.ToString().Should().Be($"{Path(tenant)}?agent=agent");
        var page = await TextAsync($"{Path(tenant)}?agent=agent");
        page.Should().Contain("Revision 1").And.Contain("web:operator").And.Contain("0.7").And.Contain("it applies now");
        (await TextAsync(Path(tenant))).Should().Contain("There is no policy", "the agent's policy is not the tenant's");
        (await TextAsync($"{Path(tenant)}/edit?agent=agent")).Should().Contain("name=\"basedOn\" value=\"1\"").And.Contain("threshold");
    }

    [TestCase("requirements:\n  - suite: nope\n", "requirements[0].suite: the tenant has no suite")]
    [TestCase("requirements:\n  - suite: suite\n    tags: { money: 1 }\n", "requirements[0].tags.money: no case of the suite")]
    [TestCase("requirements:\n  - suite: suite\n    rule: not_worse\n    margin: 2\n", "requirements[0].margin: 2 is not allowed")]
    [TestCase("requirements:\n  - suite: suite\n    rule: not_worse\n    margin: 0.1\n    baseline: \"#OTHER\"\n", "requirements[0].baseline: the tenant has no version")]
    [TestCase("requirements:\n  - suite: [\n", "not valid YAML")]
    [TestCase("", "The policy is empty")]
    public async Task Edit_InvalidRequirement_IsNamedNextToTheFieldAndKeptAsTyped(string document, string error)
    {
        var tenant = await TenantAsync();
        var other = await Some.VersionAsync(await TenantAsync());
        var typed = document.Replace("OTHER", $"{other.Id}", StringComparison.Ordinal);

        var answer = await SaveAsync(tenant, basedOn: 0, typed);

        answer.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        page.Should().MatchRegex($"(?s)id=\"ej-document-error\"[^>]*>[^<]*{System.Text.RegularExpressions.Regex.Escape(error)}");
        if (typed.Length > 0)
            page.Should().Contain(typed.Trim());
        (await TextAsync(Path(tenant))).Should().Contain("There is no policy");
    }

    [Test]
    public async Task Edit_AnotherUserSavedFirst_IsRejectedAndKept()
    {
        var tenant = await TenantAsync();
        await SaveAsync(tenant, basedOn: 0, "requirements:\n  - suite: suite\n");

        var answer = await SaveAsync(tenant, basedOn: 0, "requirements:\n  - suite: suite\n    threshold: 0.123\n");

        answer.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("revision 1 applies now; nothing was stored. Read it again").And.NotContain("Nothing was stored", "the error is shown once").And.Contain("0.123");
    }

    [Test]
    public async Task Edit_ByAViewerOrAnothersOperator_IsNotAllowed()
    {
        var tenant = await TenantAsync();
        using var reader = await SignInAsync("reader");
        using var outsider = await SignInAsync("outsider");

        (await reader.GetAsync(Path(tenant))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await (await reader.GetAsync(Path(tenant))).Content.ReadAsStringAsync()).Should().NotContain("Create policy");
        (await reader.GetAsync($"{Path(tenant)}/edit")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await outsider.GetAsync(Path(tenant))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await outsider.GetAsync($"{Path(tenant)}/edit")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Certificate_OfAPromotion_IsLinkedShownAndVerified()
    {
        var promotion = await new SomePromotion(_server.Database.Database, Some).ApprovedAsync($"certified-{++_tenants}");
        var version = await TextAsync($"/hangfire/evaluations/versions/{promotion.VersionId}");
        var link = System.Text.RegularExpressions.Regex.Match(version, "/hangfire/evaluations/versions/\\d+/certificates/\\d+", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)).Value;

        (await TextAsync(link)).Should().Contain("CANDIDATE → APPROVED by web:bob").And.Contain("margin").And.Contain("wrong key").And.NotContain("VERIFIED");
        (await TextAsync($"{link}?verify=yes")).Should().Contain("VERIFIED");
        var document = await _visitor.GetAsync($"{link}/document");
        document.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        version.Should().Contain("threshold 50 %").And.Contain("margin 90 %", "the scale shows the limit");

        await _server.Database.ExecuteAsync($"UPDATE TestCaseResult SET Output = 'other' WHERE RunId = {promotion.CountingRunId}");
        (await TextAsync($"{link}?verify=yes")).Should().Contain("TAMPERED").And.Contain($"The results of run {promotion.CountingRunId}: not as at the promotion.");
        (await _visitor.GetAsync($"/hangfire/evaluations/versions/{promotion.BaselineId}/certificates/{link.Split('/')[^1]}")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Test]
    public async Task SuiteForm_TagsAndMustPass_AreStoredOrNamedNextToTheField()
    {
        var tenant = await TenantAsync();
        var path = $"/hangfire/evaluations/suites/new?tenant={tenant.Slug}";

        var faulty = await PostAsync(path, path, ("name", "marked"), ("threshold", "0.8"), ("case.0.input", "q"), ("case.0.expected", "a"), ("case.0.scorer", "exact_match"), ("case.0.weight", "1"), ("case.0.tags", new string('t', 101)));
        var saved = await PostAsync(path, path, ("name", "marked"), ("threshold", "0.8"), ("case.0.input", "q"), ("case.0.expected", "a"), ("case.0.scorer", "exact_match"), ("case.0.weight", "1"), ("case.0.tags", "safety, money"), ("case.0.mustpass", "on"));

        faulty.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await faulty.Content.ReadAsStringAsync()).Should().Contain("id=\"ej-case-0-tags-error\"");
        saved.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var suite = await Some.Suites.FindAsync(tenant.Id, "marked", default);
        (await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default)).Single().Should().Match<TestCase>(each => each.Tags == """["money","safety"]""" && each.MustPass);
        (await TextAsync($"/hangfire/evaluations/suites/{suite.Id}")).Should().Contain("safety");
        (await TextAsync($"/hangfire/evaluations/suites/{suite.Id}/edit")).Should().MatchRegex("name=\"case\\.\\d+\\.mustpass\" checked").And.Contain("money, safety");
    }

    private async Task<Tenant> TenantAsync()
    {
        var tenant = await Some.TenantAsync($"ruled-{++_tenants}");
        await Some.SuiteAsync(tenant);
        return tenant;
    }

    private static string Path(Tenant tenant) => $"/hangfire/evaluations/tenants/{tenant.Slug}/policy";

    private Task<HttpResponseMessage> SaveAsync(Tenant tenant, int basedOn, string document, string agent = "") =>
        PostAsync($"{Path(tenant)}/edit", $"{Path(tenant)}/edit", ("agent", agent), ("basedOn", $"{basedOn}"), ("document", document));

    private async Task<HttpResponseMessage> PostAsync(string form, string path, params (string Name, string Value)[] fields) =>
        await _visitor.PostAsync(path, [.. fields, (TokenField, Visitor.FormToken(await TextAsync(form)))]);

    private async Task<string> TextAsync(string path) => WebUtility.HtmlDecode(await (await _visitor.GetAsync(path)).Content.ReadAsStringAsync());

    private async Task<Visitor> SignInAsync(string name)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        return visitor;
    }
}
