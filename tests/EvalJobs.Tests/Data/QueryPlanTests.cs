using System.Text.RegularExpressions;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The cost of a tick, a claim, a heartbeat and a health check depends on the live work: none of them reads history.</summary>
internal sealed partial class QueryPlanTests : DatabaseFixture<SqliteTestDatabase>
{
    private static readonly SqlCatalog Sql = SqlCatalog.Load(StorageProvider.Sqlite);

    private static readonly SqlQuery[] HotQueries =
    [
        SqlQuery.ListTenantsDue, SqlQuery.ListTenantsLatelyDue, SqlQuery.HasDueRuns, SqlQuery.ClaimPendingRuns, SqlQuery.ClaimOldestRuns, SqlQuery.RenewRunLeases, SqlQuery.ListHeldRuns,
        SqlQuery.RequeueExpiredRuns, SqlQuery.ListPoisonedRuns, SqlQuery.FailPoisonedRun, SqlQuery.RenewBatchLeases, SqlQuery.AbandonExpiredBatches, SqlQuery.CountLiveBatches,
        SqlQuery.ListStaleQueuedBatches, SqlQuery.ListTenantLoad, SqlQuery.ListLiveRuns, SqlQuery.ListArchivableRuns, SqlQuery.TallyRun,
        SqlQuery.HoldRun, SqlQuery.ListUnansweredCases, SqlQuery.CompleteRun, SqlQuery.FailRun, SqlQuery.RetryRunLater, SqlQuery.ReleaseRun, SqlQuery.ReleaseRunToEnd,
        SqlQuery.DropResultsToAskAgain, SqlQuery.BeginBatch, SqlQuery.FinishBatch, SqlQuery.GetRun, SqlQuery.ListCaseResults,
        SqlQuery.CopyRunsToArchive, SqlQuery.CopyResultsToArchive, SqlQuery.DeleteResults, SqlQuery.DeleteRuns,
        SqlQuery.FindArchivedRun, SqlQuery.CopyRunsFromArchive, SqlQuery.CopyResultsFromArchive, SqlQuery.MarkRunRestored,
        SqlQuery.ListPurgeableRuns, SqlQuery.DeleteArchivedResults, SqlQuery.DeleteArchivedRuns,
        SqlQuery.ListFailingAgents, SqlQuery.CountRunsNeedingAction, SqlQuery.ListRunsNeedingAction, SqlQuery.HasDueAlerts, SqlQuery.ClaimAlerts, SqlQuery.ClaimEarlierAlerts, SqlQuery.JoinAlert, SqlQuery.FindLastTickAlert,
    ];

    private static readonly SqlQuery[] HistoryQueries = [SqlQuery.DeleteOldBatches, SqlQuery.DeleteOldDispatches, SqlQuery.DeleteOldChanges];

