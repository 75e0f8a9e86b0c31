using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Tests the fence statement by statement: a process resumes after another has claimed its run, and writes with the product's own statements. With
/// the fence nothing happens; with the fence removed from the same statements, the crash test's checker must report the violation.
/// <see cref="LostLeaseTests"/> shows the same with real processes.
/// </summary>
[Category("Crash")]
[TestFixture(true, TypeArgs = [typeof(SqliteTestDatabase)])]
[TestFixture(false, TypeArgs = [typeof(SqliteTestDatabase)])]
[TestFixture(true, TypeArgs = [typeof(SqlServerTestDatabase)], Category = "SqlServer")]
[TestFixture(false, TypeArgs = [typeof(SqlServerTestDatabase)], Category = "SqlServer")]
[TestFixture(true, TypeArgs = [typeof(SqlServerSnapshotTestDatabase)], Category = "SqlServer")]
[TestFixture(false, TypeArgs = [typeof(SqlServerSnapshotTestDatabase)], Category = "SqlServer")]
public sealed class FenceTests<TDatabase>(bool fenced) where TDatabase : TestDatabase, new()
{
    private const string Successor = "test:2:def";

    private SqlCatalog _sql = null!;
    private TDatabase _database = null!;
    private Some _some = null!;
    private EvaluationRun _late = null!;
    private List<TestCase> _cases = null!;

    [SetUp]
    public async Task Create()
    {
        _database = new TDatabase();
        await _database.CreateAsync();
        _sql = SqlCatalog.Load(_database.Options.Provider);
        _some = new Some(_database.Database);
        _late = await _some.ClaimedRunAsync(cases: 3);
        _cases = await _some.UnansweredAsync(_late.Id);
    }

    [TearDown]
    public async Task Drop() => await _database.DisposeAsync();

    [Test]
    public async Task LateProcess_CompletesARunThatItsSuccessorCompleted_IsStoppedOnlyByTheFence()
    {
        await SaveAsync(_late, CaseVerdict.Passed, 3);
        var successor = await TakeOverAsync();
        await _some.Claims.CompleteAsync(successor, default);

        var isWritten = await WriteWithoutLeaseAsync(
            SqlQuery.CompleteRun,
            (SqlQuery.SetVersionEvalStatus, new { _late.VersionId, EvalStatus = "PASS" }),
            (SqlQuery.AddChangeRecord, new { _late.TenantId, Type = ChangeType.RunCompleted, TargetEntity = nameof(EvaluationRun), TargetId = _late.Id, Actor = "system", Payload = "{}" }));

        await ExpectAsync(isWritten, "run 1 was not ended exactly once");
    }

    [Test]
    public async Task LateProcess_FailsARunThatItsSuccessorCompleted_IsStoppedOnlyByTheFence()
    {
        await SaveAsync(_late, CaseVerdict.Passed, 2);
        var successor = await TakeOverAsync();
        await SaveAsync(successor, CaseVerdict.Errored, 3);
        await _some.Claims.CompleteAsync(successor, default);

        var isWritten = await WriteWithoutLeaseAsync(SqlQuery.RetryRunLater, (SqlQuery.DropResultsToAskAgain, new { RunId = _late.Id, AllErrored = true, Limit = 1000 }));

        await ExpectAsync(
            isWritten, "run 1 has a time of its end but has not ended", "run 1 is evidence but did not complete", "run 1 was not ended exactly once",
            "version 1 has an evalStatus that disagrees with its requirements");
    }

    [Test]
    public async Task LateProcess_StoresAResultOfARunThatItsSuccessorFailed_IsStoppedOnlyByTheFence()
    {
        await SaveAsync(_late, CaseVerdict.Passed, 1);
        var successor = await TakeOverAsync();
        await _some.Claims.FailAttemptAsync(successor, "broken", maxAttempts: 3, TimeSpan.Zero, isPermanent: true, default);

        var isWritten = await WriteWithoutLeaseAsync(SqlQuery.HoldRun, (SqlQuery.AddCaseResult, new
        {
            RunId = _late.Id,
            TestCaseId = _cases[1].Id,
            Verdict = "PASSED",
            Score = 1,
            Output = "late",
            Error = (string?)null,
            DurationMs = 1,
            InputTokens = (long?)null,
            OutputTokens = (long?)null,
            Cost = (double?)null,
            IsCut = false,
            AskAgain = false,
        }));

        await ExpectAsync(isWritten, "run 1 has counts that disagree with its results");
    }

    /// <summary>Stores results for this number of cases that have none yet.</summary>
    private async Task SaveAsync(EvaluationRun claim, CaseVerdict verdict, int upTo)
    {
        var unanswered = (await _some.UnansweredAsync(claim.Id)).Where(each => each.Ordinal <= upTo);
        await _some.Claims.SaveResultsAsync(claim, [.. unanswered.Select(each => Some.Result(each.Id, verdict))], default);
    }

    private async Task<EvaluationRun> TakeOverAsync()
    {
        await _database.PassAsync(Some.Lease * 2);
        await _some.Dispatches.AbandonExpiredBatchesAsync(default);
        (await _some.RescueAsync(poisonDeaths: 3, TimeSpan.Zero)).Requeued.Should().Be(1);
        var tenant = await _some.Tenants.GetAsync(_late.TenantId, default);
        return (await _some.ClaimAsync(await _some.LiveBatchAsync(tenant, Successor))).Single();
    }

    /// <summary>Does what the repository does: first the fenced statement, then the rest only if that changed the run.</summary>
    private async Task<bool> WriteWithoutLeaseAsync(SqlQuery first, params (SqlQuery Query, object Parameters)[] rest)
    {
        _sql[first].Should().Contain(Fence.Text, "the fence under test must be in the statement to be removed");
        var text = fenced ? _sql[first] : Fence.CutOut(_sql[first]);
        var parameters = new
        {
            RunId = _late.Id,
            _late.Attempt,
            Owner = _late.LeaseOwner,
            DelayMs = 0,
            Error = "late",
            PassRate = 1.0,
            OverallScore = 1.0,
            PassedCount = 3,
            FailedCount = 0,
            ErroredCount = 0,
            UnscoredCount = 0,
            CutCount = 0,
            InputTokens = (long?)null,
            OutputTokens = (long?)null,
            Cost = (double?)null,
        };

        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        if (await connection.ExecuteAsync(text, parameters) == 0)
            return false;
        foreach (var (query, its) in rest)
            await connection.ExecuteAsync(_sql[query], its);
        return true;
    }

    private async Task ExpectAsync(bool isWritten, params string[] damage)
    {
        isWritten.Should().Be(!fenced);
        (await Invariants.CheckAsync(_database)).Should().BeEquivalentTo(fenced ? [] : damage);
    }
}
