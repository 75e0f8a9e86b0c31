using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>The crash test is worth what its checker finds: each invariant reports the violation planted for it.</summary>
[Category("Crash")]
public sealed class InvariantsTests
{
    private SqliteTestDatabase _database = null!;
    private Some _some = null!;

    [SetUp]
    public async Task Create()
    {
        _database = new SqliteTestDatabase();
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

    [TestCase("UPDATE EvaluationRun SET LeaseOwner = 'zombie' WHERE Id = 1", "run 1 is not RUNNING but has a lease")]
    [TestCase("UPDATE EvaluationRun SET LeaseUntil = NULL WHERE Id = 3", "run 3 is RUNNING without a lease")]
    [TestCase("UPDATE EvaluationRun SET CompletedAt = NULL WHERE Id = 1", "run 1 has ended without a time of its end")]
    [TestCase("UPDATE EvaluationRun SET CompletedAt = 1 WHERE Id = 4", "run 4 has a time of its end but has not ended")]
    [TestCase("INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (1, 'RUN_FAILED', 'EvaluationRun', 1, 'system', '{}')", "run 1 was not ended exactly once")]
    [TestCase("DELETE FROM ChangeRecord WHERE Type = 'RUN_FAILED'", "run 2 was not ended exactly once")]
    [TestCase("DELETE FROM TestCaseResult WHERE RunId = 1 AND TestCaseId = 2", "run 1 is COMPLETED without a result for every case")]
    [TestCase("ALTER TABLE TestCaseResult RENAME TO Kept; CREATE TABLE TestCaseResult AS SELECT * FROM Kept; INSERT INTO TestCaseResult SELECT * FROM Kept WHERE RunId = 2", "run 2 has two results for one case")]
    [TestCase("UPDATE TestCaseResult SET TestCaseId = 99 WHERE RunId = 2", "run 2 has a result of a case that is not its own")]
    [TestCase("UPDATE EvaluationRun SET CaseCount = 4 WHERE Id = 4", "run 4 counts other cases than its suite has")]
    [TestCase("UPDATE TestCaseResult SET Verdict = 'FAILED' WHERE RunId = 1 AND TestCaseId = 1", "run 1 has counts that disagree with its results")]
    [TestCase("INSERT INTO TestCaseResult (RunId, TestCaseId, Verdict, DurationMs) VALUES (2, 2, 'PASSED', 1)", "run 2 has counts that disagree with its results")]
    [TestCase("UPDATE EvaluationRun SET PassRate = 0.5 WHERE Id = 1", "run 1 has a pass rate that disagrees with its counts")]
    [TestCase("UPDATE AgentVersion SET EvalStatus = 'FAIL' WHERE Id = 1", "version 1 has an evalStatus that disagrees with its last run")]
    [TestCase("UPDATE AgentVersion SET EvalStatus = 'PASS' WHERE Id = 2", "version 2 has an evalStatus that disagrees with its last run")]
    [TestCase("UPDATE AgentVersion SET EvalStatus = 'PASS' WHERE Id = 3", "version 3 has an evalStatus that disagrees with its last run")]
    [TestCase("DROP INDEX UX_EvaluationRun_LiveVersion; UPDATE EvaluationRun SET VersionId = 4 WHERE Id = 3", "version 4 has two live runs")]
    [TestCase("DROP INDEX UX_TenantBatch_Live; INSERT INTO TenantBatch (TenantId, Status, LeaseUntil) VALUES (1, 'QUEUED', 1)", "tenant 1 has two live batches")]
    [TestCase("INSERT INTO TestCaseResultArchive SELECT * FROM TestCaseResult WHERE RunId = 1", "run 1 has a result that is in the archive as well")]
    [TestCase("INSERT INTO EvaluationRunArchive (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, [Trigger], CreatedAt, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount) SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, [Trigger], CreatedAt, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount FROM EvaluationRun WHERE Id = 1", "run 1 is in the archive as well")]
    [TestCase("UPDATE Alert SET [Count] = 2", "tenant 1 has runs that failed for good and no alert that tells of them, or the reverse")]
    [TestCase("DELETE FROM Alert", "tenant 1 has runs that failed for good and no alert that tells of them, or the reverse")]
    [TestCase("UPDATE Alert SET Status = 'SENT'", "alert 1 has ended and is still held, or the reverse")]
    public async Task CheckAsync_PlantedViolation_IsReported(string planted, string expected)
    {
        await _database.ExecuteAsync($"PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; {planted}");

        (await Invariants.CheckAsync(_database)).Should().Contain(expected);
    }
}
