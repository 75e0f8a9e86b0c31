using System.Data.Common;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The errors of an attempt are deleted by several statements. Tests the state after a crash between two of them.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class FailedAttemptTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task FailAttemptAsync_ProcessEndsBetweenTwoStatements_KeepsEveryErrorAndTheNextAttemptFailsAgain()
    {
        var run = await Some.ClaimedRunAsync(cases: 1_200);
        var cases = await Some.UnansweredAsync(run.Id);
        await Some.Claims.SaveResultsAsync(run, [.. cases.Select(each => Some.Result(each.Id, CaseVerdict.Errored))], default);
        await Database.BreakDeletionAsync("TestCaseResult", rowsLeft: 200);

        await FluentActions.Awaiting(() => Some.Claims.FailAttemptAsync(run, "agent away", 3, TimeSpan.Zero, isPermanent: false, default))
            .Should().ThrowAsync<DbException>().WithMessage("*broken*");

        (await Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(each => each.Status == RunStatus.Running && each.Error == null);
        (await Some.UnansweredAsync(run.Id)).Should().BeEmpty("if some of the errors were deleted, the others would count against the version");

        await Database.RepairAsync("TestCaseResult");
        await Database.PassAsync(Some.Lease * 2);
        await Some.RescueAsync(3, TimeSpan.Zero);
        await Some.Dispatches.AbandonExpiredBatchesAsync(default);
        var next = (await Some.ClaimAsync(await Some.LiveBatchAsync(await Some.Tenants.GetAsync(run.TenantId, default)))).Single();
        AttemptRule.Decide(await Some.Claims.TallyAsync(run.Id, default), 0.05).Should().Be(AttemptEnd.NoVerdict);
        await Some.Claims.FailAttemptAsync(next, "agent away", 3, TimeSpan.Zero, isPermanent: false, default);
        (await Some.UnansweredAsync(run.Id)).Should().HaveCount(1_200);
    }
}
