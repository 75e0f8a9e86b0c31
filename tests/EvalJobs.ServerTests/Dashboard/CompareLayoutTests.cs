using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>How a comparison fits into windows of different widths, in a real browser.</summary>
internal sealed class CompareLayoutTests : BrowserFixture
{
    private IReadOnlyList<long> _runs = [];

    [OneTimeSetUp]
    public async Task AddRuns()
    {
        var tenant = await Some.Tenants.AddAsync("compared", "Compared", new TenantLimits(BatchLimit: 10), "test", default);
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite", IsDefault = true }, Some.Cases(4), "test", default);
        for (var index = 0; index < RunMatrix.MaxRuns; index++)
        {
            var version = await Some.Versions.CreateAsync(tenant.Id, "agent", $"{index}", Some.Genome(), null, "test", default);
            await Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default);
        }

        var runs = await Some.ClaimAsync(await Some.LiveBatchAsync(tenant), RunMatrix.MaxRuns);
        foreach (var run in runs)
        {
            await Some.Claims.SaveResultsAsync(run, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id) with { Output = "answer" })], default);
            await Some.Claims.CompleteAsync(run, default);
        }

        _runs = [.. runs.Select(run => run.Id)];
    }

    [TestCase(2, 1200, true)]
    [TestCase(6, 1200, false)]
    [TestCase(6, 1400, true)]
    public async Task Compare_WithUnbreakableWords_StaysAsWideAsTheWindowAndKeepsItsHeaderInView(int runs, int width, bool isKept)
    {
        await using var visit = await Browser.VisitAsync(Server.Url, width);
        await visit.OpenAsync($"/evaluations/compare?runs={string.Join(',', _runs.Take(runs))}");
        await visit.Page.Locator("a[data-part]").First.ClickAsync();
        await visit.Page.Locator("a[data-part][aria-expanded=true]").First.WaitForAsync();

        var (isWider, isHeadInView) = await visit.Page.EvaluateAsync<bool[]>(
            """
            () => {
              document.querySelectorAll('.ej-compare-cases > tbody > tr > th a').forEach(link => { link.textContent = 'k'.repeat(200); });
              document.querySelectorAll('.ej-first-line').forEach(line => { line.textContent = 'w'.repeat(300); });
              document.querySelector('.ej-compare-cases').style.marginBottom = '2000px';
              document.querySelector('.ej-compare-cases > tbody > tr:nth-child(2)').scrollIntoView({ block: 'start' });
              const head = document.querySelector('.ej-compare-cases > thead th').getBoundingClientRect();
              return [document.documentElement.scrollWidth > window.innerWidth, head.top >= 49 && head.bottom < 200];
            }
            """) is [var wide, var inView] ? (wide, inView) : (true, false);

        isWider.Should().BeFalse();
        isHeadInView.Should().Be(isKept, "more columns need a wider window");
    }
}
