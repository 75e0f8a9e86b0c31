using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Pages that refresh themselves in a browser keep what the user did on them.</summary>
internal sealed class LiveBrowserTests : VisitFixture
{
    [Test]
    public async Task Run_OpenUntilItsEnd_KeepsWhatIsOpenTypedAndFocusedAndSaysFinished()
    {
        var tenant = await Some.TenantAsync("watched");
        await Some.SuiteAsync(tenant, cases: 20);
        await Some.PendingRunAsync(tenant);
        var run = (await Some.ClaimAsync(await Some.LiveBatchAsync(tenant)))[0];
        await SaveAsync(run, 5, CaseVerdict.Failed);
        await Visit.OpenAsync($"/evaluations/runs/{run.Id}");
        var page = Visit.Page;
        var passed = page.Locator("[data-key=case-9]");
        await passed.Locator("summary").ClickAsync();
        await page.Locator("[data-key=case-2] summary").ClickAsync();
        await page.Locator("[data-key=case-12] summary").FocusAsync();
        var scrolled = await page.EvaluateAsync<double>("window.scrollY");
        await page.EvaluateAsync("document.querySelector('[data-key=case-9]').mark = 'the same node'");

        await SaveAsync(run, 10, CaseVerdict.Passed);
        await page.Locator("#ej-live-progress", new() { HasText = "15 of 20 cases answered" }).WaitForAsync();

        (await passed.GetAttributeAsync("open")).Should().NotBeNull("the user opened it");
        (await page.Locator("[data-key=case-2]").GetAttributeAsync("open")).Should().BeNull("the user closed it");
        (await passed.InnerTextAsync()).Should().Contain("PASSED");
        (await page.EvaluateAsync<string>("document.querySelector('[data-key=case-9]').mark")).Should().Be("the same node");
        (await page.EvaluateAsync<string>("document.activeElement.closest('details').dataset.key")).Should().Be("case-12");
        (await page.EvaluateAsync<double>("window.scrollY")).Should().BeApproximately(scrolled, 40);

        await SaveAsync(run, 5, CaseVerdict.Passed);
        await Some.Claims.CompleteAsync(run, default);
        await page.Locator("#ej-live-end", new() { HasText = "Finished:" }).WaitForAsync();
        (await page.EvaluateAsync<string>("document.querySelector('[data-key=case-9]').mark")).Should().Be("the same node", "the page is not reloaded");
        await page.GetByRole(AriaRole.Link, new() { Name = "Show results" }).ClickAsync();
        (await page.Locator("#ej-live-end").InnerTextAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Run_EndsWhileOpen_RemovesOutdatedPartsExceptUnderTheFocus()
    {
        var tenant = await Some.TenantAsync("ending");
        await Some.SuiteAsync(tenant, cases: 2);
        var run = await Some.PendingRunAsync(tenant);
        await Visit.OpenAsync($"/evaluations/runs/{run.Id}");
        var page = Visit.Page;
        await page.Locator("#ej-priority").FillAsync("7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set priority" }).ClickAsync();
        (await Visit.MessageAsync()).Should().Contain("now has priority 7");
        await page.Locator("#ej-priority").FocusAsync();

        await Some.Runs.CancelAsync(run.Id, "test", default);
        await page.Locator("#ej-live-end", new() { HasText = "Finished:" }).WaitForAsync();

        (await page.GetByText("Cancel run").IsVisibleAsync()).Should().BeFalse();
        (await page.GetByText("now has priority 7").IsVisibleAsync()).Should().BeFalse("the run is no longer in the queue");
        (await page.EvaluateAsync<string>("document.activeElement.id")).Should().Be("ej-priority", "the refresh must not move the focus");
        await page.Keyboard.PressAsync("Tab");
        (await page.GetByText("Set priority").IsVisibleAsync()).Should().BeTrue("the focus went to the button of the same part");
        await page.Keyboard.PressAsync("Tab");
        (await page.GetByText("Set priority").IsVisibleAsync()).Should().BeFalse();
        (await page.EvaluateAsync<string>("document.activeElement.nodeName")).Should().NotBe("BODY");
    }

    [Test]
    public async Task Runs_NewOneComes_AppearsOnTopAndTicksAndTypedTextStay()
    {
        var tenant = await Some.TenantWithRunsAsync(3, slug: "listed");
        var runs = await Server.RunsAsync(tenant);
        await Visit.OpenAsync("/evaluations/runs?tenant=listed");
        var page = Visit.Page;
        await page.Locator($"[data-key=run-{runs[1].Id}] input").CheckAsync();
        await page.Locator("#ej-tenant").FillAsync("half a na");

        var added = await Some.PendingRunAsync(tenant);
        await page.Locator($"[data-key=run-{added.Id}]").WaitForAsync();

        (await page.Locator("[data-key]").First.GetAttributeAsync("data-key")).Should().Be($"run-{added.Id}");
        (await page.Locator("input:checked").GetAttributeAsync("value")).Should().Be($"{runs[1].Id}");
        (await page.Locator("#ej-tenant").InputValueAsync()).Should().Be("half a na");
        var before = await page.Locator($"[data-key=run-{added.Id}] time").InnerTextAsync();
        await page.WaitForFunctionAsync("([id, before]) => document.querySelector(`[data-key=run-${id}] time`).innerText !== before", new object[] { added.Id, before });
    }

    [Test]
    public async Task Page_OfATenantDeletedWhileOpen_SaysSoAndStopsRefreshing()
    {
        var tenant = await Some.TenantAsync("leaving");
        await Visit.OpenAsync("/evaluations/tenants/leaving");
        var asked = 0;
        Visit.Page.Request += (_, request) => asked += request.Headers.ContainsKey("x-live") ? 1 : 0;

        await Server.Database.ExecuteAsync("DELETE FROM ChangeRecord WHERE TenantId = @Id", new { tenant.Id });
        await Server.Database.ExecuteAsync("DELETE FROM Tenant WHERE Id = @Id", new { tenant.Id });

        await Visit.Page.Locator("#ej-live-state", new() { HasText = "What this page shows does not exist any more" }).WaitForAsync();
        var before = asked;
        await Task.Delay(TimeSpan.FromSeconds(7));
        asked.Should().Be(before);
    }

    /// <summary>The browser reports the 404 answer as a console error.</summary>
    protected override bool IsExpected(string error) =>
        TestContext.CurrentContext.Test.MethodName == nameof(Page_OfATenantDeletedWhileOpen_SaysSoAndStopsRefreshing) && error.Contains("404", StringComparison.Ordinal);

    private async Task SaveAsync(EvaluationRun run, int count, CaseVerdict verdict) =>
        await Some.Claims.SaveResultsAsync(run, [.. (await Some.UnansweredAsync(run.Id)).Take(count).Select(each => Some.Result(each.Id, verdict) with { Output = "a reply" })], default);
}
