using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>A real browser cannot be made to act for another site, or for a viewer.</summary>
internal sealed class BrowserGuardTests : BrowserFixture
{
    [Test]
    [CancelAfter(120_000)]
    public async Task ForeignPage_PostsToAnAction_IsRejectedAndNothingHappens(CancellationToken cancellationToken)
    {
        var tenant = await Some.TenantAsync("acme");
        await using var visit = await Browser.VisitAsync(Server.Url);

        // The user has the dashboard open, so the browser has all its cookies.
        await visit.OpenAsync("/evaluations/tenants/acme");
        await visit.Page.RouteAsync("http://evil.example/**", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/html",
            Body = $"""<form method="post" action="{Server.Url}hangfire/evaluations/tenants/acme/pause"><button>Win a prize</button></form>""",
        }));
        await visit.Page.GotoAsync("http://evil.example/");
        var answer = await visit.Page.RunAndWaitForResponseAsync(
            () => visit.Page.GetByRole(AriaRole.Button, new() { Name = "Win a prize" }).ClickAsync(), response => response.Url.EndsWith("/pause", StringComparison.Ordinal));

        answer.Status.Should().Be(403);
        (await Some.Tenants.GetAsync(tenant.Id, cancellationToken)).IsPaused.Should().BeFalse();
        (await Server.Database.ScalarAsync<int>("SELECT COUNT(*) FROM ChangeRecord WHERE Type = 'TENANT_PAUSED'")).Should().Be(0);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Visit_PageThatRunsAForeignScript_RecordsAnErrorAlsoOnLaterPages()
    {
        await using var visit = await Browser.VisitAsync(Server.Url);
        await visit.Page.RouteAsync($"{Server.Url}planted", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = SomeDashboard.Script }));

        await visit.Page.GotoAsync("planted");
        await visit.OpenAsync("/evaluations/tenants");

        visit.ConsoleErrors.Where(error => error == Visit.HackedError).Should().HaveCount(2, "the script and the image's handler both ran");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Viewer_SignedIn_SeesThePagesButNoButtonAndCannotAct(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync([.. SomeUser.Settings("reader", ViewerRole.Viewer)]);
        var tenant = await server.Some.TenantAsync("acme");
        await using var visit = await Browser.VisitAsync(server.Url);

        await visit.OpenAsync("/evaluations/tenants/acme");
        await visit.Page.GetByLabel("Name").FillAsync("reader");
        await visit.Page.GetByLabel("Password").FillAsync(SomeUser.Password);
        await visit.PressAsync("Sign in");

        (await visit.Page.Locator("h1").InnerTextAsync()).Should().Be("acme", "sign-in leads back to the requested page");
        (await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Pause" }).CountAsync()).Should().Be(0);

        // With a token of their own session, so that only the role can be the reason of the rejection.
        await visit.Page.GotoAsync("account");
        var token = await visit.Page.Locator("input[name=__RequestVerificationToken]").First.InputValueAsync();
        var answer = await visit.Page.EvaluateAsync<string>(
            """
            async token => {
              const body = new URLSearchParams({ __RequestVerificationToken: token, confirmed: 'yes' });
              const response = await fetch('/hangfire/evaluations/tenants/acme/pause', { method: 'POST', body });
              return response.status + ' ' + await response.text();
            }
            """,
            token);
        answer.Should().StartWith("403").And.Contain("You may read, but not change anything");
        (await server.Some.Tenants.GetAsync(tenant.Id, cancellationToken)).IsPaused.Should().BeFalse();
        visit.RequestsToOtherHosts.Should().BeEmpty();
    }
}
