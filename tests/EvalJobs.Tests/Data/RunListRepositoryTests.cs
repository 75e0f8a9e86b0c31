using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class RunListRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private RunListRepository Lists => new(Database.Database);

    private CasePreviewRepository Cases => new(Database.Database);

    [Test]
    public async Task ListAsync_EachFilter_FindsLiveAndArchivedRunsNewestFirst()
    {
        var (archived, live) = (await CompletedRunAsync(), await CompletedRunAsync(isArchived: false));

        (await IdsAsync(new RunListFilter())).Should().Equal(live.Id, archived.Id);
        (await IdsAsync(new RunListFilter { TenantIds = [archived.TenantId] })).Should().Equal(archived.Id);
        (await IdsAsync(new RunListFilter { TenantIds = [archived.TenantId, live.TenantId] })).Should().Equal(live.Id, archived.Id);
        (await IdsAsync(new RunListFilter { TenantIds = [] })).Should().BeEmpty();
        (await IdsAsync(new RunListFilter { SuiteId = archived.SuiteId })).Should().Equal(archived.Id);
        (await IdsAsync(new RunListFilter { VersionId = archived.VersionId })).Should().Equal(archived.Id);
        (await IdsAsync(new RunListFilter { BatchId = archived.TenantBatchId })).Should().Equal(archived.Id);
        (await IdsAsync(new RunListFilter { Status = RunStatus.Completed })).Should().Equal(live.Id, archived.Id);
        (await IdsAsync(new RunListFilter { TenantIds = [live.TenantId], Status = RunStatus.Completed })).Should().Equal(live.Id);
        (await IdsAsync(new RunListFilter { TenantIds = [live.TenantId], Status = RunStatus.Failed })).Should().BeEmpty();
        (await IdsAsync(new RunListFilter { VersionId = archived.VersionId, TenantIds = [live.TenantId] })).Should().BeEmpty();
        (await IdsAsync(new RunListFilter { BeforeId = live.Id })).Should().Equal(archived.Id);
        (await IdsAsync(new RunListFilter { AfterId = archived.Id })).Should().Equal(live.Id);
    }

    [Test]
    public async Task ListAsync_ARun_HasItsNamesAndOutcome()
    {
        var run = await CompletedRunAsync();

        var row = (await Lists.ListAsync([run.Id], default)).Single();

        row.Should().BeEquivalentTo(new { run.Id, SuiteName = "suite", AgentName = "agent", Outcome = EvalStatus.Pass, run.CaseCount });
        row.ArchivedAt.Should().NotBeNull();
        row.TenantSlug.Should().StartWith("tenant-");
    }

    [Test]
    public async Task ListAsync_ByOutcome_FindsCompletedRunsLiveAndArchivedAndVoidOnesSeparately()
    {
        var archived = await CompletedRunAsync();
        var (passed, failed, isVoid) = (await CompletedRunAsync(isArchived: false), await CompletedRunAsync(isArchived: false, CaseVerdict.Failed), await CompletedRunAsync(isArchived: false));
        await Some.PendingRunAsync(await Some.Tenants.GetAsync(passed.TenantId, default));
        await new PromotionRepository(Database.Database).VoidAsync(isVoid.Id, "wrong key", "test", default);

        (await IdsAsync(new RunListFilter { Outcome = RunOutcome.Pass })).Should().Equal(passed.Id, archived.Id);
        (await IdsAsync(new RunListFilter { Outcome = RunOutcome.Fail })).Should().Equal(failed.Id);
        (await IdsAsync(new RunListFilter { Outcome = RunOutcome.Void })).Should().Equal(isVoid.Id);
        (await IdsAsync(new RunListFilter { Outcome = RunOutcome.Pass, TenantIds = [archived.TenantId, failed.TenantId] })).Should().Equal(archived.Id);
        (await IdsAsync(new RunListFilter { Outcome = RunOutcome.Pass, BeforeId = passed.Id })).Should().Equal(archived.Id);
        (await Lists.ListAsync(new RunListFilter { Outcome = RunOutcome.Pass }, 1, default)).Should().ContainSingle().Which.Id.Should().Be(passed.Id);
        (await Lists.ListAsync([isVoid.Id, passed.Id], default)).Select(row => row.VoidedAt is not null).Should().Equal(true, false);
    }

    [Test]
    public async Task FindAsync_ByOutcomeAmongMoreThanTheSearchLimit_ReportsWhereItStopped()
    {
        var (first, second, third) = (await CompletedRunAsync(isArchived: false), await CompletedRunAsync(isArchived: false, CaseVerdict.Failed), await CompletedRunAsync(isArchived: false, CaseVerdict.Failed));
        var filter = new RunListFilter { Outcome = RunOutcome.Pass };

        var cut = await Lists.FindAsync(filter, 10, default, maxSearched: 2);
        var rest = await Lists.FindAsync(filter with { BeforeId = cut.SearchedTo!.Value }, 10, default, maxSearched: 2);

        cut.Should().BeEquivalentTo(new { SearchedTo = second.Id });
        cut.Runs.Should().BeEmpty();
        rest.Runs.Select(run => run.Id).Should().Equal(first.Id);
        (await Lists.FindAsync(filter, 10, default)).Should().BeEquivalentTo(new { SearchedTo = (long?)null });
        (await Lists.FindAsync(filter with { Outcome = RunOutcome.Fail }, 1, default, maxSearched: 1)).Should().BeEquivalentTo(new { SearchedTo = (long?)null });
        third.Id.Should().BeGreaterThan(second.Id);
    }

    [Test]
    public async Task ListAsync_PermanentlyFailedRun_ReportsItsHandlingAsTheFilterDoes()
    {
        var (open, acknowledged, retried) = (await FailedRunAsync(), await FailedRunAsync(), await FailedRunAsync());
        await Some.Runs.AcknowledgeAsync(acknowledged.Id, null, "test", default);
        var again = await Some.Runs.RetryAsync(retried.Id, "test", default);

        var rows = await Lists.ListAsync([open.Id, acknowledged.Id, retried.Id], default);

        rows.Select(row => (row.LaterRunId, IsAcknowledged: row.AcknowledgedAt is not null, row.NeedsAction))
            .Should().Equal((again.Id, false, false), (null, true, false), (null, false, true));
        (await IdsAsync(new RunListFilter { NeedsAction = true })).Should().Equal(open.Id);
        (await IdsAsync(new RunListFilter { NeedsAction = true, BatchId = open.TenantBatchId })).Should().Equal(open.Id);
        (await IdsAsync(new RunListFilter { NeedsAction = true, BatchId = acknowledged.TenantBatchId })).Should().BeEmpty();
        await Some.Runs.CancelAsync(again.Id, "test", default);
        (await Lists.ListAsync([retried.Id], default)).Single().NeedsAction.Should().BeTrue("a cancelled run replaces nothing");
    }

    [Test]
    public async Task VoidRun_InFiguresOfVersionsAndSuites_DoesNotCount()
    {
        var promotion = await new SomePromotion(Database.Database, Some).TestedAsync();
        var counting = await Some.Runs.GetAsync(promotion.CountingRunId, default);
        var versions = new VersionListRepository(Database.Database);
        var pairs = new RunComparisonRepository(Database.Database);
        var passing = new VersionListFilter { TenantIds = [counting.TenantId], SuiteId = counting.SuiteId, EvalStatus = EvalStatus.Pass };
        (await pairs.ListComparableAsync(promotion.VersionId, promotion.BaselineId, default)).Should().ContainSingle().Which.RunId.Should().Be(counting.Id);
        (await versions.ListPageAsync(passing, 10, default)).Versions.Should().HaveCount(2);

        await new PromotionRepository(Database.Database).VoidAsync(counting.Id, "wrong key", "test", default);

        (await pairs.ListComparableAsync(promotion.VersionId, promotion.BaselineId, default)).Should().BeEmpty("its earlier run is void, too");
        (await versions.ListPageAsync(passing, 10, default)).Versions.Should().ContainSingle().Which.Id.Should().Be(promotion.BaselineId);
        (await new SuiteListRepository(Database.Database).ListRunsAsync([counting.SuiteId], 10, default))[counting.SuiteId].Count(point => point.VoidedAt is null).Should().Be(1, "of three runs two are void");
        var baseline = (await Lists.ListAsync(new RunListFilter { VersionId = promotion.BaselineId }, 1, default)).Single();
        (await Some.Runs.ReadContextAsync(counting, default)).ComparedRunId.Should().Be(baseline.Id);
        await new PromotionRepository(Database.Database).VoidAsync(baseline.Id, "wrong key", "test", default);
        (await Some.Runs.ReadContextAsync(counting, default)).ComparedRunId.Should().BeNull();
    }

    [Test]
    public async Task FindIdAtAsync_BeforeAndAfterARun_BoundsIt()
    {
        var run = await CompletedRunAsync(isArchived: false);

        (await Lists.FindIdAtAsync(TimeSpan.FromDays(9000), default)).Should().Be(0);
        (await Lists.FindIdAtAsync(TimeSpan.Zero, default)).Should().Be(run.Id);
    }

    [Test]
    public async Task ListPreviews_OfARunningRun_ShowsAnsweredAndWaitingCasesTruncated()
    {
        var claim = await Some.ClaimedRunAsync();
        var first = (await Some.UnansweredAsync(claim.Id))[0];
        await Some.Claims.SaveResultsAsync(claim, [Some.Result(first.Id, CaseVerdict.Failed) with { Output = "a long reply" }], default);

        var all = await Cases.ListAsync(claim, null, 0, 6, 10, default);
        var waiting = await Cases.ListAsync(claim, CasePreviewRepository.Waiting, 0, 6, 10, default);
        var failed = await Cases.ListAsync(claim, "FAILED", 0, 6, 10, default);

        all.Select(each => each.Verdict).Should().Equal(CaseVerdict.Failed, null, null);
        all[0].Should().BeEquivalentTo(new { Output = "a long", OutputLength = 12L, Input = "questi", InputLength = 10L });
        waiting.Select(each => each.Ordinal).Should().Equal(2, 3);
        failed.Select(each => each.Ordinal).Should().Equal(1);
        (await Cases.CountVerdictsAsync(claim.Id, default)).Should().Equal(new Dictionary<CaseVerdict, int> { [CaseVerdict.Failed] = 1 });
        (await Cases.GetTextAsync(claim, first.Id, default)).Should().BeEquivalentTo(new { Output = "a long reply", Input = "question 1" });
    }

    [Test]
    public async Task ListPreviews_OfAnArchivedRun_FindsItsResults()
    {
        var run = await CompletedRunAsync();

        (await Cases.ListAsync(run, null, 0, 100, 10, default)).Should().HaveCount(3).And.OnlyContain(each => each.Output == "out");
        (await Cases.CountVerdictsAsync(run.Id, default))[CaseVerdict.Passed].Should().Be(3);
    }

    [Test]
    public async Task GetTextAsync_CaseOfAnotherSuite_IsNotFound()
    {
        var run = await CompletedRunAsync();
        var other = await Some.ClaimedRunAsync();
        var foreign = (await Some.UnansweredAsync(other.Id))[0];

        await Cases.Invoking(cases => cases.GetTextAsync(run, foreign.Id, default)).Should().ThrowAsync<NotFoundException>();
    }

    [Test]
    public async Task ListDayFlowAsync_CreatedAndEndedRuns_AreCountedByTenantAndHour()
    {
        var run = await CompletedRunAsync(isArchived: false);
        await Some.PendingRunAsync(await Some.Tenants.GetAsync(run.TenantId, default));

        var flow = await new OverviewRepository(Database.Database).ListDayFlowAsync(default);

        flow.Should().ContainSingle().Which.Should().BeEquivalentTo(new
        {
            run.TenantId,
            Hour = DayFlow.HourOf(run.CreatedAt),
            CreatedCount = 2L,
            CompletedCount = 1L,
            FailedCount = 0L,
            CancelledCount = 0L,
            PassedCaseCount = 3L,
            CaseCount = 3L,
        });
    }

    [Test]
    public async Task ListDayFlowAsync_VoidRun_CountsAsCompletedAndItsCasesDoNot()
    {
        var run = await CompletedRunAsync(isArchived: false);
        await new PromotionRepository(Database.Database).VoidAsync(run.Id, "wrong key", "web:alice", default);

        var flow = await new OverviewRepository(Database.Database).ListDayFlowAsync(default);

        flow.Sum(hour => hour.CompletedCount).Should().Be(1);
        flow.Sum(hour => hour.CaseCount).Should().Be(0, "a void run is no evidence, also on the overview");
        flow.Sum(hour => hour.PassedCaseCount).Should().Be(0);
    }

    [Test]
    public async Task ListLastBatchesAsync_SeveralBatches_ReturnsTheLatestOfEachRequestedTenant()
    {
        var tenant = await Some.TenantAsync();
        var first = await Some.LiveBatchAsync(tenant);
        await Some.Dispatches.FinishBatchAsync(first, BatchStatus.Completed, default, null, default);
        var second = await Some.LiveBatchAsync(tenant);
        await Some.LiveBatchAsync(await Some.TenantAsync());
        var overview = new OverviewRepository(Database.Database);

        (await overview.ListLastBatchesAsync([tenant.Id, 999], default)).Select(batch => batch.Id).Should().Equal(second.Id);
        (await overview.ListBatchesAsync(tenant.Id, 10, default)).Select(batch => batch.Id).Should().Equal(second.Id, first.Id);
    }

    [Test]
    public async Task ListAuditTrail_EachFilter_FindsWhatMatchesNewestFirst()
    {
        var run = await CompletedRunAsync(isArchived: false);
        var tenant = await Some.Tenants.GetAsync(run.TenantId, default);
        await Some.Changes.RecordRequestAsync(tenant, ChangeType.ProcessingRequested, "web:alice", default);
        await Some.Changes.RecordRequestAsync(null, ChangeType.CleanupRequested, "web:alice", default);

        (await TypesAsync(new AuditFilter { Actor = "web:alice" })).Should().Equal(ChangeType.CleanupRequested, ChangeType.ProcessingRequested);
        (await TypesAsync(new AuditFilter { Actor = "web:alice", TenantIds = [tenant.Id] })).Should().Equal(ChangeType.ProcessingRequested);
        (await TypesAsync(new AuditFilter { Type = ChangeType.RunCreated, TenantIds = [tenant.Id] })).Should().Equal(ChangeType.RunCreated);
        (await TypesAsync(new AuditFilter { Type = ChangeType.CleanupRequested })).Should().Equal(ChangeType.CleanupRequested);
        (await TypesAsync(new AuditFilter { Type = ChangeType.CleanupRequested, Actor = "web:bob" })).Should().BeEmpty();
        (await TypesAsync(new AuditFilter { Type = ChangeType.RunCompleted, TargetEntity = nameof(EvaluationRun), TargetId = run.Id })).Should().Equal(ChangeType.RunCompleted);
        (await TypesAsync(new AuditFilter { TargetEntity = nameof(EvaluationRun), TargetId = run.Id })).Should().Equal(ChangeType.RunCompleted, ChangeType.RunCreated);
        (await TypesAsync(new AuditFilter { TargetEntity = ChangeRecordRepository.ServerEntity })).Should().Equal(ChangeType.CleanupRequested);
        (await TypesAsync(new AuditFilter())).Should().StartWith([ChangeType.CleanupRequested, ChangeType.ProcessingRequested, ChangeType.RunCompleted]);
        (await TypesAsync(new AuditFilter { TenantIds = [tenant.Id] })).Should().NotContain(ChangeType.CleanupRequested);
        (await Some.Changes.ListAsync(new AuditFilter { AfterId = await Some.Changes.FindIdAtAsync(TimeSpan.Zero, default) }, 10, default)).Should().BeEmpty();
    }

    [TestCase(1001)]
    [TestCase(-1001)]
    public async Task Priority_OutOfBounds_IsRejectedWhereverItIsGiven(int priority)
    {
        var run = await Some.PendingRunAsync(await Some.TenantWithRunsAsync(0), priority: 1000);

        await Some.Runs.Invoking(runs => runs.SetPriorityAsync(run.Id, priority, "test", default))
            .Should().ThrowAsync<InvalidInputException>().WithMessage("*-1000 to 1000*");
        await Some.Runs.CancelAsync(run.Id, "test", default);
        await Some.Runs.Invoking(runs => runs.CreateAsync(run.VersionId, null, priority, RunTrigger.Manual, "test", default))
            .Should().ThrowAsync<InvalidInputException>().WithMessage("*-1000 to 1000*");
    }

    [Test]
    public async Task SetPriorityAsync_OfARunThatIsNotPending_IsRejected()
    {
        var run = await CompletedRunAsync(isArchived: false);

        await Some.Runs.Invoking(runs => runs.SetPriorityAsync(run.Id, 5, "test", default)).Should().ThrowAsync<ConflictException>();
    }

    private async Task<EvaluationRun> FailedRunAsync()
    {
        var claim = await Some.ClaimedRunAsync();
        await Some.Claims.FailAttemptAsync(claim, "no answer", 1, TimeSpan.Zero, isPermanent: true, default);
        return await Some.Runs.GetAsync(claim.Id, default);
    }

    private async Task<EvaluationRun> CompletedRunAsync(bool isArchived = true, CaseVerdict verdict = CaseVerdict.Passed)
    {
        var claim = await Some.ClaimedRunAsync();
        await Some.Claims.SaveResultsAsync(claim, [.. (await Some.UnansweredAsync(claim.Id)).Select(each => Some.Result(each.Id, verdict))], default);
        await Some.Claims.CompleteAsync(claim, default);
        if (isArchived)
        {
            await Database.PassAsync(TimeSpan.FromDays(91));
            await new ArchiveRepository(Database.Database).ArchiveBatchAsync(90, 1000, default);
        }

        return await Some.Runs.GetAsync(claim.Id, default);
    }

    private async Task<IEnumerable<long>> IdsAsync(RunListFilter filter) => (await Lists.ListAsync(filter, 10, default)).Select(run => run.Id);

    private async Task<IEnumerable<string>> TypesAsync(AuditFilter filter) => (await Some.Changes.ListAsync(filter, 10, default)).Select(record => record.Type);
}

