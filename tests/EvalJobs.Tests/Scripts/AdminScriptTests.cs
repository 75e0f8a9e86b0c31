using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>Rules for every script that changes rows: it shows the rows first, changes them only with @Apply, writes a record, and violates no invariant.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class AdminScriptTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly TestCaseData[] Changing =
    [
        Case("03-demo-data", "VERSION_CREATED"),
        Case("13-requeue-stuck-runs", ChangeType.RunRequeued),
        Case("14-cancel-runs", ChangeType.RunCancelled, ("@TenantSlug", "acme")),
        Case("15-enqueue-run", ChangeType.RunCreated, ("@VersionId", 5L)),
        Case("16-retry-failed-runs", ChangeType.RunCreated),
        Case("17-set-priority", ChangeType.RunPrioritySet, ("@TenantSlug", "acme")),
        Case("20-pause-tenant", ChangeType.TenantPaused, ("@TenantSlug", "acme")),
        Case("21-tenant-limits", ChangeType.TenantLimitsSet, ("@TenantSlug", "acme"), ("@BatchLimit", 7)),
        Case("24-delete-tenant", "TENANT_DELETED", ("@TenantSlug", "globex")),
        Case("30-archive-now", ChangeType.RunsArchived, ("@OlderThanDays", 0)),
        Case("31-restore-from-archive", ChangeType.RunRestored, ("@TenantSlug", "acme")),
        Case("32-purge-archive", ChangeType.RunsPurged, ("@OlderThanDays", 90)),
    ];

    private static readonly string[] WithoutTrail = [.. AdminTestData.Tables.Where(table => table != "ChangeRecord")];

    [TestCaseSource(nameof(Changing))]
    public async Task Script_WithoutApply_ChangesNothing(string name, string recorded, (string, object?)[] variables)
    {
        var data = await BuildAsync();
        var before = await data.SnapshotAsync();

        var results = await AdminScript.Named(name).RunAsync(Database, variables);

        (await data.SnapshotAsync()).Should().Be(before, $"{name} would have written {recorded}");
        results.SelectMany(rows => rows).Should().Contain(row => row.ContainsKey("Outcome") && $"{row["Outcome"]}".Contains("set @Apply = 1", StringComparison.Ordinal));
    }

    [TestCaseSource(nameof(Changing))]
    public async Task Script_WithApply_WritesARecordAndCausesNoViolation(string name, string recorded, (string, object?)[] variables)
    {
        await BuildAsync();

        await AdminScript.Named(name).RunAsync(Database, [.. variables, ("@Apply", true)]);

        var records = await Some.Changes.ListAsync(null, null, null, long.MaxValue, 100, default);
        records.Where(record => record.Actor.StartsWith("sql:", StringComparison.Ordinal)).Should().Contain(record => record.Type == recorded)
            .And.OnlyContain(record => System.Text.Json.JsonDocument.Parse(record.Payload, default).RootElement.ValueKind == System.Text.Json.JsonValueKind.Object);
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();
    }

    [TestCaseSource(nameof(Changing))]
    public async Task Script_WithApplyTwice_IsRejectedOrFindsNothingMoreToDo(string name, string recorded, (string, object?)[] variables)
    {
        var data = await BuildAsync();
        await AdminScript.Named(name).RunAsync(Database, [.. variables, ("@Apply", true)]);
        var before = await data.SnapshotAsync(WithoutTrail);

        try
        {
            await AdminScript.Named(name).RunAsync(Database, [.. variables, ("@Apply", true)]);
        }
        catch (AdminScriptException)
        {
            recorded.Should().BeOneOf("TENANT_DELETED", ChangeType.RunCreated);
        }

        (await data.SnapshotAsync(WithoutTrail)).Should().Be(before);
    }

    [Test]
    public void Script_WithTheParameterApply_IsTestedHere() =>
        Changing.Select(each => $"scripts/{each.Arguments[0]}.sql").Concat(["scripts/00-check-database.sql", "scripts/01-install-or-upgrade.sql", "scripts/02-grants.sql"])
            .Should().BeEquivalentTo(AdminScript.All.Where(script => script.Text.Contains("@Apply bit", StringComparison.Ordinal)).Select(script => script.File));

    private async Task<AdminTestData> BuildAsync()
    {
        var data = await AdminTestData.BuildAsync(Database, Some);
        await Some.Tenants.SetPausedAsync(data.Globex.Id, isPaused: true, "test", default);
        return data;
    }

    private static TestCaseData Case(string name, string recorded, params (string, object?)[] variables) =>
        new TestCaseData(name, recorded, variables).SetArgDisplayNames(name);
}