    [TestCaseSource(nameof(HotQueries))]
    public async Task HotQuery_WithMuchHistory_ReadsOnlyPartialIndexesAndKeys(SqlQuery query)
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);

        var text = ParameterPattern().Replace(Sql[query], "1");
        var plan = (await connection.QueryAsync<(long, long, long, string Detail)>($"EXPLAIN QUERY PLAN {text}")).Select(step => step.Detail).ToList();

        // A scan of a partial index reads live rows; a scan of the table, or of an index over all rows, reads history.
        plan.Should().NotContain(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !HarmlessScan().IsMatch(step), string.Join('\n', plan));
    }

    [TestCase(SqlQuery.ListTenantsDue, "IX_EvaluationRun_PendingByAge")]
    [TestCase(SqlQuery.ListTenantLoad, "IX_EvaluationRun_PendingByAge")]
    [TestCase(SqlQuery.ListTenantLoad, "IX_EvaluationRun_Running")]
    public async Task LiveRuns_OfAllTenants_AreReadFromACoveringPartialIndex(SqlQuery query, string index)
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);

        var plan = await connection.QueryAsync<(long, long, long, string Detail)>($"EXPLAIN QUERY PLAN {Sql[query]}");

        plan.Select(step => step.Detail).Should().Contain(step => step.Contains($"USING COVERING INDEX {index}", StringComparison.Ordinal));
    }

    [Test]
    public async Task ListTenantsLatelyDue_OfALargeBacklog_ReadsOnlyItsPartOfACoveringIndex()
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);

        var plan = await connection.QueryAsync<(long, long, long, string Detail)>($"EXPLAIN QUERY PLAN {Sql[SqlQuery.ListTenantsLatelyDue]}", new { WithinMs = 1 });

        plan.Select(step => step.Detail).Should().Contain("SEARCH EvaluationRun USING COVERING INDEX IX_EvaluationRun_PendingByDue (DueAt>? AND DueAt<?)");
    }

    [Test]
    public async Task ListCaseResults_OfALargeRun_ReadsItsCasesInOrderWithoutSorting()
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);

        var plan = await connection.QueryAsync<(long, long, long, string Detail)>(
            $"EXPLAIN QUERY PLAN {Sql[SqlQuery.ListCaseResults]}", new { RunId = 1, SuiteId = 1, Revision = 1, Verdict = (string?)null, AfterOrdinal = 0, Limit = 1 });

        plan.Select(step => step.Detail).Should().Contain(step => step.EndsWith("(SuiteId=? AND Revision=? AND Ordinal>?)"))
            .And.Contain(step => step.StartsWith("SEARCH l USING INDEX") && step.Contains("(RunId=? AND TestCaseId=?)"))
            .And.NotContain(step => step.Contains("TEMP B-TREE"));
    }

    [Test]
    public async Task ClaimPendingRuns_OfALargeBacklog_ReadsTheIndexInClaimOrder()
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);

        var text = ParameterPattern().Replace(Sql[SqlQuery.ClaimPendingRuns], "1");
        var plan = await connection.QueryAsync<(long, long, long, string Detail)>($"EXPLAIN QUERY PLAN {text}");

        plan.Select(step => step.Detail).Should().Contain(step => step.Contains("IX_EvaluationRun_Pending (TenantId=?)"))
            .And.NotContain(step => step.Contains("TEMP B-TREE"));
    }

    [TestCaseSource(nameof(HistoryQueries))]
    public async Task HistoryQuery_OfAnyHistory_ReadsOnlyTheOldestRows(SqlQuery query)
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);

        var text = ParameterPattern().Replace(Sql[query], "1");
        var plan = (await connection.QueryAsync<(long, long, long, string Detail)>($"EXPLAIN QUERY PLAN {text}")).Select(step => step.Detail).ToList();

        Sql[query].Should().MatchRegex(@"IN \(SELECT Id FROM \w+ ORDER BY Id LIMIT @Limit\)", "this limits the only scan, which is in the order of ids");
        plan.Should().ContainSingle(step => step.StartsWith("SCAN", StringComparison.Ordinal)).And.NotContain(step => step.Contains("TEMP B-TREE"));
        plan.Should().Contain(step => step.Contains("USING INTEGER PRIMARY KEY"));
    }

    [Test]
    public void HarmlessScan_OfHistory_IsNotHarmless()
    {
        HarmlessScan().IsMatch("SCAN EvaluationRun").Should().BeFalse();
        HarmlessScan().IsMatch("SCAN EvaluationRun USING COVERING INDEX IX_EvaluationRun_Tenant").Should().BeFalse();
        HarmlessScan().IsMatch("SCAN EvaluationRun USING COVERING INDEX IX_EvaluationRun_Pending").Should().BeTrue();
    }

    [GeneratedRegex(@"@\w+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterPattern();

    /// <summary>Partial indexes, the tenants, the run's own cases, lists given as parameters, and subqueries of such.</summary>
    [GeneratedRegex(@"IX_EvaluationRun_(Pending|PendingByAge|Running|NotAcknowledged)$|IX_EvaluationRun_(Pending|PendingByAge|Running|NotAcknowledged) |[UI]X_TenantBatch_(Live|Lease)|^SCAN (t|json_each|p|l|d|\(|CONSTANT|f|a)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HarmlessScan();
}
