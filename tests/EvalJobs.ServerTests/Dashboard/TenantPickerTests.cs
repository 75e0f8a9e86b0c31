using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The choice of a tenant on every page: by slug or name. The choice is remembered, and a wrong entry keeps the form.</summary>
public sealed class TenantPickerTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("all", ViewerRole.Operator), .. SomeUser.Settings("acme-only", ViewerRole.Operator, "acme")]);
        await _server.Some.Tenants.AddAsync("acme", "Acme Corporation", new TenantLimits(), "test", default);
        await _server.Some.Tenants.AddAsync("acme-labs", "Laboratory", new TenantLimits(), "test", default);
        await _server.Some.SuiteAsync(await _server.Some.Tenants.FindAsync("acme", default));
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task Tenant_ByShortNameOrName_IsFound(
        [Values("/runs", "/suites", "/versions", "/audit", "/suites/new")] string path, [Values("acme", "Acme Corporation", "ACME corporation", "corporat")] string typed)
    {
        using var visitor = await SignedInAsync("all");

        var (status, page) = await ShowAsync(visitor, $"{path}?tenant={Uri.EscapeDataString(typed)}");

        status.Should().Be(HttpStatusCode.OK);
        page.Should().Contain(path == "/suites/new" ? "New suite of Acme Corporation" : "value=\"acme\" placeholder").And.NotContain("ej-tenant-error");
    }

    [TestCase("/runs")]
    [TestCase("/suites")]
    [TestCase("/versions")]
    [TestCase("/audit")]
    [TestCase("/suites/new")]
    [TestCase("/suites/upload")]
    public async Task Tenant_UnknownOrForbidden_KeepsTheFormAndShowsTheErrorNextToTheField(string path)
    {
        using var visitor = await SignedInAsync("acme-only");

        foreach (var typed in new[] { "nobody", "acme-labs" })
        {
            var (status, page) = await ShowAsync(visitor, $"{path}?tenant={typed}&status=FAILED");

            status.Should().Be(HttpStatusCode.NotFound);
            page.Should().Contain($"There is no tenant &#x27;{typed}&#x27;.").And.Contain($"value=\"{typed}\" placeholder").And.Contain("aria-invalid=\"true\"").And.NotContain("Laboratory");
        }
    }

    [Test]
    public async Task Tenant_SeveralMatch_NamesThem()
    {
        using var visitor = await SignedInAsync("all");

        var (status, page) = await ShowAsync(visitor, "/runs?tenant=acm&status=FAILED&before=7");

        status.Should().Be(HttpStatusCode.NotFound);
        page.Should().Contain("2 tenants match &#x27;acm&#x27;. Choose one.").And.Contain("/runs?status=FAILED&amp;tenant=acme\">acme</a>").And.Contain("/runs?status=FAILED&amp;tenant=acme-labs\">acme-labs</a>");
    }

    [Test]
    public async Task Tenant_AmongHundreds_IsOfferedInAShortListAndFoundByAPartOfItsName()
    {
        await using var server = await RunningServer.StartAsync();
        for (var index = 100; index < 200; index++)
            await server.Some.Tenants.AddAsync($"many-{index}", $"Customer {index}", new TenantLimits(), "test", default);
        using var visitor = new Visitor(server.Url);

        var offered = (await ShowAsync(visitor, "/runs")).Page;
        var (_, matching) = await ShowAsync(visitor, "/runs?tenant=customer");

        System.Text.RegularExpressions.Regex.Count(offered, "<option value=\"many-").Should().Be(50, "the list is part of every page");
        matching.Should().Contain("100 tenants match &#x27;customer&#x27;. These are the first 20; choose one, or type more of the name.").And.Contain("tenant=many-119\">many-119</a>").And.NotContain("tenant=many-120\"");
        (await ShowAsync(visitor, "/runs?tenant=customer+177")).Page.Should().Contain("value=\"many-177\" placeholder", "a tenant that is not in the list is found, too");
    }

    [Test]
    public async Task Tenant_OfAPersonOfOneTenant_IsPreselected()
    {
        using var visitor = await SignedInAsync("acme-only");

        (await ShowAsync(visitor, "/suites/new")).Page.Should().Contain("New suite of Acme Corporation");
        (await ShowAsync(visitor, "/runs")).Page.Should().Contain("value=\"acme\" placeholder").And.NotContain("acme-labs");
    }

    [Test]
    public async Task Tenant_ChosenBefore_IsRemembered()
    {
        using var visitor = await SignedInAsync("all");

        await ShowAsync(visitor, "/versions?tenant=acme-labs");

        (await ShowAsync(visitor, "/runs")).Page.Should().Contain("Last: <a href=").And.Contain("tenant=acme-labs").And.Contain("list=\"ej-tenants\" placeholder", "a list is not filtered without a request");
        (await ShowAsync(visitor, "/suites/new")).Page.Should().Contain("value=\"acme-labs\" placeholder");

        using var poll = new HttpRequestMessage(HttpMethod.Get, $"{Pages}/runs?tenant=acme");
        poll.Headers.Add("X-Live", "yes");
        (await visitor.SendAsync(poll)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await ShowAsync(visitor, "/suites/new")).Page.Should().Contain("value=\"acme-labs\" placeholder", "a page that refreshes itself does not change the choice");
    }

    [Test]
    public async Task Tenant_ItsPage_LeadsToItsSuitesAndANewOne()
    {
        using var visitor = await SignedInAsync("all");

        (await ShowAsync(visitor, "/tenants/acme")).Page.Should().Contain("/suites/new?tenant=acme").And.Contain("/suites?tenant=acme").And.Contain("/versions?tenant=acme");
    }

    private async Task<Visitor> SignedInAsync(string name)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        return visitor;
    }

    private static async Task<(HttpStatusCode Status, string Page)> ShowAsync(Visitor visitor, string path)
    {
        var answer = await visitor.GetAsync($"{Pages}{path}");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
