using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>The crash test depends on its checker, so each invariant must report the violation planted for it.</summary>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class InvariantsTests<TDatabase> where TDatabase : TestDatabase, new()
{
    /// <summary>Archives run 1 without its results, pass rate and score.</summary>
    private const string ArchiveRun1 =
        "INSERT INTO eval.EvaluationRunArchive (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, "
        + "[Trigger], CreatedAt, CompletedAt, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount) "
        + "SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, "
        + "[Trigger], CreatedAt, CompletedAt, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount FROM eval.EvaluationRun WHERE Id = 1";

    private TDatabase _database = null!;
    private Some _some = null!;

    [SetUp]
    public async Task Create()
    {
        _database = new TDatabase();
        await _database.CreateAsync();
        _some = new Some(_database.Database);

        // Run 1 COMPLETED with 3 of 3, run 2 FAILED with 1 of 3, run 3 RUNNING, run 4 PENDING, each with its own version.
        var tenant = await _some.TenantWithRunsAsync(4, cases: 3);
        var runs = await _some.ClaimAsync(await _some.LiveBatchAsync(tenant), limit: 3);
        var cases = await _some.UnansweredAsync(runs[0].Id);
        await _some.Claims.SaveResultsAsync(runs[0], [.. cases.Select(each => Some.Result(each.Id))], default);
        await _some.Claims.CompleteAsync(runs[0], default);
        await _some.Claims.SaveResultsAsync(runs[1], [Some.Result(cases[0].Id)], default);
        await _some.Claims.FailAttemptAsync(runs[1], "broken", maxAttempts: 1, TimeSpan.Zero, isPermanent: true, default);
    }

    [TearDown]
    public async Task Drop() => await _database.DisposeAsync();

    [Test]
    public async Task CheckAsync_RunsInEveryState_FindsNothing() => (await Invariants.CheckAsync(_database)).Should().BeEmpty();

    [Test]
    public async Task CheckAsync_OnlyRunIsVoid_FindsNothing()
    {
        await new PromotionRepository(_database.Database).VoidAsync(1, "wrong key", "test", default);

        (await _some.Versions.GetAsync(1, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();
        await _database.ExecuteAsync(_database.Planted("UPDATE eval.AgentVersion SET EvalStatus = 'PASS' WHERE Id = 1"));
        (await Invariants.CheckAsync(_database)).Should().Equal("version 1 has an evalStatus that disagrees with its requirements");
    }

    [TestCase("UPDATE eval.EvaluationRun SET LeaseOwner = 'late' WHERE Id = 1", "run 1 is not RUNNING but has a lease")]
    [TestCase("UPDATE eval.EvaluationRun SET LeaseUntil = NULL WHERE Id = 3", "run 3 is RUNNING without a lease")]
    [TestCase("UPDATE eval.EvaluationRun SET CompletedAt = NULL WHERE Id = 1", "run 1 has ended without a time of its end")]
    [TestCase("UPDATE eval.EvaluationRun SET CompletedAt = CreatedAt WHERE Id = 4", "run 4 has a time of its end but has not ended")]
    [TestCase("INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (1, 'RUN_FAILED', 'EvaluationRun', 1, 'system', '{}')", "run 1 was not ended exactly once")]
    [TestCase("DELETE FROM eval.ChangeRecord WHERE Type = 'RUN_FAILED'", "run 2 was not ended exactly once")]
    [TestCase("DELETE FROM eval.TestCaseResult WHERE RunId = 1 AND TestCaseId = 2", "run 1 is COMPLETED without a result for every case")]
    [TestCase("UPDATE eval.EvaluationRun SET PassedCount = 0, ErroredCount = 3 WHERE Id = 1", "run 1 is COMPLETED although every case is ERRORED")]
    [TestCase("NOKEY(TestCaseResult); INSERT INTO eval.TestCaseResult SELECT * FROM eval.TestCaseResult WHERE RunId = 2", "run 2 has two results for one case")]
    [TestCase("UPDATE eval.TestCaseResult SET TestCaseId = 99 WHERE RunId = 2", "run 2 has a result of a case that is not its own")]
    [TestCase("UPDATE eval.EvaluationRun SET CaseCount = 4 WHERE Id = 4", "run 4 counts other cases than its suite has")]
    [TestCase("UPDATE eval.TestCaseResult SET Verdict = 'FAILED' WHERE RunId = 1 AND TestCaseId = 1", "run 1 has counts that disagree with its results")]
    [TestCase("INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, DurationMs) VALUES (2, 2, 'PASSED', 1)", "run 2 has counts that disagree with its results")]
    [TestCase("UPDATE eval.EvaluationRun SET Status = 'CANCELLED', PassedCount = 1 WHERE Id = 4", "run 4 has counts that disagree with its results")]
    [TestCase("UPDATE eval.EvaluationRun SET Status = 'CANCELLED', PassedCount = 0, FailedCount = 0, OverallScore = NULL WHERE Id = 2", "run 2 has counts that disagree with its results")]
    [TestCase("UPDATE eval.EvaluationRun SET Status = 'CANCELLED', OverallScore = NULL WHERE Id = 2", "run 2 has an overall score that disagrees with its results")]
    [TestCase("UPDATE eval.EvaluationRun SET PassRate = 0.5 WHERE Id = 1", "run 1 has a pass rate that disagrees with its counts")]
    [TestCase("UPDATE eval.EvaluationRun SET OverallScore = 0.5 WHERE Id = 1", "run 1 has an overall score that disagrees with its results")]
    [TestCase("UPDATE eval.EvaluationRun SET Status = 'CANCELLED', OverallScore = 1 WHERE Id = 4", "run 4 has an overall score that disagrees with its results")]
    [TestCase("UPDATE eval.EvaluationRun SET OverallScore = NULL WHERE Id = 2", "run 2 has an overall score that disagrees with its results")]
    [TestCase("UPDATE eval.AgentVersion SET EvalStatus = 'FAIL' WHERE Id = 1", "version 1 has an evalStatus that disagrees with its requirements")]
    [TestCase("UPDATE eval.AgentVersion SET EvalStatus = 'PASS' WHERE Id = 2", "version 2 has an evalStatus that disagrees with its requirements")]
    [TestCase("UPDATE eval.AgentVersion SET EvalStatus = 'PASS' WHERE Id = 3", "version 3 has an evalStatus that disagrees with its requirements")]
    [TestCase("INSERT INTO eval.AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus) SELECT TenantId, 'new', VersionLabel, Genome, GenomeHash, 'TESTING', 'RUNNING' FROM eval.AgentVersion WHERE Id = 1", "version 5 is RUNNING without a run that has not ended")]
    [TestCase("UPDATE eval.AgentVersion SET EvalStatus = 'RUNNING' WHERE Id = 1", "version 1 is RUNNING without a run that has not ended")]
    [TestCase("UPDATE eval.AgentVersion SET LifecycleState = 'APPROVED', EvalStatus = 'NOT_RUN' WHERE Id = 1", "version 1 is past TESTING but was never evaluated")]
    [TestCase("UPDATE eval.AgentVersion SET LifecycleState = 'CANDIDATE' WHERE Id = 2", "version 2 became a CANDIDATE without PASS")]
    [TestCase("UPDATE eval.AgentVersion SET LifecycleState = 'CANDIDATE' WHERE Id = 2; INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (1, 'VERSION_TRANSITIONED', 'AgentVersion', 2, 'system', '{\"from\":\"TESTING\",\"to\":\"CANDIDATE\"}')", "version 2 became a CANDIDATE without PASS")]
    [TestCase("DELETE FROM eval.VersionRequirement WHERE VersionId = 4; DELETE FROM eval.VersionGate WHERE VersionId = 4", "version 4 is in TESTING but has no requirements")]
    [TestCase("UPDATE eval.VersionRequirement SET TenantId = 99 WHERE VersionId = 1", "version 1 has a requirement of another tenant, or a suite or baseline of one")]
    [TestCase("UPDATE eval.EvaluationRun SET Status = 'CANCELLED' WHERE Id = 1", "run 1 is evidence but did not complete")]
    [TestCase("UPDATE eval.RunLook SET Outcomes = 'PPF' WHERE RunId = 1", "run 1 is evidence with other figures than its own")]
    [TestCase("UPDATE eval.RunLook SET Outcomes = 'PP' WHERE RunId = 1", "run 1 is evidence with other figures than its own")]
    [TestCase("UPDATE eval.RunLook SET VoidedAt = CompletedAt WHERE RunId = 1", "run 1 is void without a person or a reason")]
    [TestCase("UPDATE eval.VersionRequirement SET [Rule] = 'EVIDENCE' WHERE VersionId = 2; UPDATE eval.AgentVersion SET EvalStatus = 'PASS' WHERE Id = 2", "version 2 has an evalStatus that disagrees with its requirements")]
    [TestCase("INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (1, 'VERSION_TRANSITIONED', 'AgentVersion', 1, 'system', '{\"from\":\"TESTING\",\"to\":\"CANDIDATE\",\"certificate\":\"0\"}')", "version 1 was promoted, but its certificate is missing")]
    [TestCase("UPDATE eval.AgentVersion SET ParentVersionId = 2, AgentName = 'other' WHERE Id = 1", "version 1 has a parent of another tenant or another agent")]
    [TestCase("UPDATE eval.AgentVersion SET ParentVersionId = 2, TenantId = 99 WHERE Id = 1", "version 1 has a parent of another tenant or another agent")]
    [TestCase("DROP INDEX UX_EvaluationRun_LiveVersionSuite ON eval.EvaluationRun; UPDATE eval.EvaluationRun SET VersionId = 4 WHERE Id = 3", "version 4 has two live runs of one suite")]
    [TestCase("DROP INDEX UX_TenantBatch_Live ON eval.TenantBatch; INSERT INTO eval.TenantBatch (TenantId, Status, LeaseUntil) SELECT 1, 'QUEUED', MAX(LeaseUntil) FROM eval.TenantBatch", "tenant 1 has two live batches")]
    [TestCase("INSERT INTO eval.RunSchedule (TenantId, SuiteId, AgentName, Cron, TimeZone, Priority, CreatedBy) VALUES (99, 1, 'agent', '0 2 * * *', 'UTC', 0, 'test')", "schedule 1 is of a suite of another tenant")]
    [TestCase("INSERT INTO eval.RunSchedule (TenantId, SuiteId, AgentName, Cron, TimeZone, Priority, CreatedBy, LastOutcome) VALUES (1, 1, 'agent', '0 2 * * *', 'UTC', 0, 'test', 'CREATED')", "schedule 1 has an outcome that does not match its run")]
    [TestCase("UPDATE eval.Alert SET [Count] = 2", "tenant 1 has runs that failed permanently but no alert about them, or the reverse")]
    [TestCase("DELETE FROM eval.Alert", "tenant 1 has runs that failed permanently but no alert about them, or the reverse")]
    [TestCase("UPDATE eval.Alert SET Status = 'SENT'", "alert 1 has ended but still has a lease, or the reverse")]
    [TestCase("UPDATE eval.EvaluationRun SET TenantId = 99 WHERE Id = 4", "run 4 is of another tenant than its version or its suite")]
    [TestCase(ArchiveRun1, "run 1 is both in the archive and live")]
    [TestCase("INSERT INTO eval.EvaluationRunArchive (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, [Trigger], CreatedAt, CompletedAt, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount) SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, [Trigger], CreatedAt, CompletedAt, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount FROM eval.EvaluationRun WHERE Id = 4", "archived run 4 has not ended")]
    [TestCase("INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, DurationMs) SELECT RunId, TestCaseId, Verdict, DurationMs FROM eval.TestCaseResult WHERE RunId = 1", "run 1 has a result that is in the archive as well")]
    [TestCase(ArchiveRun1, "archived run 1 is COMPLETED without a result for every case")]
    [TestCase(ArchiveRun1 + "; UPDATE eval.EvaluationRunArchive SET PassedCount = 0, ErroredCount = 3", "archived run 1 is COMPLETED although every case is ERRORED")]
    [TestCase(ArchiveRun1 + "; UPDATE eval.EvaluationRunArchive SET CaseCount = 4", "archived run 1 counts other cases than its suite has")]
    [TestCase(ArchiveRun1 + "; UPDATE eval.EvaluationRunArchive SET TenantId = 99", "archived run 1 refers to a version or a suite that its tenant does not have")]
    [TestCase(ArchiveRun1 + "; UPDATE eval.EvaluationRunArchive SET SuiteId = 99", "archived run 1 refers to a version or a suite that its tenant does not have")]
    [TestCase(ArchiveRun1 + "; INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, DurationMs) VALUES (1, 99, 'PASSED', 1)", "run 1 has an archived result of a case that is not its own")]
    [TestCase("INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, DurationMs) VALUES (9, 1, 'PASSED', 1)", "run 9 has archived results but does not exist")]
    [TestCase(ArchiveRun1, "archived run 1 has counts that disagree with its results")]
    [TestCase(ArchiveRun1 + "; INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, DurationMs) VALUES (1, 1, 'PASSED', 1); UPDATE eval.EvaluationRunArchive SET Status = 'CANCELLED', PassedCount = 0", "archived run 1 has counts that disagree with its results")]
    [TestCase(ArchiveRun1, "archived run 1 has a pass rate that disagrees with its counts")]
    [TestCase(ArchiveRun1 + "; UPDATE eval.EvaluationRunArchive SET OverallScore = 0.5", "archived run 1 has an overall score that disagrees with its results")]
    public async Task CheckAsync_PlantedViolation_IsReported(string planted, string expected)
    {
        await _database.ExecuteAsync(_database.Planted(planted));

        (await Invariants.CheckAsync(_database)).Should().Contain(expected);
    }

    [Test]
    public async Task GenomeCheck_UnchangedGenomes_FindsNothing()
    {
        await _some.VersionAsync(await _some.Tenants.GetAsync(1, default), Some.Genome("""{"type":"replay","file":"日本語 ü 🙂.jsonl"}"""));

        (await AdminScript.Named("43-genome-check").RunAsync(_database)).Single().Should().BeEmpty();
    }

    [Test]
    public async Task GenomeCheck_GenomeChangedLater_NamesTheVersion()
    {
        await _database.ExecuteAsync(_database.Planted("UPDATE eval.AgentVersion SET Genome = REPLACE(Genome, 'scripted', 'other') WHERE Id = 3"));

        var found = (await AdminScript.Named("43-genome-check").RunAsync(_database)).Single().Single();

        found["VersionId"].Should().Be(3L);
        found["StoredHash"].Should().NotBe(found["ComputedHash"]);
    }

    [Test]
    public async Task CheckAsync_LastRunArchivedAndAnOlderOneRestored_UsesTheLast()
    {
        var tenant = await _some.Tenants.GetAsync(1, default);
        var last = await _some.Runs.CreateAsync(1, null, 0, RunTrigger.Manual, "test", default);
        await _database.ExecuteAsync(_database.Planted("UPDATE eval.EvaluationRun SET Priority = 9 WHERE Id = 5; UPDATE eval.TenantBatch SET Status = 'COMPLETED', LeaseOwner = NULL"));
        var claim = (await _some.ClaimAsync(await _some.LiveBatchAsync(tenant), limit: 1)).Single();
        claim.Id.Should().Be(last.Id);
        await _some.Claims.FailAttemptAsync(claim, "broken", maxAttempts: 1, TimeSpan.Zero, isPermanent: true, default);
        await AdminScript.Named("30-archive-now").RunAsync(_database, ("@OlderThanDays", 0), ("@Apply", true));
        await AdminScript.Named("31-restore-from-archive").RunAsync(_database, ("@RunId", 1L), ("@Apply", true));
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();

        await _database.ExecuteAsync(_database.Planted("UPDATE eval.AgentVersion SET EvalStatus = 'PASS' WHERE Id IN (1, 2)"));

        (await Invariants.CheckAsync(_database)).Should().Equal(
            "version 1 has an evalStatus that disagrees with its requirements", "version 2 has an evalStatus that disagrees with its requirements");
    }

    /// <summary>CANDIDATE needs PASS only when the version becomes a CANDIDATE. It stays one, whatever the result of a later evaluation.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public async Task CheckAsync_CandidateEvaluatedAgain_FindsNothing(bool isTrailForgotten)
    {
        var tenant = await _some.Tenants.GetAsync(1, default);
        await _some.Versions.TransitionAsync(1, LifecycleState.Candidate, null, 0, "test", default);
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();

        await _some.Runs.CreateAsync(1, null, 0, RunTrigger.Manual, "test", default);
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();

        await _database.ExecuteAsync(_database.Planted("UPDATE eval.EvaluationRun SET Priority = 9 WHERE Id = 5; UPDATE eval.TenantBatch SET Status = 'COMPLETED', LeaseOwner = NULL"));
        var claim = (await _some.ClaimAsync(await _some.LiveBatchAsync(tenant), limit: 1)).Single();
        await _some.Claims.FailAttemptAsync(claim, "broken", maxAttempts: 1, TimeSpan.Zero, isPermanent: true, default);
        if (isTrailForgotten)
        {
            await _database.PassAsync(TimeSpan.FromDays(2));
            await _database.ExecuteAsync(_database.Planted("DELETE FROM eval.ChangeRecord"));
            await _some.Tenants.SetPausedAsync(1, isPaused: true, "test", default);
        }

        (await _some.Versions.GetAsync(1, default)).EvalStatus.Should().Be(EvalStatus.Fail);
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();
    }

    [TestCase("14-cancel-runs")]
    [TestCase(null)]
    public async Task CheckAsync_RunCancelledWithResults_FindsNothing(string? script)
    {
        var claim = await _some.Runs.GetAsync(3, default);
        await _some.Claims.SaveResultsAsync(claim, [Some.Result((await _some.UnansweredAsync(3))[0].Id)], default);

        if (script is null)
            await _some.Runs.CancelAsync(3, "test", default);
        else
            await AdminScript.Named(script).RunAsync(_database, ("@RunId", 3L), ("@Apply", true));

        (await _some.Runs.GetAsync(3, default)).PassedCount.Should().Be(1);
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();
    }

    [Test]
    public async Task CheckAsync_AuditTrailPurgedBeforeTheAlerts_FindsNothing()
    {
        await _database.ExecuteAsync(_database.Planted("DELETE FROM eval.ChangeRecord"));
        await _database.PassAsync(TimeSpan.FromDays(2));
        await _some.Tenants.SetPausedAsync(1, isPaused: true, "test", default);

        (await Invariants.CheckAsync(_database)).Should().BeEmpty();
    }

    [Test]
    public void CheckAsync_EveryRule_HasAViolationPlantedForIt()
    {
        var planted = typeof(InvariantsTests<>).GetMethod(nameof(CheckAsync_PlantedViolation_IsReported))!
            .GetCustomAttributes(typeof(TestCaseAttribute), false).Cast<TestCaseAttribute>().Select(each => Regex.Replace((string)each.Arguments[1]!, @"\d+", "{0}", RegexOptions.None, TimeSpan.FromSeconds(1)));
        var rules = Regex.Matches(AdminScript.Named("42-integrity-check").Source.Text, @"N'(?<rule>[^']*\{0\}[^']*)', ", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Select(match => match.Groups["rule"].Value).Where(rule => rule != "{0}");

        planted.Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(rules);
    }
}
