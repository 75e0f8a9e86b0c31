using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>Scripts 22 and 40 report the same figures of tenants and suites as the dashboard: a FAILED run is no evidence.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
internal sealed class ReportScriptTests<TDatabase> : ScriptFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    /// <summary>globex: 3 of 3 cases passed in the test data, 1 of 3 here. Its FAILED run answered one case, with a wrong answer.</summary>
    [SetUp]
    public async Task CompleteOneMore()
    {
        var run = (await Some.ClaimAsync(await Some.LiveBatchAsync(TestData.Globex))).Single();
        var cases = await Some.UnansweredAsync(run.Id);
        await Some.Claims.SaveResultsAsync(run, [.. cases.Select((each, index) => Some.Result(each.Id, index == 0 ? CaseVerdict.Passed : CaseVerdict.Failed))], default);
        await Some.Claims.CompleteAsync(run, default);
    }

    [Test]
    public async Task TenantReport_PassRateAndCases_EqualTheDashboards()
    {
        var day = (await AdminScript.Named("22-tenant-report").RunAsync(Database, ("@TenantSlug", "globex"))).Single().Single(row => Convert.ToInt32(row["LastDays"], null) == 1);

        var flow = (await new OverviewRepository(Database.Database).ListDayFlowAsync(default)).Where(hour => hour.TenantId == TestData.Globex.Id).ToList();
        ((double)flow.Sum(hour => hour.PassedCaseCount) / flow.Sum(hour => hour.CaseCount)).Should().BeApproximately(4.0 / 6, 1e-9, "these are the figures of the test data");
        Convert.ToDouble(day["PassRate"], null).Should().BeApproximately(4.0 / 6, 1e-9);
        Convert.ToInt64(day["CaseCount"], null).Should().Be(flow.Sum(hour => hour.CaseCount));
        Convert.ToInt64(day["CompletedCount"], null).Should().Be(flow.Sum(hour => hour.CompletedCount)).And.Be(2);
        Convert.ToInt64(day["FailedCount"], null).Should().Be(flow.Sum(hour => hour.FailedCount)).And.Be(1);
    }

    [Test]
    public async Task SuiteStatistics_Rates_CountOnlyCompletedRuns()
    {
        var sets = await AdminScript.Named("40-suite-statistics").RunAsync(Database, ("@TenantSlug", "globex"));

        var suite = sets[0].Single();
        Convert.ToDouble(suite["PassRate"], null).Should().BeApproximately(4.0 / 6, 1e-9);
        Convert.ToDouble(suite["LowestPassRate"], null).Should().BeApproximately(1.0 / 3, 1e-9);
        Convert.ToInt64(suite["FailedCount"], null).Should().Be(1, "the run is counted, but it is no evidence");
        sets[1].Select(row => (Convert.ToString(row["CaseKey"], null), Convert.ToInt64(row["AskedCount"], null))).Should()
            .BeEquivalentTo([("case-1", 2L), ("case-2", 2L), ("case-3", 2L)], "the FAILED run asked case-1 a third time");
    }

    [Test]
    public async Task TenantReport_WithoutCompletedRuns_HasNoRate()
    {
        await Some.TenantAsync("idle");

        (await AdminScript.Named("22-tenant-report").RunAsync(Database, ("@TenantSlug", "idle"))).Single().Should().OnlyContain(row => row["PassRate"] == null);
    }
}
