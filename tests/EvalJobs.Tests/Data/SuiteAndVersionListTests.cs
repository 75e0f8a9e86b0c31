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

    /// <summary>Completes the tenant's pending runs, each case with the verdict that the function returns.</summary>
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

        var all = await Suites.ListAsync(new SuiteListFilter { TenantIds = null }, 10, default);
        var first = await Suites.ListAsync(new SuiteListFilter { TenantIds = [mine.Id] }, 2, default);
        var second = await Suites.ListAsync(new SuiteListFilter { TenantIds = [mine.Id], BeforeId = first[^1].Id }, 2, default);

        all.Should().HaveCount(6).And.BeInDescendingOrder(suite => suite.Id);
        first.Select(suite => (suite.Name, suite.CaseCount)).Should().Equal(("mine 2", 3), ("mine 1", 2));
        second.Should().ContainSingle().Which.Should().Match<SuiteRow>(suite => suite.Name == "mine 0" && suite.TenantSlug == mine.Slug && suite.RunCount == 0);
        (await Suites.ListAsync(new SuiteListFilter { TenantIds = [mine.Id, other.Id] }, 4, default)).Should().HaveCount(4).And.BeInDescendingOrder(suite => suite.Id);
        (await Suites.ListAsync(new SuiteListFilter { TenantIds = [] }, 4, default)).Should().BeEmpty("limited to no existing tenant");
    }

    [Test]
    public async Task ListAsync_SuitesByNameAndTag_FindsThemIgnoringCase()
    {
        var tenant = await Some.TenantAsync();
        foreach (var (name, tags) in new[] { ("Billing 100%", new[] { "smoke", "größe" }), ("billing nightly", ["Smoke test"]), ("other", ["a\"b"]) })
            await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = name, Tags = tags }, Some.Cases(1), "test", default);

        (await NamesAsync(name: "BILLING")).Should().Equal("billing nightly", "Billing 100%");
        (await NamesAsync(name: "100%")).Should().Equal("Billing 100%");
        (await NamesAsync(tag: "SMOKE")).Should().Equal(["Billing 100%"], "a filter matches only whole tags");
        (await NamesAsync(tag: "größe")).Should().Equal("Billing 100%");
        (await NamesAsync(tag: "a\"b")).Should().Equal("other");
        (await NamesAsync(name: "billing", tag: "smoke test")).Should().Equal("billing nightly");
        (await NamesAsync(name: "billing", limit: 1)).Should().Equal("billing nightly");

        async Task<IEnumerable<string>> NamesAsync(string? name = null, string? tag = null, int limit = 10) =>
            (await Suites.ListAsync(new SuiteListFilter { TenantIds = [tenant.Id], Name = name, Tag = tag }, limit, default)).Select(suite => suite.Name);
    }

    [Test]
    public async Task ListPageAsync_VersionsByStateAndEvaluation_FindsThemPageByPage()
    {
        var tenant = await Some.TenantAsync();
        var suite = await Some.SuiteAsync(tenant, 2);
        var (passed, failed, running, draft) = (await Some.VersionAsync(tenant), await Some.VersionAsync(tenant), await Some.VersionAsync(tenant), await Some.VersionAsync(tenant));
        foreach (var (version, verdict) in new[] { (passed, CaseVerdict.Passed), (failed, CaseVerdict.Failed) })
        {
            await Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default);
            await CompleteAsync(tenant, _ => verdict);
        }

        await Some.Versions.TransitionAsync(running.Id, LifecycleState.Testing, null, 0, "test", default);

        foreach (var ofSuite in new[] { (long?)null, suite.Id })
        {
            (await IdsAsync(new() { EvalStatus = EvalStatus.Pass, SuiteId = ofSuite })).Should().Equal(passed.Id);
            (await IdsAsync(new() { EvalStatus = EvalStatus.Fail, SuiteId = ofSuite })).Should().Equal(failed.Id);
            (await IdsAsync(new() { EvalStatus = EvalStatus.Running, SuiteId = ofSuite })).Should().Equal(running.Id);
            (await IdsAsync(new() { EvalStatus = EvalStatus.NotRun, SuiteId = ofSuite })).Should().Equal(draft.Id);
        }

        (await IdsAsync(new() { LifecycleState = LifecycleState.Draft })).Should().Equal(draft.Id);
        (await IdsAsync(new() { LifecycleState = LifecycleState.Testing, EvalStatus = EvalStatus.Fail })).Should().Equal(failed.Id);
        (await IdsAsync(new() { EvalStatus = EvalStatus.Pass, SuiteId = 999_999 })).Should().BeEmpty();

        var testing = new VersionListFilter { TenantIds = [tenant.Id], LifecycleState = LifecycleState.Testing };
        var first = await Versions.ListPageAsync(testing, 2, default);
        first.Versions.Select(version => version.Id).Should().Equal(running.Id, failed.Id);
        var second = await Versions.ListPageAsync(testing with { BeforeId = first.NextBeforeId!.Value }, 2, default);
        second.Versions.Select(version => version.Id).Should().Equal(passed.Id);
        second.NextBeforeId.Should().BeNull();

        await Database.PassAsync(TimeSpan.FromDays(100));
        (await new ArchiveRepository(Database.Database).ArchiveBatchAsync(90, 1000, default)).Runs.Should().Be(2);
        (await IdsAsync(new() { EvalStatus = EvalStatus.Pass, SuiteId = suite.Id })).Should().Equal([passed.Id], "archived runs count");

        async Task<IEnumerable<long>> IdsAsync(VersionListFilter filter) =>
            (await Versions.ListPageAsync(filter with { TenantIds = [tenant.Id] }, 10, default)).Versions.Select(version => version.Id);
    }

    [Test]
    public async Task CompareAsync_Revisions_ListsWhatWasAddedRemovedAndChanged()
    {
        var tenant = await Some.TenantAsync();
        var suite = await Some.SuiteAsync(tenant, 6);
        var cases = await ListAllAsync(1);
        await Some.Suites.ReviseAsync(
            suite.Id,
            new SuiteEdit
            {
                Draft = new SuiteDraft { Name = "suite", BasedOn = 1, IsDefault = true },
                FromRevision = 1,
                Removed = [2],
                Replaced = [cases[2] with { Input = cases[2].Input + " " }, cases[3] with { ExpectedOutput = null }, cases[4] with { Name = cases[4].Name.ToUpperInvariant() + "É" }],
                Added = [new TestCase { Ordinal = 0, CaseKey = "new", Name = "new", Input = "new" }],
            },
            "test", default);

        var revisions = new SuiteRevisionRepository(Database.Database);
        var found = await revisions.CompareAsync(suite.Id, 1, 2, 1, 0, 10, 100, default);
        var back = await revisions.CompareAsync(suite.Id, 2, 1, 1, 0, 10, 100, default);
        var page = await revisions.CompareAsync(suite.Id, 1, 2, 1, 4, 10, 100, default);

        found.Should().Match<RevisionDifference>(each => each.AddedCount == 1 && each.RemovedCount == 1 && each.ChangedCount == 3 && each.Total == 5);
        found.Cases.Select(pair => (pair.Old?.CaseKey, pair.New?.CaseKey)).Should().BeEquivalentTo(
            [("case-2", null), ("case-3", "case-3"), ("case-4", "case-4"), ("case-5", "case-5"), ((string?)null, (string?)"new")], "a space at the end, a missing answer and the case of letters are changes");
        back.Should().Match<RevisionDifference>(each => each.AddedCount == 1 && each.RemovedCount == 1 && each.ChangedCount == 3);
        page.Cases.Should().ContainSingle();
        page.Total.Should().Be(5);
        (await revisions.CompareAsync(suite.Id, 2, 2, 1, 0, 10, 100, default)).Total.Should().Be(0);
        (await revisions.CompareAsync(suite.Id, 1, 2, 2, 0, 10, 100, default)).Total.Should().Be(0, "the second part begins after 20,000 cases");

        async Task<List<TestCase>> ListAllAsync(int revision) =>
            [.. (await Suites.ListCasesAsync(suite.Id, revision, 0, 1000, 100, default)).Select(each => new TestCase
            {
                Ordinal = each.Ordinal, CaseKey = each.CaseKey, Name = each.Name, Input = each.Input, ExpectedOutput = each.ExpectedOutput, Scoring = each.Scoring, Weight = each.Weight, Tags = each.Tags, MustPass = each.MustPass,
            })];
    }

    [Test]
    public async Task ListRequestsAsync_OfRuns_ReturnsRequestsNewestFirst()
    {
        var run = await Some.ClaimedRunAsync();
        var other = await Some.ClaimedRunAsync();
        var changes = new ChangeRecordRepository(Database.Database);

        var found = await changes.ListRequestsAsync(run.TenantId, nameof(EvaluationRun), [run.Id, other.Id], long.MaxValue, 10, default);

        found.Should().ContainSingle().Which.Should().Match<ChangeRecord>(record => record.Type == ChangeType.RunCreated && record.TargetId == run.Id, "the other run is another tenant's");
        (await changes.ListRequestsAsync(run.TenantId, nameof(EvaluationRun), [run.Id], found[0].Id, 10, default)).Should().BeEmpty();
        (await changes.ListRequestsAsync(run.TenantId, nameof(EvaluationRun), [], long.MaxValue, 10, default)).Should().BeEmpty();
    }

    [Test]
    public async Task ListRunsAsync_Always_ReturnsTheLatestOfEachSuite()
    {
        var tenant = await Some.TenantWithRunsAsync(3);
        await CompleteAsync(tenant, _ => CaseVerdict.Passed);
        var suite = (await Suites.ListAsync(new SuiteListFilter { TenantIds = [tenant.Id] }, 1, default)).Single();

        var runs = await Suites.ListRunsAsync([suite.Id, 999_999], 2, default);

        suite.RunCount.Should().Be(3);
        runs[suite.Id].Should().HaveCount(2).And.BeInDescendingOrder(run => run.Id);
        runs[suite.Id].First().Should().Match<SuiteRunPoint>(run => run.Status == RunStatus.Completed && run.PassRate == 1 && run.Outcome == EvalStatus.Pass);
    }

    [Test]
    public async Task FindKeysAsync_Always_ReturnsTheCaseOfEachKey()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync());

        var taken = await Suites.FindKeysAsync(suite.Id, 1, ["case-2", "CASE-3", "none"], default);

        taken.Should().Equal(new Dictionary<string, int>(StringComparer.Ordinal) { ["case-2"] = 2 });
    }

    [Test]
    public async Task ListCasesAsync_LongText_IsTruncatedAndMarked()
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
        (await Versions.ListAsync([child.Id], default)).Single().Should().Match<VersionRow>(each => each.ParentAgentName == parent.AgentName && each.ParentVersionLabel == parent.VersionLabel);
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

        // The first case is removed, so every ordinal and id differs from the parent's run.
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

    [Test]
    public async Task ListComparableAsync_RequiredSuites_ComeFirst()
    {
        var tenant = await Some.TenantAsync();
        var required = await Some.SuiteAsync(tenant, 1);
        var parent = await Some.VersionAsync(tenant);
        await Some.Versions.TransitionAsync(parent.Id, LifecycleState.Testing, null, 0, "test", default);
        var child = await Some.Versions.CreateAsync(tenant.Id, "agent", "child", Some.Genome(), parent.Id, "test", default);
        await Some.Versions.TransitionAsync(child.Id, LifecycleState.Testing, null, 0, "test", default);
        await CompleteAsync(tenant, _ => CaseVerdict.Passed);
        var newest = (await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "newest" }, Some.Cases(1), "test", default)).Suite;
        foreach (var version in new[] { parent, child })
        {
            await Some.Runs.CreateAsync(version.Id, newest.Id, 0, RunTrigger.Manual, "test", default);
            await CompleteAsync(tenant, _ => CaseVerdict.Passed);
        }

        var found = await Comparisons.ListComparableAsync(child.Id, parent.Id, default);

        found.Select(pair => pair.SuiteId).Should().Equal(required.Id, newest.Id);
        ComparableRuns.Choose(found, null)!.SuiteId.Should().Be(required.Id, "it is required, although the other is newer");
        ComparableRuns.Choose(found, newest.Id)!.SuiteId.Should().Be(newest.Id);
        ComparableRuns.Choose(found, 0).Should().BeNull();
    }

    [Test]
    public async Task ListComparableAsync_NoLongerRequired_CountsAsAnyOther()
    {
        var tenant = await Some.TenantAsync();
        var first = await Some.SuiteAsync(tenant, 1);
        var second = (await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "second" }, Some.Cases(1), "test", default)).Suite;
        var parent = await Some.VersionAsync(tenant);
        await Some.Versions.TransitionAsync(parent.Id, LifecycleState.Testing, null, 0, "test", default);
        var child = await Some.Versions.CreateAsync(tenant.Id, "agent", "child", Some.Genome(), parent.Id, "test", default);
        await Some.Versions.TransitionAsync(child.Id, LifecycleState.Testing, null, 0, "test", default);
        await CompleteAsync(tenant, _ => CaseVerdict.Passed);
        await Some.Runs.CreateAsync(parent.Id, second.Id, 0, RunTrigger.Manual, "test", default);
        var promotion = new PromotionRepository(Database.Database);
        await promotion.SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"second"}]}""", null, "test", default);
        await promotion.RequireAgainAsync(child.Id, "test", default);
        await CompleteAsync(tenant, _ => CaseVerdict.Passed);
        await Some.Runs.CreateAsync(child.Id, first.Id, 0, RunTrigger.Manual, "test", default);
        await CompleteAsync(tenant, _ => CaseVerdict.Passed);

        (await Comparisons.ListComparableAsync(child.Id, parent.Id, default)).Select(pair => pair.SuiteId).Should().Equal(second.Id, first.Id);
    }

    [Test]
    public async Task ListPresentPoliciesAsync_RevisionsOfSeveral_ReturnsTheNewestOfEach()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, 1);
        var promotion = new PromotionRepository(Database.Database);
        foreach (var (agent, limit) in new[] { ("b", "0.1"), ("", "0.2"), ("a", "0.3"), ("b", "0.4") })
            await promotion.SetPolicyAsync(tenant.Id, agent, $$"""{"requirements":[{"suite":"suite","threshold":{{limit}}}]}""", null, "test", default);

        (await promotion.ListPresentPoliciesAsync(tenant.Id, 10, default)).Select(policy => (policy.AgentName, policy.Revision)).Should().Equal(("", 1), ("a", 1), ("b", 2));
    }

    [Test]
    public async Task SaveAndReviseAsync_TagWithAComma_IsRejectedUnlessItIsStored()
    {
        var tenant = await Some.TenantAsync();
        var suite = await Some.SuiteAsync(tenant, 1);
        var edit = new SuiteEdit { Draft = new SuiteDraft { Name = "suite", Tags = ["a,b"] }, FromRevision = 1 };

        await Some.Suites.Invoking(each => each.ReviseAsync(suite.Id, edit, "test", default)).Should().ThrowAsync<InvalidInputException>().WithMessage("The tag 'a,b' is not allowed: *no comma*");
        await Some.Suites.Invoking(each => each.SaveAsync(tenant.Id, edit.Draft, Some.Cases(1), "test", default)).Should().ThrowAsync<InvalidInputException>().WithMessage("The tag 'a,b' is not allowed: *");

        // Stored by an earlier version of the program.
        await Database.ExecuteAsync($"""UPDATE {Database.Schema}EvaluationSuite SET Tags = '["a,b"]' WHERE Id = {suite.Id}""");
        (await Some.Suites.ReviseAsync(suite.Id, edit with { Draft = edit.Draft with { Tags = ["a,b", "c"] } }, "test", default)).Suite.Tags.Should().Be("""["a,b","c"]""");
    }
}
