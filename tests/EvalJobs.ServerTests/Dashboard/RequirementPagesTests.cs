using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The requirements of a version, shown and used in a real browser.</summary>
internal sealed class RequirementPagesTests : VisitFixture
{
    [Test]
    public async Task Void_BadLook_NoLongerCountsAndIsShownWithItsReason()
    {
        var tenant = await Some.TenantAsync("voider");
        await Some.SuiteAsync(tenant, 5);
        var run = await Some.PendingRunAsync(tenant);
        var claim = (await Some.ClaimAsync(await Some.LiveBatchAsync(tenant))).Single();
        await Some.Claims.SaveResultsAsync(claim, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id, CaseVerdict.Failed))], default);
        await Some.Claims.CompleteAsync(claim, default);

        await Visit.OpenAsync($"/evaluations/versions/{run.VersionId}");
        (await Visit.Page.InnerTextAsync(".ej-requirement")).Should().Contain("FAIL").And.Contain("0 of 5 answers passed over 1 look (0 %)").And.Contain($"Run {run.Id}");
        (await SentencesAsync("0 of 5 answers passed over 1 look (0 %)")).Should().Be(1, "the page shows it once");

        await Visit.OpenAsync($"/evaluations/runs/{run.Id}");
        await Visit.FollowAsync("Declare void");
        (await Visit.Page.InnerTextAsync("main")).Should().Contain("A void run is not evidence").And.Contain("cannot be undone");
        await Visit.Page.FillAsync("#ej-reason", "wrong <key>");
        await Visit.PressAsync("Declare void");

        (await Visit.MessageAsync()).Should().Be($"Run {run.Id} is void. It no longer counts. Its version has evalStatus NOT_RUN now.");
        (await Visit.Page.InnerTextAsync(".ej-message q")).Should().Be("wrong <key>");
        await Visit.OpenAsync($"/evaluations/versions/{run.VersionId}");
        (await Visit.Page.InnerTextAsync(".ej-requirement")).Should().Contain("No completed run counts yet.").And.Contain("VOID").And.Contain("web:local").And.Contain("wrong <key>");
        (await SentencesAsync("No completed run counts yet.")).Should().Be(1);
        await Visit.Page.ClickAsync("text=What is required");
        Visit.Page.Url.Should().EndWith("#ej-required");
    }

    [Test]
    public async Task Requirements_SomeNotMet_AreSummedUpWithoutTheirSentences()
    {
        var tenant = await Some.TenantAsync("several");
        await Some.SuiteAsync(tenant, 2);
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "other" }, Some.Cases(1), "test", default);
        await Server.Services.GetRequiredService<PromotionRepository>().SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite"},{"suite":"other"}]}""", null, "test", default);
        var version = await Some.VersionAsync(tenant);
        await Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default);

        await Visit.OpenAsync($"/evaluations/versions/{version.Id}");

        (await Visit.Page.InnerTextAsync("section:has(#ej-required)")).Should().Contain("2 of 2 requirements are not met. Wait for runs");
        (await SentencesAsync("No completed run counts yet.")).Should().Be(2, "each requirement shows it once");
    }

    private async Task<int> SentencesAsync(string sentence) => (await Visit.Page.InnerTextAsync("main")).Split(sentence).Length - 1;

    [Test]
    public async Task RequireAgain_Pressed_StoresTheNextRoundAndStartsTheMissingRun()
    {
        var tenant = await Some.TenantAsync("renewer");
        await Some.SuiteAsync(tenant, 2);
        var run = await Some.PendingRunAsync(tenant);
        await Some.Runs.CancelAsync(run.Id, "test", default);
        await Visit.OpenAsync($"/evaluations/versions/{run.VersionId}");

        await Visit.PressAsync("Require again");

        (await Visit.MessageAsync()).Should().Be("Round 2 of the requirements is stored; created: run 2.");
        (await Some.Runs.GetAsync(2, default)).Status.Should().Be(RunStatus.Pending);
    }

    [Test]
    public async Task RunPage_SuiteThatIsNotRequired_SaysSoAndOffersNoVoid()
    {
        var tenant = await Some.TenantAsync("informer");
        await Some.SuiteAsync(tenant, 2);
        var run = await Some.PendingRunAsync(tenant);
        var other = (await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "other" }, Some.Cases(1), "test", default)).Suite;
        var informative = await Some.Runs.CreateAsync(run.VersionId, other.Id, 0, RunTrigger.Manual, "test", default);

        await Visit.OpenAsync($"/evaluations/runs/{informative.Id}");

        (await Visit.Page.InnerTextAsync("body")).Should().Contain("For information only: the version does not require this run.");
        (await Visit.Page.Locator("text=Declare void").CountAsync()).Should().Be(0);
    }
}