/// <summary>Texts with a NUL character are rejected now, but an older database may contain some. SQLite's functions stop at this character.</summary>
internal sealed class NulTextTests : DatabaseFixture<SqliteTestDatabase>
{
    private const string Text = "before\0after";

    [Test]
    public async Task Lists_TextsWithNul_AreNotTruncatedThere()
    {
        var run = await Some.ClaimedRunAsync();
        var asked = (await Some.UnansweredAsync(run.Id))[0];
        await Some.Claims.SaveResultsAsync(run, [Some.Result(asked.Id)], default);
        await Database.ExecuteAsync($"UPDATE {Database.Schema}TestCase SET Input = 'before' || CHAR(0) || 'after', ExpectedOutput = 'before' || CHAR(0) || 'after'");
        await Database.ExecuteAsync($"UPDATE {Database.Schema}TestCaseResult SET Output = 'before' || CHAR(0) || 'after'");

        var cases = new CasePreviewRepository(Database.Database);
        var whole = (await cases.ListAsync(run, null, 0, 100, 10, default))[0];
        var cut = (await cases.ListAsync(run, null, 0, 8, 10, default))[0];
        var ofSuite = (await new SuiteListRepository(Database.Database).ListCasesAsync(run.SuiteId, run.SuiteRevision, 0, 8, 10, default))[0];
        var reply = (await new CaseOutcomeRepository(Database.Database).ListRepliesAsync(run.Id, [asked.Id], 8, default)).Values.Single();

        whole.Should().Match<CasePreview>(each => each.Output == Text && each.Input == Text && each.ExpectedOutput == Text && each.OutputLength == 12);
        cut.Should().Match<CasePreview>(each => each.Output == "before\0a" && each.InputLength == 12 && each.ExpectedLength == 12 && each.OutputLength == 12);
        ofSuite.Should().Match<SuiteCasePreview>(each => each.Input == "before\0a" && each.InputLength == 12 && each.ExpectedOutput == "before\0a");
        reply.Should().Match<CaseReply>(each => each.Output == "before\0a" && each.OutputLength == 12);
    }
}

