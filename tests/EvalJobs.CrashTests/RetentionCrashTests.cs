using System.Diagnostics;
using System.Text.Json;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// The cleanup and the restore run as separate processes and are killed in the middle. After every kill each run and each result is
/// in exactly one table, and the audit trail's counts equal the rows that moved.
/// </summary>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class RetentionCrashTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Runs = 300;
    private const int CasesPerRun = 20;
    private const int BigRunCases = 3000;
    private const int Kills = 4;

    private long _bigRun;

    [SetUp]
    public async Task AddRuns()
    {
        await Database.AddEndedRunsAsync(Some, "small", Runs, CasesPerRun);
        await Database.AddEndedRunsAsync(Some, "big", 1, BigRunCases);
        await Database.PassAsync(TimeSpan.FromDays(100));
        _bigRun = await CountAsync("EvaluationRun");
    }

    [Test]
    [CancelAfter(300_000)]
    public async Task CleanupAndRestore_KilledInTheMiddle_LoseAndDuplicateNothingAndRecordWhatTheyDid(CancellationToken cancellationToken)
    {
        for (var kill = 0; kill < Kills; kill++)
        {
            await KillInTheMiddleAsync("TestCaseResultArchive", cancellationToken, "cleanup", "--set", "Retention:BatchSize=45");
            await EnsureEveryRowInOneTableAsync();
        }

        await FinishAsync(cancellationToken, "cleanup");
        (await CountAsync("EvaluationRun")).Should().Be(0);
        await EnsureEveryRowInOneTableAsync();

        for (var kill = 0; kill < 2; kill++)
        {
            await KillInTheMiddleAsync("TestCaseResult", cancellationToken, "run", "restore", $"{_bigRun}", "--set", "Retention:BatchSize=1");
            await EnsureEveryRowInOneTableAsync();
        }

        await FinishAsync(cancellationToken, "run", "restore", $"{_bigRun}");
        (await CountAsync("TestCaseResult")).Should().Be(BigRunCases);
        await EnsureEveryRowInOneTableAsync();

        for (var kill = 0; kill < 2; kill++)
        {
            await KillInTheMiddleAsync("TestCaseResultArchive", cancellationToken, "cleanup", "--set", "Retention:BatchSize=45", "--set", "Retention:PurgeDays=91");
            (await OrphanedResultsAsync()).Should().Be(0, "no result is left without its run");
            (await RecordedAsync("RUNS_PURGED", "results")).Should().Be(Runs * CasesPerRun - await CountAsync("TestCaseResultArchive"));
            (await RecordedAsync("RUNS_PURGED", "runs")).Should().Be(Runs - await CountAsync("EvaluationRunArchive"));
        }

        await FinishAsync(cancellationToken, "cleanup", "--set", "Retention:PurgeDays=91");
        (await CountAsync("EvaluationRunArchive")).Should().Be(0);
        (await CountAsync("TestCaseResult")).Should().Be(BigRunCases, "a restored run is kept");
    }

    /// <summary>Kills the command at a random moment after it has begun to change the table.</summary>
    private async Task KillInTheMiddleAsync(string table, CancellationToken cancellationToken, params string[] arguments)
    {
        var before = await CountAsync(table);
        using var process = Start(arguments);
        while (!process.HasExited && await CountAsync(table) == before)
            await Task.Delay(5, cancellationToken);
        await Task.Delay(Random.Shared.Next(0, 60), cancellationToken);

        process.HasExited.Should().BeFalse("{0} must be killed in the middle, otherwise the test proves nothing", string.Join(' ', arguments));
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
    }

    private async Task FinishAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var process = Start(arguments);
        await process.WaitForExitAsync(cancellationToken);
        process.ExitCode.Should().Be(0);
    }

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "EvalJobs.Server.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["EvalJobs__Storage__Provider"] = $"{Database.Options.Provider}";
        start.Environment["EvalJobs__Storage__ConnectionString"] = Database.Options.ConnectionString;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private async Task EnsureEveryRowInOneTableAsync()
    {
        var archivedRuns = await CountAsync("EvaluationRunArchive");
        var archivedResults = await CountAsync("TestCaseResultArchive");
        (await CountAsync("EvaluationRun") + archivedRuns).Should().Be(Runs + 1);
        (await CountAsync("TestCaseResult") + archivedResults).Should().Be(Runs * CasesPerRun + BigRunCases);
        (await Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}EvaluationRun r JOIN {Database.Schema}EvaluationRunArchive a ON a.Id = r.Id")).Should().Be(0, "no run is duplicated");
        (await Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}TestCaseResult r JOIN {Database.Schema}TestCaseResultArchive a ON a.RunId = r.RunId AND a.TestCaseId = r.TestCaseId"))
            .Should().Be(0, "no result is duplicated");
        (await OrphanedResultsAsync()).Should().Be(0);

        (await RecordedAsync("RUNS_ARCHIVED", "runs") - await RecordedAsync("RUN_RESTORED", "runs")).Should().Be(archivedRuns, "the trail's counts equal what moved");
        (await RecordedAsync("RUNS_ARCHIVED", "results") - await RecordedAsync("RUN_RESTORED", "results")).Should().Be(archivedResults);
    }

    private Task<long> OrphanedResultsAsync() => Database.ScalarAsync<long>(
        $"""
        SELECT COUNT(*) FROM {Database.Schema}TestCaseResultArchive x
        WHERE NOT EXISTS (SELECT 1 FROM {Database.Schema}EvaluationRunArchive a WHERE a.Id = x.RunId) AND NOT EXISTS (SELECT 1 FROM {Database.Schema}EvaluationRun r WHERE r.Id = x.RunId)
        """);

    private async Task<long> RecordedAsync(string type, string count) =>
        (await Database.ListAsync<string>($"SELECT Payload FROM {Database.Schema}ChangeRecord WHERE Type = @Type", new { Type = type }))
        .Sum(payload => JsonElement.Parse(payload).GetProperty(count).GetInt64());

    private Task<long> CountAsync(string table) => Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}{table}");
}
