using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>The scripts on tenants and reports.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed partial class TenantScriptTests<TDatabase> : ScriptFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly string[] OwnedColumns = ["TenantId", "RunId", "SuiteId", "VersionId"];

    [Test]
    public async Task DemoData_Applied_EqualsWhatTheProductWouldStore()
    {
        await ApplyAsync("03-demo-data");

        var tenant = await Some.Tenants.FindAsync("demo-sql", default);
        var version = (await Some.Versions.ListAsync(tenant.Id, long.MaxValue, 10, default)).Single();
        Genome.Parse(version.Genome).Json.Should().Be(version.Genome, "it must be canonical");
        version.GenomeHash.Should().Be(Genome.HashOf(version.Genome));
        var suite = (await Some.Suites.ListAsync(tenant.Id, default)).Single();
        (await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default)).Should().HaveCount(3).And.OnlyContain(each => each.Scoring == ScoringSpec.Parse("exact_match").Json);
        (await Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default)).Run!.CaseCount.Should().Be(3);
    }

    [TestCase("Demo")]
    [TestCase("-demo")]
    [TestCase("demo-")]
    [TestCase("de mo")]
    [TestCase("")]
    public async Task DemoData_NotASlug_IsRejected(string slug)
    {
        Tenant.IsSlug(slug).Should().BeFalse();
        (await FluentActions.Awaiting(() => ApplyAsync("03-demo-data", ("@TenantSlug", slug))).Should().ThrowAsync<AdminScriptException>()).Which.Number.Should().Be(50018);
    }

    [Test]
    public async Task Pause_ThenResume_StopsAndStartsTheTenantsRuns()
    {
        await ApplyAsync("20-pause-tenant", ("@TenantSlug", "globex"));
        (await Some.Dispatches.HasDueRunsAsync(TestData.Globex.Id, default)).Should().BeFalse();

        await ApplyAsync("20-pause-tenant", ("@TenantSlug", "globex"), ("@Pause", false));
        (await Some.Dispatches.HasDueRunsAsync(TestData.Globex.Id, default)).Should().BeTrue();
    }

    [Test]
    public async Task Limits_Set_AreStoredForTheTenant()
    {
        await ApplyAsync("21-tenant-limits", ("@TenantSlug", "acme"), ("@BatchLimit", 7), ("@PendingWarningThreshold", 3), ("@WorkerPool", "gpu-2_b"));

        var tenant = await Some.Tenants.FindAsync("acme", default);
        (tenant.BatchLimit, tenant.PendingWarningThreshold, tenant.WorkerPool).Should().Be((7, 3, "gpu-2_b"));
    }

    [TestCase("@BatchLimit", 0, 50007)]
    [TestCase("@BatchLimit", 1001, 50007)]
    [TestCase("@PendingWarningThreshold", -1, 50008)]
    [TestCase("@WorkerPool", "GPU", 50009)]
    [TestCase("@WorkerPool", "a b", 50009)]
    [TestCase("@WorkerPool", "", 50009)]
    [TestCase("@WorkerPool", Tenant.MaintenancePool, 50009)]
    public async Task Limits_OutOfRange_AreRejected(string variable, object value, int number) =>
        (await FluentActions.Awaiting(() => ApplyAsync("21-tenant-limits", ("@TenantSlug", "acme"), (variable, value)))
            .Should().ThrowAsync<AdminScriptException>()).Which.Number.Should().Be(number);

    [Test]
    public async Task Delete_PausedTenant_DeletesAllOfItAndNothingOfOthers()
    {
        await Some.Tenants.SetPausedAsync(TestData.Globex.Id, true, "test", default);
        var acme = await AdminScript.Named("23-export-tenant").RunAsync(Database, ("@TenantSlug", "acme"));

        await ApplyAsync("24-delete-tenant", ("@TenantSlug", "globex"), ("@DeleteAuditTrail", true));

        foreach (var (table, column) in AdminTestData.Columns().Where(each => each.Column == "TenantId" && each.Table != "ChangeRecord"))
            (await Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}{table} WHERE {column} = {TestData.Globex.Id}")).Should().Be(0, table);
        var record = (await Some.Changes.ListAsync(TestData.Globex.Id, null, null, long.MaxValue, 10, default)).Should().ContainSingle().Which;
        record.Type.Should().Be("TENANT_DELETED");
        record.Payload.Should().StartWith($$"""{"slug":"globex","name":"{{TestData.Globex.Name}}",""", "nothing else records which tenant had id 2");
        (await AdminScript.Named("23-export-tenant").RunAsync(Database, ("@TenantSlug", "acme"))).Should().BeEquivalentTo(acme);
    }

    [Test]
    public async Task Delete_TenantWithALiveBatch_IsRejected() =>
        (await FluentActions.Awaiting(() => ApplyAsync("24-delete-tenant", ("@TenantSlug", "acme"))).Should().ThrowAsync<AdminScriptException>()).Which.Number.Should().Be(50010);

    [TestCase("23-export-tenant")]
    [TestCase("24-delete-tenant")]
    public void TenantScript_EveryTableWithRowsOfATenant_IsNamed(string name)
    {
        var owned = AdminTestData.Columns().Where(each => OwnedColumns.Contains(each.Column)).Select(each => each.Table).Distinct(StringComparer.Ordinal);

        owned.Should().AllSatisfy(table => AdminScript.Named(name).Source.Text.Should().MatchRegex($@"eval\.{table}\b"));
    }

    [Test]
    public async Task Export_Tenant_ContainsOnlyItsRows()
    {
        var tables = await AdminScript.Named("23-export-tenant").RunAsync(Database, ("@TenantSlug", "acme"));

        var counts = tables.Where(rows => rows.Count > 0).ToDictionary(rows => $"{rows[0]["TableName"]}", rows => rows.Count, StringComparer.Ordinal);
        counts["EvaluationRun"].Should().Be(2);
        counts["EvaluationRunArchive"].Should().Be(2);
        counts["TestCaseResultArchive"].Should().Be(4);
        counts["AgentVersion"].Should().Be(4);
        counts["TestCase"].Should().Be(3);
        counts.Should().NotContainKey("TestCaseResult", "run 3 has stored nothing");
    }

    /// <summary>The bcp queries on the page select the same rows as the export script.</summary>
    [Test]
    public async Task CopyOfATenant_OnThePage_EqualsTheExport()
    {
        var export = AdminScript.Named("23-export-tenant");
        var shown = await export.RunAsync(Database, ("@TenantSlug", "acme"));
        var copies = CopyCommand().Matches(Repository.Read("docs/operate/sqlserver.md")).ToList();

        copies.Select(copy => copy.Groups["table"].Value).Should().Equal(ExportedTable().Matches(export.Source.Text).Select(match => match.Groups["table"].Value));
        foreach (var (copy, rows) in copies.Zip(shown))
        {
            var taken = await AdminScript.Of(copy.Groups["query"].Value.Replace("$tenant", $"{TestData.Acme.Id}", StringComparison.Ordinal)).RunAsync(Database);
            taken.Single().Should().BeEquivalentTo(rows.Select(row => row.Where(cell => cell.Key != "TableName").ToDictionary()), copy.Value);
        }
    }

    [Test]
    public async Task Reports_OverTheTestData_ReportItsFigures()
    {
        var health = (await AdminScript.Named("10-health").RunAsync(Database))[0].ToDictionary(row => $"{row["Slug"]}", StringComparer.Ordinal);
        (Whole(health["acme"]["PendingCount"]), Whole(health["acme"]["RunningCount"]), Whole(health["acme"]["ExpiredLeaseCount"])).Should().Be((1, 1, 1));
        health["acme"]["LastServedAt"].Should().Be(await Database.ScalarAsync<object>($"SELECT MAX(QueuedAt) FROM {Database.Schema}TenantBatch WHERE TenantId = {TestData.Acme.Id}"));
        Convert.ToInt64(health["globex"]["OldestDueSeconds"], null).Should().BeGreaterThanOrEqualTo(3600);

        var pending = (await AdminScript.Named("11-oldest-pending").RunAsync(Database, ("@TenantSlug", "globex"))).Single();
        pending.Should().ContainSingle().Which["WaitsFor"].Should().Be("the next tick");

        var stuck = (await AdminScript.Named("12-stuck-runs").RunAsync(Database)).Single();
        stuck.Should().ContainSingle().Which["RunId"].Should().Be(3L);

        var report = (await AdminScript.Named("22-tenant-report").RunAsync(Database, ("@TenantSlug", "globex"))).Single();
        report.Select(row => (Whole(row["LastDays"]), Whole(row["CompletedCount"]), Whole(row["PassedCount"]), Whole(row["FailedCount"]))).Should().Equal((1, 1, 1, 1), (7, 1, 1, 1));

        var suites = await AdminScript.Named("40-suite-statistics").RunAsync(Database, ("@TenantSlug", "globex"));
        suites[0].Should().ContainSingle().Which["RunCount"].Should().Match<object>(count => Whole(count) == 2);
        suites[1].Should().HaveCount(3).And.OnlyContain(row => Whole(row["AskedCount"]) == 1 && Whole(row["PassedCount"]) == 1, "the failed answer is of a FAILED run, which is no evidence");
    }

    private static long Whole(object? value) => Convert.ToInt64(value, null);

    [GeneratedRegex("""^copy (?<table>\w+) "(?<query>[^"]+)"$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CopyCommand();

    [GeneratedRegex(@"N'(?<table>\w+)' AS TableName", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExportedTable();
}
