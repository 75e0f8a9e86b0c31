using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class SuiteAndVersionListTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private SuiteListRepository Suites => new(Database.Database);

    private VersionListRepository Versions => new(Database.Database);

    private RunComparisonRepository Comparisons => new(Database.Database);

    /// <summary>Completes the tenant's pending runs, each case with the verdict the function gives it.</summary>
    private async Task CompleteAsync(Tenant tenant, Func<TestCase, CaseVerdict> verdict)
    {
        var batch = await Some.LiveBatchAsync(tenant);
        foreach (var run in await Some.ClaimAsync(batch))
        {
            foreach (var each in await Some.UnansweredAsync(run.Id))
                await Some.Claims.SaveResultsAsync(run, [Some.Result(each.Id, verdict(each))], default);
            await Some.Claims.CompleteAsync(run, default);
        }

        await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
    }

    [Test]
    public async Task ListAsync_Suites_PagesNewestFirstWithinTheTenantsGiven()
    {
        var (mine, other) = (await Some.TenantAsync(), await Some.TenantAsync());
        for (var index = 0; index < 3; index++)
        {
            await Some.Suites.SaveAsync(mine.Id, new SuiteDraft { Name = $"mine {index}" }, Some.Cases(index + 1), "test", default);
            await Some.Suites.SaveAsync(other.Id, new SuiteDraft { Name = $"other {index}" }, Some.Cases(1), "test", default);
        }

        var all = await Suites.ListAsync(null, long.MaxValue, 10, default);
        var first = await Suites.ListAsync([mine.Id], long.MaxValue, 2, default);
        var second = await Suites.ListAsync([mine.Id], first[^1].Id, 2, default);

        all.Should().HaveCount(6).And.BeInDescendingOrder(suite => suite.Id);
        first.Select(suite => (suite.Name, suite.CaseCount)).Should().Equal(("mine 2", 3), ("mine 1", 2));
        second.Should().ContainSingle().Which.Should().Match<SuiteRow>(suite => suite.Name == "mine 0" && suite.TenantSlug == mine.Slug && suite.RunCount == 0);
        (await Suites.ListAsync([mine.Id, other.Id], long.MaxValue, 4, default)).Should().HaveCount(4).And.BeInDescendingOrder(suite => suite.Id);
        (await Suites.ListAsync([], long.MaxValue, 4, default)).Should().BeEmpty("confined to no tenant that exists");
    }

    [Test]
    public async Task ListRunsAsync_GivesTheLatestOfEachSuite()
    {
        var tenant = await Some.TenantWithRunsAsync(3);
        await CompleteAsync(tenant, _ => CaseVerdict.Passed);
        var suite = (await Suites.ListAsync([tenant.Id], long.MaxValue, 1, default)).Single();

        var runs = await Suites.ListRunsAsync([suite.Id, 999_999], 2, default);

        suite.RunCount.Should().Be(3);
        runs[suite.Id].Should().HaveCount(2).And.BeInDescendingOrder(run => run.Id);
        runs[suite.Id].First().Should().Match<SuiteRunPoint>(run => run.Status == RunStatus.Completed && run.PassRate == 1);
    }

    [Test]
    public async Task FindKeysAsync_TellsWhichCaseHasAKey()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync());

        var taken = await Suites.FindKeysAsync(suite.Id, 1, ["case-2", "CASE-3", "none"], default);

        taken.Should().Equal(new Dictionary<string, int>(StringComparer.Ordinal) { ["case-2"] = 2 });
    }

    [Test]
    public async Task ListCasesAsync_LongText_IsCutAndSaysSo()
    {
        var tenant = await Some.TenantAsync();
        var cases = new[] { new TestCase { Ordinal = 1, CaseKey = "long", Input = new string('x', 500), ExpectedOutput = null } };
        var suite = (await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "s" }, cases.ToAsyncEnumerable(), "test", default)).Suite;

        var preview = (await Suites.ListCasesAsync(suite.Id, 1, 0, 100, 10, default)).Single();

        preview.Input.Should().HaveLength(100);
        preview.InputLength.Should().Be(500);
        preview.ExpectedOutput.Should().BeNull();
        (await Suites.GetTextAsync(suite.Id, preview.TestCaseId, default)).Input.Should().HaveLength(500);
    }

    [Test]
    public async Task ListAsync_Versions_FilterByAgentAndParent()
    {
        var tenant = await Some.TenantAsync();
        var parent = await Some.VersionAsync(tenant);
        var child = await Some.Versions.CreateAsync(tenant.Id, "agent", "child", Some.Genome(), parent.Id, "test", default);
        await Some.Versions.CreateAsync(tenant.Id, "another", "v", Some.Genome(), null, "test", default);
        await Some.VersionAsync(await Some.TenantAsync());

        (await Versions.ListAsync(new VersionListFilter(), 10, default)).Should().HaveCount(4);
        (await Versions.ListAsync(new VersionListFilter { TenantIds = [tenant.Id], AgentName = "agent" }, 10, default)).Select(each => each.Id)
            .Should().Equal(child.Id, parent.Id);
        (await Versions.ListAsync(new VersionListFilter { ParentVersionId = parent.Id }, 10, default)).Select(each => each.Id).Should().Equal(child.Id);
        (await Versions.ListAncestorsAsync(child, 5, default)).Select(each => each.Id).Should().Equal(parent.Id);
        (await Versions.ListAsync(new VersionListFilter { TenantIds = [tenant.Id], VersionLabel = "child" }, 10, default)).Select(each => each.Id).Should().Equal(child.Id);
        (await Versions.ListAsync(new VersionListFilter { TenantIds = [tenant.Id], AgentName = "another", VersionLabel = "child" }, 10, default)).Should().BeEmpty();
        (await Versions.ListAgentsAsync(tenant.Id, "", 10, default)).Should().Equal("agent", "another");
        (await Versions.ListAgentsAsync(tenant.Id, "agent", 10, default)).Should().Equal("another");
    }

    [Test]
    public async Task CompareAsync_AcrossRevisionsAndTheArchive_MatchesCasesByKey()
    {
        var tenant = await Some.TenantAsync();
        var suite = await Some.SuiteAsync(tenant, 10);
        var parent = await Some.VersionAsync(tenant);
        await Some.Versions.TransitionAsync(parent.Id, LifecycleState.Testing, null, 0, "test", default);
        await CompleteAsync(tenant, each => each.CaseKey is "case-8" or "case-9" ? CaseVerdict.Failed : CaseVerdict.Passed);
        await Database.PassAsync(TimeSpan.FromDays(100));
        (await new ArchiveRepository(Database.Database).ArchiveBatchAsync(90, 1000, default)).Runs.Should().Be(1);

        // The first case goes, so every ordinal and id differs from the parent's run.
        await Some.Suites.ReviseAsync(
            suite.Id, new SuiteEdit { Draft = new SuiteDraft { Name = "suite", BasedOn = 1, IsDefault = true }, FromRevision = 1, Removed = [1] }, "test", default);
        var child = await Some.Versions.CreateAsync(tenant.Id, "agent", "child", Some.Genome(), parent.Id, "test", default);
        await Some.Versions.TransitionAsync(child.Id, LifecycleState.Testing, null, 0, "test", default);
        await CompleteAsync(tenant, each => each.CaseKey is "case-2" or "case-3" or "case-8" ? CaseVerdict.Failed : CaseVerdict.Passed);

        var pair = (await Comparisons.ListComparableAsync(child.Id, parent.Id, default)).Single();
        var result = await Comparisons.CompareAsync(await Some.Runs.GetAsync(pair.RunId, default), await Some.Runs.GetAsync(pair.BaselineRunId, default), 2, default);

        pair.SuiteName.Should().Be("suite");
        result.Should().Match<RunComparison>(each => each.SharedCount == 9 && each.NewlyFailingCount == 2 && each.NewlyPassingCount == 1);
        result.Changed.Select(each => each.CaseKey).Should().Equal(["case-2", "case-3"], "newly failing ones come first, and the list was limited to two");
        result.P.Should().Be(1);
        (await Comparisons.ListComparableAsync(parent.Id, child.Id, default)).Should().ContainSingle();
    }
}
