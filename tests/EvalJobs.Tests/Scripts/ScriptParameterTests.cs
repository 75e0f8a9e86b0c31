using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>Every script rejects every invalid value of each of its parameters, changes nothing, and names the allowed values.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
internal sealed partial class ScriptParameterTests<TDatabase> : ScriptFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private const string NoTenant = "There is no such tenant";

    /// <summary>These scripts are only compiled: their values are database users and a database option.</summary>
    private static readonly string[] NotRun = ["00-check-database", "01-install-or-upgrade", "02-grants"];

    /// <summary>Scripts, variables, invalid values, and the error message.</summary>
    private static readonly (string[] Scripts, string Variable, object?[] Values, string Error)[] Rules =
    [
        (["03-demo-data"], "@TenantSlug", ["", "Demo", "-demo", "demo-", "de mo", null, new string('a', 64)], "@TenantSlug must be 1 to 63 of a-z"),
        (["11-oldest-pending", "14-cancel-runs", "16-retry-failed-runs", "17-set-priority", "22-tenant-report", "30-archive-now", "31-restore-from-archive", "32-purge-archive",
            "40-suite-statistics"], "@TenantSlug", ["acmee", null, "acme" + new string(' ', 60) + "x"], NoTenant),
        (["20-pause-tenant", "21-tenant-limits", "23-export-tenant", "24-delete-tenant"], "@TenantSlug", ["", "acmee", null, "acme" + new string(' ', 60) + "x"], NoTenant),
        (["11-oldest-pending", "40-suite-statistics"], "@Top", [0, -1, 100_001, null], "@Top must be from 1 to 100000"),
        (["13-requeue-stuck-runs", "14-cancel-runs", "16-retry-failed-runs", "17-set-priority"], "@Top", [0, -1, 2001, null], "@Top must be from 1 to 2000"),
        (["12-stuck-runs"], "@OlderThanMinutes", [-1, int.MaxValue, null], "@OlderThanMinutes must be from 0 to 525600 minutes"),
        (["13-requeue-stuck-runs"], "@GraceSeconds", [-1, int.MaxValue, null], "@GraceSeconds must be from 0 to 31536000 seconds"),
        (["13-requeue-stuck-runs"], "@RunId", [99L, 4L, 5L], "Run @RunId cannot be requeued"),
        (["14-cancel-runs"], "@RunId", [99L, 5L], "Run @RunId cannot be cancelled"),
        (["14-cancel-runs"], "@Status", ["FAILED", "pend", "PENDINGX", null], "@Status must be PENDING, RUNNING or empty"),
        (["14-cancel-runs"], "@OlderThanHours", [-1, int.MaxValue, null], "@OlderThanHours must be from 0 to 876000 hours"),
        (["14-cancel-runs"], "@Reason", ["", "  ", null], "@Reason must not be empty"),
        (["15-enqueue-run"], "@VersionId", [99L, null], "There is no such version"),
        (["15-enqueue-run"], "@SuiteId", [99L, 1L], "has no such suite"),
        (["15-enqueue-run", "17-set-priority"], "@Priority", [RunPriority.Lowest - 1, RunPriority.Highest + 1, int.MinValue, null], RunPriority.Error().Message),
        (["16-retry-failed-runs"], "@RunId", [99L, 5L, 4L], "Run @RunId cannot be retried"),
        (["16-retry-failed-runs"], "@SinceHours", [-1, int.MaxValue, null], "@SinceHours must be from 0 to 876000 hours"),
        (["16-retry-failed-runs"], "@ErrorLike", [null], "@ErrorLike must not be NULL"),
        (["17-set-priority"], "@RunId", [99L, 5L, 3L], "is not PENDING any more"),
        (["20-pause-tenant"], "@Pause", [null], "@Pause must be 1 or 0"),
        (["21-tenant-limits"], "@BatchLimit", [0, -1, 1001], "@BatchLimit must be from 1 to 1000 runs"),
        (["21-tenant-limits"], "@PendingWarningThreshold", [-1], "@PendingWarningThreshold must be 0 or more runs"),
        (["21-tenant-limits"], "@WorkerPool", ["", "GPU", "a b", "pool!", new string('a', 51)], "@WorkerPool must be 1 to 50 of a-z, 0-9, '_' and '-'"),
        (["21-tenant-limits"], "@WorkerPool", ["maintenance"], "The worker pool 'maintenance' is reserved for the recurring jobs"),
        (["30-archive-now"], "@OlderThanDays", [-1, 36501, int.MaxValue, null], "@OlderThanDays must be from 0 to 36500"),
        (["32-purge-archive"], "@OlderThanDays", [0, -1, 36501, null], "@OlderThanDays must be from 1 to 36500"),
        (["31-restore-from-archive"], "@EndedWithinDays", [0, -1, 36501, null], "@EndedWithinDays must be from 1 to 36500"),
        (["31-restore-from-archive"], "@RunId", [99L, 5L], "Run @RunId is not in the archive"),
        (["30-archive-now", "31-restore-from-archive", "32-purge-archive"], "@Rows", [0, -1, 2001, null], "@Rows must be from 1 to 2000"),
        (["30-archive-now", "31-restore-from-archive", "32-purge-archive"], "@MaxBatches", [0, -1, null], "@MaxBatches must be at least 1"),
        (["40-suite-statistics"], "@SinceDays", [0, -1, 36501, null], "@SinceDays must be from 1 to 36500"),
    ];

    /// <summary>The parameters that name the object to change, while another parameter is tested.</summary>
    private static readonly Dictionary<string, (string Variable, object? Value)> Named = new(StringComparer.Ordinal)
    {
        ["14-cancel-runs"] = ("@TenantSlug", "acme"),
        ["15-enqueue-run"] = ("@VersionId", 5L),
        ["17-set-priority"] = ("@TenantSlug", "globex"),
        ["20-pause-tenant"] = ("@TenantSlug", "acme"),
        ["21-tenant-limits"] = ("@TenantSlug", "acme"),
        ["31-restore-from-archive"] = ("@TenantSlug", "acme"),
    };

    [TestCaseSource(nameof(Bad))]
    public async Task Script_InvalidValue_IsRejectedAndChangesNothing(string script, string variable, object? value, string error)
    {
        var before = await TestData.SnapshotAsync();
        List<(string, object?)> variables = [(variable, value)];
        // A run is named only by its id, without other parameters.
        if (variable != "@RunId" && Named.TryGetValue(script, out var named) && named.Variable != variable)
            variables.Add((named.Variable, named.Value));
        if (AdminScript.Named(script).Source.Text.Contains("@Apply bit", StringComparison.Ordinal))
            variables.Add(("@Apply", true));

        (await FluentActions.Awaiting(() => AdminScript.Named(script).RunAsync(Database, [.. variables])).Should().ThrowAsync<AdminScriptException>())
            .Which.Message.Should().Contain(error);

        (await TestData.SnapshotAsync()).Should().Be(before);
    }

    [Test]
    public void Rules_ExistForEveryParameterOfEveryScript()
    {
        var declared = AdminScript.All.Select(script => (Name: Path.GetFileNameWithoutExtension(script.File), script.Text)).Where(script => !NotRun.Contains(script.Name))
            .SelectMany(script => TopDeclaration().Matches(script.Text.Split("\n\n")[1]).Select(match => (script.Name, Variable: match.Groups["name"].Value, IsSwitch: match.Groups["type"].Value == "bit")));

        var judged = Rules.SelectMany(rule => rule.Scripts.Select(script => (script, rule.Variable))).Distinct();

        // NULL means off for a switch, except for @Pause, which is stored.
        judged.Should().BeEquivalentTo(declared.Where(each => !each.IsSwitch || each.Variable == "@Pause").Select(each => (each.Name, each.Variable)));
    }

    private static IEnumerable<TestCaseData> Bad() =>
        from rule in Rules
        from script in rule.Scripts
        from value in rule.Values
        select new TestCaseData(script, rule.Variable, value, rule.Error).SetArgDisplayNames(script, rule.Variable, $"{value ?? "NULL"}", "");

    [GeneratedRegex(@"^DECLARE (?<name>@\w+) (?<type>\w+)[^=\n]*= ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TopDeclaration();
}