/// <summary>The cost of the dashboard's lists depends on what they show, not on the size of the tables.</summary>
internal sealed class DashboardQueryPlanTests : DatabaseFixture<SqliteTestDatabase>
{
    [TestCase(SqlQuery.ListRunIds, "PRIMARY KEY")]
    [TestCase(SqlQuery.ListRunIdsOfVersion, "IX_EvaluationRun_Version", "IX_EvaluationRunArchive_Version")]
    [TestCase(SqlQuery.ListRunIdsOfSuite, "IX_EvaluationRun_Suite", "IX_EvaluationRunArchive_Suite")]
    [TestCase(SqlQuery.ListRunIdsOfBatch, "IX_EvaluationRun_Batch", "IX_EvaluationRunArchive_Batch")]
    [TestCase(SqlQuery.ListRunIdsOfTenantAndState, "IX_EvaluationRun_TenantStatus", "IX_EvaluationRunArchive_TenantStatus")]
    [TestCase(SqlQuery.ListRunIdsOfTenant, "IX_EvaluationRun_Tenant", "IX_EvaluationRunArchive_Tenant")]
    [TestCase(SqlQuery.ListRunIdsInState, "IX_EvaluationRun_Status", "IX_EvaluationRunArchive_Status")]
    [TestCase(SqlQuery.ListAuditTrail, "PRIMARY KEY")]
    [TestCase(SqlQuery.ListAuditTrailOfTarget, "IX_ChangeRecord_Target")]
    [TestCase(SqlQuery.ListAuditTrailOfActor, "IX_ChangeRecord_Actor")]
    [TestCase(SqlQuery.ListAuditTrailOfTenant, "IX_ChangeRecord_Tenant")]
    [TestCase(SqlQuery.ListVersionNames, "IX_AgentVersion_Tenant")]
    [TestCase(SqlQuery.GetRunContext, "IX_EvaluationRun_Version", "IX_EvaluationRunArchive_Version")]
    [TestCase(SqlQuery.FindRunIdAt, "IX_EvaluationRun_Created", "IX_EvaluationRunArchive_Created")]
    [TestCase(SqlQuery.FindChangeRecordIdAt, "IX_ChangeRecord_At")]
    public async Task List_EachLeadingFilter_ReadsItsOwnIndexWithoutSorting(SqlQuery query, params string[] indexes)
    {
        var plan = await PlanAsync(query);

        foreach (var index in indexes)
            plan.Should().Contain(step => step.Contains($"{index} (", StringComparison.Ordinal), string.Join('\n', plan));
        plan.Should().NotContain(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal), string.Join('\n', plan));
    }

    [Test]
    public async Task ListDayFlow_Always_ReadsOnlyTheDaysPartOfIndexes()
    {
        var plan = await PlanAsync(SqlQuery.ListDayFlow);

        plan.Should().Contain(step => step.Contains("USING COVERING INDEX IX_EvaluationRun_Created (CreatedAt>?)", StringComparison.Ordinal))
            .And.Contain(step => step.Contains("USING COVERING INDEX IX_EvaluationRun_Ended (CompletedAt>?)", StringComparison.Ordinal))
            .And.Contain(step => step.Contains("USING INDEX IX_RunLook_Void (CompletedAt>?)", StringComparison.Ordinal) || step.Contains("USING COVERING INDEX IX_RunLook_Void (CompletedAt>?)", StringComparison.Ordinal));
    }

    private async Task<List<string>> PlanAsync(SqlQuery query)
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {SqlCatalog.Load(StorageProvider.Sqlite)[query]}";
        foreach (var name in SqliteStatement.Prepare((Microsoft.Data.Sqlite.SqliteConnection)connection, command.CommandText["EXPLAIN QUERY PLAN ".Length..]).Parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, DBNull.Value);
            command.Parameters.Add(parameter);
        }

        var steps = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            steps.Add(reader.GetString(3));
        return steps;
    }
}
