using EvalJobs.Server.Access;
using EvalJobs.Tests.Server.Dashboard;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Access;

/// <summary>The pages of sign-in, of the account and of rejected requests, in every appearance: light and dark, on a desktop and on a phone.</summary>
internal sealed class AccessPagesAppearanceTests : BrowserFixture
{
    protected override (string Name, string Value)[] Settings => [.. SomeUser.Settings("ann", ViewerRole.Operator), .. SomeUser.Settings("bob", ViewerRole.Viewer, "acme")];

    [OneTimeSetUp]
    public async Task AddTenants()
    {
        await Some.TenantWithRunsAsync(1, slug: "acme");
        await Some.TenantWithRunsAsync(1, slug: "globex");
    }

    [Test]
    public async Task Page_OfAccess_IsAccessibleInEveryAppearance()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);

        await visit.Page.GotoAsync("signin");
        await CheckAsync(visit, "sign-in");
        await SignInAsync(visit, "bob", "wrong");
        (await visit.Page.Locator("#sign-in-message").CountAsync()).Should().Be(1);
        await CheckAsync(visit, "sign-in-failed");
        await SignInAsync(visit, "bob", SomeUser.Password);
        await CheckAsync(visit, "signed-in");
        await visit.Page.GotoAsync("account");
        (await visit.Page.Locator("main").InnerTextAsync()).Should().Contain("Viewer").And.Contain("acme");
        await CheckAsync(visit, "account");
    }

    [TestCase("/recurring", 403)]
    [TestCase("/evaluations/tenants/globex", 404)]
    [TestCase("/evaluations/compare?runs=1", 400)]
    public async Task Page_OfARejectedRequest_IsAccessibleInEveryAppearance(string path, int status)
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.Page.GotoAsync("signin");
        await SignInAsync(visit, "bob", SomeUser.Password);

        (await visit.OpenAsync(path)).Status.Should().Be(status);

        await CheckAsync(visit, $"refused-{status}");
    }

    [Test]
    public async Task Page_WithoutData_IsAccessibleInEveryAppearance()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.Page.GotoAsync("signin");
        await SignInAsync(visit, "ann", SomeUser.Password);
        await Server.Database.ExecuteAsync("ALTER TABLE ChangeRecord RENAME TO Away");
        try
        {
            (await visit.OpenAsync("/evaluations/audit")).Status.Should().Be(503);
        }
        finally
        {
            await Server.Database.ExecuteAsync("ALTER TABLE Away RENAME TO ChangeRecord");
        }

        await CheckAsync(visit, "without-data-503");
    }

    private static async Task SignInAsync(Visit visit, string name, string password)
    {
        await visit.Page.GetByLabel("Name").FillAsync(name);
        await visit.Page.GetByLabel("Password").FillAsync(password);
        await visit.PressAsync("Sign in");
    }

    private static async Task CheckAsync(Visit visit, string page)
    {
        await PageAppearance.EnsureAsync(visit, page);
        visit.RequestsToOtherHosts.Should().BeEmpty("the page sends no request to another host");
    }
}
