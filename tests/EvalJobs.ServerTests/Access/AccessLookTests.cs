using EvalJobs.Server.Access;
using EvalJobs.Tests.Server.Dashboard;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Signing in, the account and what is refused, looked at as every other page is: light and dark, on a desk and on a phone.</summary>
internal sealed class AccessLookTests : BrowserFixture
{
    protected override (string Name, string Value)[] Settings => [.. SomeUser.Settings("ann", ViewerRole.Operator), .. SomeUser.Settings("bob", ViewerRole.Viewer, "acme")];

    [OneTimeSetUp]
    public async Task AddTenants()
    {
        await Some.TenantWithRunsAsync(1, slug: "acme");
        await Some.TenantWithRunsAsync(1, slug: "globex");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Page_OfAccess_IsAccessibleInEveryLook(bool isDark)
    {
        await using var visit = await Browser.VisitAsync(Server.Url, isDark: isDark);

        await visit.Page.GotoAsync("signin");
        await LookAsync(visit, "sign-in", isDark);
        await SignInAsync(visit, "bob", "wrong");
        (await visit.Page.Locator("#sign-in-message").CountAsync()).Should().Be(1);
        await LookAsync(visit, "sign-in-failed", isDark);
        await SignInAsync(visit, "bob", SomeUser.Password);
        await LookAsync(visit, "signed-in", isDark);
        await visit.Page.GotoAsync("account");
        (await visit.Page.Locator("main").InnerTextAsync()).Should().Contain("Viewer").And.Contain("acme");
        await LookAsync(visit, "account", isDark);
    }

    [TestCase("/recurring", 403, false)]
    [TestCase("/recurring", 403, true)]
    [TestCase("/evaluations/tenants/globex", 404, false)]
    [TestCase("/evaluations/tenants/globex", 404, true)]
    [TestCase("/evaluations/compare?runs=1", 400, false)]
    [TestCase("/evaluations/compare?runs=1", 400, true)]
    public async Task Page_ThatIsRefused_IsAccessibleInEveryLook(string path, int status, bool isDark)
    {
        await using var visit = await Browser.VisitAsync(Server.Url, isDark: isDark);
        await visit.Page.GotoAsync("signin");
        await SignInAsync(visit, "bob", SomeUser.Password);

        (await visit.OpenAsync(path)).Status.Should().Be(status);

        await LookAsync(visit, $"refused-{status}", isDark);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Page_WithoutItsData_IsAccessibleInEveryLook(bool isDark)
    {
        await using var visit = await Browser.VisitAsync(Server.Url, isDark: isDark);
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

        await LookAsync(visit, "without-data-503", isDark);
    }

    private static async Task SignInAsync(Visit visit, string name, string password)
    {
        await visit.Page.GetByLabel("Name").FillAsync(name);
        await visit.Page.GetByLabel("Password").FillAsync(password);
        await visit.PressAsync("Sign in");
    }

    private static async Task LookAsync(Visit visit, string page, bool isDark)
    {
        foreach (var (device, width) in new[] { ("desktop", 1280), ("phone", 390) })
        {
            var look = $"{page}-{device}-{(isDark ? "dark" : "light")}";
            await visit.Page.SetViewportSizeAsync(width, 900);
            await visit.PictureAsync(look);
            (await visit.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > window.innerWidth")).Should().BeFalse($"{look} must not scroll sideways");
            await DashboardPagesTests.EnsureAccessibleAsync(visit, look);
            await DashboardPagesTests.EnsureReadableAsync(visit, look);
        }

        visit.Strangers.Should().BeEmpty("nothing leaves the machine");
    }
}
