using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>The scripts on runs follow the product's own rules: states, evaluation status, lease and fence, one live run per version.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class RunScriptTests<TDatabase> : ScriptFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task Requeue_ExpiredLease_IsDueAgainWithItsAttemptCountedAndFencesTheOldWorker()
    {
        await ApplyAsync("13-requeue-stuck-runs");

        var run = await Some.Runs.GetAsync(3, default);
        (run.Status, run.Attempt, run.LeaseOwner).Should().Be((RunStatus.Pending, 1, (string?)null));
        await FluentActions.Awaiting(() => Some.Claims.ReleaseAsync(TestData.Stuck, default)).Should().ThrowAsync<LeaseLostException>();
        (await Some.ClaimAsync(await Some.LiveBatchAsync(TestData.Acme))).Should().Contain(claimed => claimed.Id == 3 && claimed.Attempt == 2);
    }

    [Test]
    public async Task Requeue_WorkedAloneWhenItsProcessEnded_IsLeftToTheTickUnlessNamed()
    {
        await Some.Claims.MarkAloneAsync(TestData.Stuck, default);
        await ApplyAsync("13-requeue-stuck-runs");
        (await Some.Runs.GetAsync(3, default)).Status.Should().Be(RunStatus.Running);

        await ApplyAsync("13-requeue-stuck-runs", ("@IncludeAlone", true));
        (await Some.Runs.GetAsync(3, default)).Status.Should().Be(RunStatus.Pending);
    }

    [Test]
    public async Task Requeue_LeaseStillRenewed_IsRequeuedOnlyWhenNamed()
    {
        var live = (await Some.ClaimAsync(await Some.LiveBatchAsync(TestData.Globex))).Single();

        await ApplyAsync("13-requeue-stuck-runs");
        (await Some.Runs.GetAsync(live.Id, default)).Status.Should().Be(RunStatus.Running);

        await ApplyAsync("13-requeue-stuck-runs", ("@RunId", live.Id));
        (await Some.Runs.GetAsync(live.Id, default)).Status.Should().Be(RunStatus.Pending);
    }

    [Test]
    public async Task Requeue_MoreThanTop_ChangesTopRunsAndSaysThatMoreAreLeft()
    {
        await Some.ClaimAsync(await Some.LiveBatchAsync(TestData.Globex));
        await Database.PassAsync(TimeSpan.FromHours(1));

        var first = await AdminScript.Named("13-requeue-stuck-runs").RunAsync(Database, ("@Top", 1), ("@Apply", true));
        var second = await AdminScript.Named("13-requeue-stuck-runs").RunAsync(Database, ("@Top", 2), ("@Apply", true));

        first[0].Single()["RunId"].Should().Be(3L, "its lease expired first");
        first[1].Single()["Remark"].Should().Be("The limit @Top was reached: more may be left. Run it again.");
        second.Should().ContainSingle().Which.Single()["RunId"].Should().Be(7L);
    }

    [Test]
    public async Task Cancel_Tenant_EndsItsLiveRunsRestoresTheirVersionsAndStopsTheWorker()
    {
        await ApplyAsync("14-cancel-runs", ("@TenantSlug", "acme"), ("@Reason", "a \"wrong\" suite"));

        (await Some.RunsAsync(new RunListFilter { TenantIds = [TestData.Acme.Id] }, 10)).Should().OnlyContain(run => run.Status == RunStatus.Cancelled && run.CompletedAt != null);
        (await Some.Versions.GetAsync(3, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
        (await Some.Runs.GetAsync(7, default)).Status.Should().Be(RunStatus.Pending, "it belongs to another tenant");
        (await Some.Leases.ListHeldAsync(Some.Owner, [3], default)).Should().BeEmpty();
        (await Some.Changes.ListAsync(null, nameof(EvaluationRun), 3, long.MaxValue, 1, default)).Single().Payload
            .Should().Match<string>(payload => System.Text.Json.Nodes.JsonNode.Parse(payload, null, default)!["reason"]!.GetValue<string>() == "a \"wrong\" suite");
    }

    [Test]
    public async Task Cancel_RunWithResults_KeepsTheirFiguresLikeTheProgram()
    {
        var run = await Some.ClaimedRunAsync();
        await Some.Claims.SaveResultsAsync(run, [Some.Result((await Some.UnansweredAsync(run.Id))[0].Id)], default);

        await ApplyAsync("14-cancel-runs", ("@RunId", run.Id));

        (await Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(each => each.PassedCount == 1 && each.FailedCount == 0 && each.OverallScore == 1 && each.PassRate == null);
    }

    [TestCase("EVIDENCE", "[]", "{}")]
    [TestCase("RATE", "[\"case-1\"]", "{}")]
    [TestCase("RATE", "[]", "{\"safety\":0.5}")]
    public async Task Cancel_VersionOfARuleThatOnlyTheProgramComputes_RestoresItsStatus(string rule, string mustPass, string tags)
    {
        await Database.ExecuteAsync(
            $"UPDATE {Database.Schema}VersionRequirement SET [Rule] = '{rule}', MustPass = '{mustPass}', TagBounds = '{tags}' WHERE VersionId = 5");
        var run = await Some.Runs.CreateAsync(5, null, 0, RunTrigger.Manual, "test", default);
        await Database.ExecuteAsync($"UPDATE {Database.Schema}EvaluationRun SET PreviousEvalStatus = 'PASS' WHERE Id = {run.Id}");

        await ApplyAsync("14-cancel-runs", ("@RunId", run.Id));

        (await Some.Versions.GetAsync(5, default)).EvalStatus.Should().Be(EvalStatus.Pass, "a cancelled run is no evidence");
    }

    [Test]
    public async Task Cancel_VersionWithOtherEvidenceSince_IsFailUntilTheProgramComputes()
    {
        await Database.ExecuteAsync($"UPDATE {Database.Schema}VersionRequirement SET [Rule] = 'EVIDENCE' WHERE VersionId = 5");
        var run = await Some.Runs.CreateAsync(5, null, 0, RunTrigger.Manual, "test", default);
        await Database.ExecuteAsync($"UPDATE {Database.Schema}EvaluationRun SET PreviousEvalStatus = 'PASS' WHERE Id = {run.Id}");
        await Database.ExecuteAsync($"UPDATE {Database.Schema}RunLook SET CompletedAt = (SELECT CreatedAt FROM {Database.Schema}EvaluationRun WHERE Id = {run.Id}) WHERE VersionId = 5");

        await ApplyAsync("14-cancel-runs", ("@RunId", run.Id));

        (await Some.Versions.GetAsync(5, default)).EvalStatus.Should().Be(EvalStatus.Fail);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Cancel_VersionWhoseOnlyLookIsVoid_IsNotRunForScriptAndProgram(bool isByScript)
    {
        var look = await Database.ScalarAsync<long>($"SELECT MAX(RunId) FROM {Database.Schema}RunLook WHERE VersionId = 5");
        await new PromotionRepository(Database.Database).VoidAsync(look, "wrong key", "test", default);
        var run = await Some.Runs.CreateAsync(5, null, 0, RunTrigger.Manual, "test", default);

        if (isByScript)
            await ApplyAsync("14-cancel-runs", ("@RunId", run.Id));
        else
            await Some.Runs.CancelAsync(run.Id, "test", default);

        (await Some.Versions.GetAsync(5, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();
    }

    [TestCase("PENDING", RunStatus.Running, RunStatus.Cancelled)]
    [TestCase("RUNNING", RunStatus.Cancelled, RunStatus.Pending)]
    public async Task Cancel_RunsOfOneState_KeepsTheOther(string status, RunStatus running, RunStatus pending)
    {
        await ApplyAsync("14-cancel-runs", ("@TenantSlug", "acme"), ("@Status", status));

        (await Some.Runs.GetAsync(3, default)).Status.Should().Be(running);
        (await Some.Runs.GetAsync(4, default)).Status.Should().Be(pending);
    }

    [Test]
    public async Task Cancel_NothingNamed_IsRejected() => await RejectedAsync(50001, "14-cancel-runs");

    [Test]
    public async Task Enqueue_VersionWithoutLiveRun_IsWorkedLikeTheProductsOwn()
    {
        await ApplyAsync("15-enqueue-run", ("@VersionId", 5L), ("@Priority", 9));

        var run = (await Some.ClaimAsync(await Some.LiveBatchAsync(TestData.Globex), limit: 1)).Single();
        (run.VersionId, run.Priority, run.Trigger, run.PreviousEvalStatus, run.CaseCount, run.Attempt).Should().Be((5, 9, RunTrigger.Manual, EvalStatus.Pass, 3, 1));
        (await Some.Versions.GetAsync(5, default)).EvalStatus.Should().Be(EvalStatus.Running);
    }

    [TestCase(4L, 50006, TestName = "Enqueue_VersionWithALiveRun_IsRejected")]
    [TestCase(99L, 50002, TestName = "Enqueue_NoSuchVersion_IsRejected")]
    public async Task Enqueue_NotPossible_IsRejected(long version, int number) => await RejectedAsync(number, "15-enqueue-run", ("@VersionId", version));

    [Test]
    public async Task Enqueue_SuiteOfAnotherTenant_IsRejected()
    {
        var other = (await Some.Suites.ListAsync(TestData.Acme.Id, default)).Single();

        await RejectedAsync(50004, "15-enqueue-run", ("@VersionId", 5L), ("@SuiteId", other.Id));
    }

    [Test]
    public async Task Enqueue_RetiredVersion_IsRejected()
    {
        await Database.ExecuteAsync($"UPDATE {Database.Schema}AgentVersion SET LifecycleState = 'RETIRED' WHERE Id = 5");

        await RejectedAsync(50003, "15-enqueue-run", ("@VersionId", 5L));
    }

    [Test]
    public async Task RetryFailed_LastRunFailed_CreatesANewRunOfTheSameRevision()
    {
        await Some.SuiteAsync(TestData.Globex, cases: 5, threshold: 0.5);

        await ApplyAsync("16-retry-failed-runs");

        var run = (await Some.RunsAsync(new RunListFilter { VersionId = 6 }, 1)).Single();
        (run.Status, run.Trigger, run.PreviousEvalStatus, run.SuiteRevision, run.CaseCount, run.PassThreshold).Should()
            .Be((RunStatus.Pending, RunTrigger.Retry, EvalStatus.Fail, 1, 3, 0.8));
        (await Some.Runs.GetAsync(6, default)).Status.Should().Be(RunStatus.Failed, "a failed run itself never becomes PENDING again");
        (await Some.RunsAsync(new RunListFilter { VersionId = 5 }, 2)).Should().ContainSingle("it did not fail");
    }

    [Test]
    public async Task RetryFailed_ErrorDoesNotMatch_IsNotRetried()
    {
        var rows = (await AdminScript.Named("16-retry-failed-runs").RunAsync(Database, ("@ErrorLike", "%timeout%"))).Single();

        rows.Should().BeEmpty();
    }

    [Test]
    public async Task RetryFailed_RunNamed_IsRetriedWhateverItsAgeAndError()
    {
        await ApplyAsync("16-retry-failed-runs", ("@RunId", 6L), ("@SinceHours", 0), ("@ErrorLike", "%timeout%"));

        (await Some.RunsAsync(new RunListFilter { VersionId = 6 }, 1)).Single().Status.Should().Be(RunStatus.Pending);
    }

    [Test]
    public async Task RetryFailed_RestoredWhileItsSuccessorIsArchived_IsNotRetried()
    {
        await ApplyAsync("16-retry-failed-runs", ("@RunId", 6L));
        var retried = (await Some.RunsAsync(new RunListFilter { VersionId = 6 }, 1)).Single();
        await Some.Runs.CancelAsync(retried.Id, "test", default);
        await Database.PassAsync(TimeSpan.FromHours(1));
        await ApplyAsync("30-archive-now", ("@OlderThanDays", 0));
        await ApplyAsync("31-restore-from-archive", ("@RunId", 6L));

        (await AdminScript.Named("16-retry-failed-runs").RunAsync(Database)).Single().Should().BeEmpty("run {0} came after it", retried.Id);
        await RejectedAsync(50016, "16-retry-failed-runs", ("@RunId", 6L));
    }

    [TestCase(99L, TestName = "RetryFailed_NoSuchRunNamed_IsRejected")]
    [TestCase(5L, TestName = "RetryFailed_CompletedRunNamed_IsRejected")]
    public async Task RetryFailed_NamedRunThatCannotBeRetried_IsRejected(long run) => await RejectedAsync(50016, "16-retry-failed-runs", ("@RunId", run));

    [Test]
    public async Task SetPriority_Tenant_MovesItsPendingRunsOnly()
    {
        await ApplyAsync("17-set-priority", ("@TenantSlug", "acme"), ("@Priority", 42));

        (await Some.Runs.GetAsync(4, default)).Priority.Should().Be(42);
        (await Some.Runs.GetAsync(3, default)).Priority.Should().Be(0, "it has a live run already");
        (await Some.Runs.GetAsync(7, default)).Priority.Should().Be(0, "it belongs to another tenant");
    }

    [Test]
    public async Task SetPriority_MoreThanTop_ChangesTopRunsAndSaysThatMoreAreLeft()
    {
        await ApplyAsync("15-enqueue-run", ("@VersionId", 5L));

        var first = await AdminScript.Named("17-set-priority").RunAsync(Database, ("@TenantSlug", "globex"), ("@Top", 1), ("@Apply", true));
        var second = await AdminScript.Named("17-set-priority").RunAsync(Database, ("@TenantSlug", "globex"), ("@Apply", true));

        first[0].Single()["RunId"].Should().Be(7L);
        first[1].Single()["Remark"].Should().Be("The limit @Top was reached: more may be left. Run it again.");
        second.Should().ContainSingle().Which.Should().ContainSingle().Which["RunId"].Should().Be(8L);
    }

    [Test]
    public async Task Enqueue_Rows_EqualTheProgramsRows() => await SameRowsAsync(
        () => ApplyAsync("15-enqueue-run", ("@VersionId", 5L), ("@Priority", 9)), () => Some.Runs.CreateAsync(5, null, 9, RunTrigger.Manual, "test", default));

    [Test]
    public async Task RetryFailed_Rows_EqualTheProgramsRows() => await SameRowsAsync(
        () => ApplyAsync("16-retry-failed-runs", ("@RunId", 6L)), () => Some.Runs.RetryAsync(6, "test", default));

    [TestCase("14-cancel-runs")]
    [TestCase("16-retry-failed-runs")]
    [TestCase("17-set-priority")]
    [TestCase("30-archive-now")]
    [TestCase("31-restore-from-archive")]
    [TestCase("32-purge-archive")]
    public async Task Script_OfAnUnknownTenant_IsRejected(string name) => await RejectedAsync(50002, name, ("@TenantSlug", "acmee"));

    [TestCase(-1001)]
    [TestCase(1001)]
    public async Task SetPriority_OutOfRange_IsRejected(int priority) =>
        await RejectedAsync(50017, "17-set-priority", ("@TenantSlug", "acme"), ("@Priority", priority));

    /// <summary>The script and the program create the same run, version and audit record, except for the actor and the times.</summary>
    private async Task SameRowsAsync(Func<Task> script, Func<Task> program)
    {
        var versions = await TestData.SnapshotAsync("AgentVersion");

        await script();
        var byScript = await MadeAsync();
        await Database.ExecuteAsync($"UPDATE {Database.Schema}AgentVersion SET EvalStatus = CASE Id WHEN 5 THEN 'PASS' ELSE 'FAIL' END WHERE Id IN (5, 6)");
        (await TestData.SnapshotAsync("AgentVersion")).Should().Be(versions, "both must begin with the same state");
        await program();

        (await MadeAsync()).Should().Equal(byScript);
    }

    /// <summary>Reads the newest run and its audit record and deletes them.</summary>
    private async Task<List<string>> MadeAsync()
    {
        var id = await Database.ScalarAsync<long>($"SELECT MAX(Id) FROM {Database.Schema}EvaluationRun");
        var run = (IDictionary<string, object?>)(await Database.ListAsync<dynamic>($"SELECT * FROM {Database.Schema}EvaluationRun WHERE Id = {id}")).Single();
        var payload = System.Text.Json.Nodes.JsonNode.Parse(
            await Database.ScalarAsync<string>($"SELECT Payload FROM {Database.Schema}ChangeRecord WHERE TargetEntity = 'EvaluationRun' AND TargetId = {id}"), null, default)!.AsObject();
        await Database.ExecuteAsync($"DELETE FROM {Database.Schema}ChangeRecord WHERE TargetEntity = 'EvaluationRun' AND TargetId = {id}");
        await Database.ExecuteAsync($"DELETE FROM {Database.Schema}EvaluationRun WHERE Id = {id}");
        string[] moments = ["Id", "CreatedAt", "DueAt"];
        return
        [
            .. run.Where(cell => !moments.Contains(cell.Key)).Select(cell => $"{cell.Key}={cell.Value}"),
            .. payload.Where(each => each.Value is not null).Select(each => $"{each.Key}: {each.Value}").Order(StringComparer.Ordinal),
            await TestData.SnapshotAsync("AgentVersion"),
        ];
    }

    private async Task RejectedAsync(int number, string name, params (string, object?)[] variables)
    {
        var before = await TestData.SnapshotAsync();

        (await FluentActions.Awaiting(() => ApplyAsync(name, variables)).Should().ThrowAsync<AdminScriptException>()).Which.Number.Should().Be(number);

        (await TestData.SnapshotAsync()).Should().Be(before);
    }
}
