using System.Globalization;
using System.Net;
using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>An unknown value in an address is named as an error, and never answered with an unfiltered list.</summary>
public sealed class QueryErrorTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _visitor = new Visitor(_server.Url);
        await _server.Some.TenantWithRunsAsync(2, slug: "listed-one");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase("/runs", "status=X", "status: 'X' is not known here; expected one of NEEDS_ACTION, PENDING, RUNNING, PASS, FAIL, VOID, COMPLETED, FAILED, CANCELLED.", "/runs/1\"")]
    [TestCase("/runs", "suite=X", "suite: 'X' is not a whole number", "/runs/1\"")]
    [TestCase("/runs", "before=-1", "before: '-1' is not a whole number", "/runs/1\"")]
    [TestCase("/runs", "from=soon", "from: 'soon' is not a time; expected a date and a time such as 2026-01-31T08:00.", "/runs/1\"")]
    [TestCase("/runs", "to=2026-13-01T00:00", "to: '2026-13-01T00:00' is not a time", "/runs/1\"")]
    [TestCase("/runs", "zone=Mars/Base", "zone: 'Mars/Base' is not a time zone of this server", "/runs/1\"")]
    [TestCase("/versions", "state=X", "state: 'X' is not known here; expected one of DRAFT, TESTING, CANDIDATE, APPROVED, DEPRECATED, RETIRED.", "/versions/1\"")]
    [TestCase("/versions", "evaluation=GOOD", "evaluation: 'GOOD' is not known here; expected one of NOT_RUN, RUNNING, PASS, FAIL.", "/versions/1\"")]
    [TestCase("/versions", "before=x", "before: 'x' is not a whole number", "/versions/1\"")]
    [TestCase("/suites", "before=x", "before: 'x' is not a whole number", "/suites/1\"")]
    [TestCase("/audit", "id=x", "Entity id: 'x' is not a whole number", "record-1\"")]
    [TestCase("/audit", "entity=unknown", "entity: 'unknown' is not known here; expected one of AgentVersion, ApiKey, ", "record-1\"")]
    [TestCase("/audit", "actor=a%00b", "actor contains a NUL character (U+0000)", "record-1\"")]
    [TestCase("/runs", "suite=99", "suite: '99' is not a suite here.", "/runs/1\"")]
    [TestCase("/runs?tenant=listed-one", "suite=99", "suite: '99' is not a suite of listed-one.", "/runs/1\"")]
    [TestCase("/runs", "version=99", "version: '99' is not a version here.", "/runs/1\"")]
    [TestCase("/versions?tenant=listed-one", "agent=nobody", "agent: 'nobody' is not an agent of listed-one.", "/versions/1\"")]
    [TestCase("/versions?tenant=listed-one", "suite=99", "suite: '99' is not a suite of listed-one.", "/versions/1\"")]
    [TestCase("/runs/1", "q=a%00b", "Search text contains a NUL character (U+0000)", "data-key=\"case-1\"")]
    [TestCase("/compare?runs=1,2", "search=%00", "Search text contains a NUL character (U+0000)", "part=yes")]
    [TestCase("/audit", "zone=x", "zone: 'x' is not a time zone", "record-1\"")]
    [TestCase("", "show=X", "show: 'X' is not known here; expected one of action, running, waiting, failed.", "/tenants/listed-one\"")]
    [TestCase("", "page=two", "page: 'two' is not a whole number", "/tenants/listed-one\"")]
    [TestCase("/runs/1", "verdict=X", "verdict: 'X' is not known here; expected one of PASSED, FAILED, ERRORED, UNSCORED, WAITING.", "data-key=\"case-1\"")]
    [TestCase("/runs/1", "sort=X", "sort: 'X' is not known here; expected one of SCORE, SCORE_DOWN, DURATION, COST.", "data-key=\"case-1\"")]
    [TestCase("/runs/1", "page=two", "page: 'two' is not a whole number", "data-key=\"case-1\"")]
    [TestCase("/runs/1", "min=2", "Score from: '2' is not a score; expected a number from 0 to 1", "data-key=\"case-1\"")]
    [TestCase("/compare?runs=1,2", "show=X", "show: 'X' is not known here; expected one of regressed, fixed, different, missing.", "part=yes")]
    [TestCase("/compare?runs=1,2", "page=X", "page: 'X' is not a whole number", "part=yes")]
    public async Task List_WithAnUnknownValue_NamesItNextToTheFilterAndListsNothing(string path, string query, string error, string listed)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        var (_, whole) = await GetAsync(path);
        var (status, page) = await GetAsync($"{path}{separator}{query}");

        status.Should().Be(HttpStatusCode.BadRequest);
        page.Should().Contain(error).And.Contain("<form method=\"get\"", "the filter can be corrected").And.NotContain(listed);
        if (!path.StartsWith("/compare", StringComparison.Ordinal))
            whole.Should().Contain(listed, "without the unknown value the list is shown");
    }

    [TestCase("/suites/1?revision=X", "revision: 'X'")]
    [TestCase("/suites/1?after=X", "after: 'X'")]
    [TestCase("/suites/1/difference?new=X", "new: 'X'")]
    [TestCase("/trend?version=1&suite=X", "suite: 'X'")]
    [TestCase("/trend?tenant=listed-one&agent=nobody", "agent: 'nobody' is not an agent of listed-one.")]
    [TestCase("/search?q=%00", "Search text contains a NUL character (U+0000), which no stored text contains. Remove it.")]
    [TestCase("/tenants/listed-one/policy?revision=X", "revision: 'X'")]
    [TestCase("/runs/export/csv?status=X", "status: 'X'")]
    [TestCase("/audit/export/csv?id=X", "Entity id: 'X'")]
    [TestCase("/runs/1/export/csv?verdict=X", "verdict: 'X'")]
    [TestCase("/runs/change?do=cancel&all=yes&status=X", "status: 'X'")]
    [TestCase("/runs/change?do=cancel&all=yes&from=X", "from: 'X'")]
    public async Task PageOrFile_WithAnUnknownValue_IsAPageThatNamesIt(string path, string error)
    {
        var (status, page) = await GetAsync(path);

        status.Should().Be(HttpStatusCode.BadRequest);
        page.Should().Contain("Not possible").And.Contain(error).And.NotContain("Cancel 2 runs");
    }

    [TestCase("/suites/1?revision=99")]
    [TestCase("/suites/1?revision=0")]
    [TestCase("/suites/1/difference?new=99")]
    [TestCase("/suites/1/difference?old=99")]
    [TestCase("/suites/1/export/json?revision=99")]
    [TestCase("/tenants/listed-one/policy?revision=99")]
    [TestCase("/tenants/listed-one/policy?agent=agent&revision=99")]
    public async Task Page_OfARevisionThatDoesNotExist_IsNotFoundInsteadOfAnotherRevision(string path)
    {
        var (status, page) = await GetAsync(path);

        status.Should().Be(HttpStatusCode.NotFound);
        page.Should().Contain("There is no revision ").And.NotContain("it applies now");
    }

    [Test]
    public async Task Page_OfAPolicysRevision_ShowsOnlyThatRevision()
    {
        var policies = _server.Services.GetRequiredService<PromotionRepository>();
        var tenant = await _server.Some.TenantAsync("with-policy");
        await _server.Some.SuiteAsync(tenant, 1);
        foreach (var threshold in new[] { 0.1, 0.2 })
            await policies.SetPolicyAsync(tenant.Id, "", $$"""{"requirements":[{"suite":"suite","threshold":{{threshold.ToString(CultureInfo.InvariantCulture)}}}]}""", null, "test", default);

        (await GetAsync("/tenants/with-policy/policy?revision=1")).Page.Should().Contain("it no longer applies").And.Contain("0.1");
        var (status, page) = await GetAsync("/tenants/with-policy/policy?revision=3");
        status.Should().Be(HttpStatusCode.NotFound);
        page.Should().Contain("There is no revision 3; the revisions are 1 to 2.");
        (await GetAsync("/tenants/with-policy/policy?agent=nobody")).Page.Should().Contain("The tenant has no version of an agent");
        (await GetAsync("/tenants/with-policy/policy?agent=nobody&revision=1")).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [TestCase("/runs?status=pending", "/runs/1\"")]
    [TestCase("/runs?status=&before=&from=", "/runs/1\"")]
    [TestCase("/versions?state=testing", "/versions/1\"")]
    [TestCase("/runs/1?verdict=waiting&sort=score", "data-key=\"case-1\"")]
    public async Task List_WithAKnownValueInAnyCaseOrNone_ListsWhatMatches(string path, string listed)
    {
        var (status, page) = await GetAsync(path);

        status.Should().Be(HttpStatusCode.OK);
        page.Should().Contain(listed);
    }

    private async Task<(HttpStatusCode Status, string Page)> GetAsync(string path)
    {
        var answer = await _visitor.GetAsync($"{Pages}{path}");
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
    }
}
