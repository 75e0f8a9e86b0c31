using System.Diagnostics;
using System.Runtime.Versioning;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// The database file is locked, full or read-only in the middle of a run of a real server: the log reports it, the server continues, the run is
/// worked again later and no case is lost.
/// </summary>
/// <remarks>The tests run in parallel, because most of their time is waiting.</remarks>
[Category("Crash")]
[Parallelizable(ParallelScope.Children)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win", Reason = "needs the tools and file rights of Unix")]
[UnsupportedOSPlatform("windows")]
public sealed class DatabaseOutageCrashTests : IAsyncDisposable
{
    private const int Cases = 40;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("evaljobs-outage-");
    private bool _isMounted;
    private SqliteTestDatabase? _database;
    private TestAgentServer? _agent;

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        if (_isMounted)
            (await RunAsync("umount", _root.FullName)).Should().Be(0);
        _root.Delete(recursive: true);
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Locked_ShorterThanTheCommandTimeout_StatementsWait(CancellationToken cancellationToken)
    {
        var some = await PrepareAsync();
        await using var server = Start();
        await WaitForResultsAsync(4, cancellationToken);

        await using (await _database!.HoldWriterAsync())
            await Task.Delay(TimeSpan.FromSeconds(20), cancellationToken);
        var run = await CompletedRunAsync(some, server, cancellationToken);

        run.Attempt.Should().Be(1, "the defaults of CommandTimeout and of the lease are longer");
        _agent!.Requests.Should().HaveCount(Cases, "each question was asked once");
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Locked_LongerThanTheCommandTimeoutAndALease_IsLoggedAndChargesNoAttempt(CancellationToken cancellationToken)
    {
        var some = await PrepareAsync();
        await using var server = Start(("Storage:CommandTimeout", "00:00:01"), ("Execution:Lease", "00:00:03"));
        await WaitForResultsAsync(4, cancellationToken);

        await using (await _database!.HoldWriterAsync())
            await Task.Delay(TimeSpan.FromSeconds(6), cancellationToken);
        var run = await CompletedRunAsync(some, server, cancellationToken);

        server.Log.Should().Contain(line => line.Contains("database is locked", StringComparison.Ordinal));
        run.FailedAttempts.Should().Be(0, "an outage of the database is not the run's failure");
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Full_UntilSpaceIsFreed_IsLoggedAndTheRunIsWorkedAgain(CancellationToken cancellationToken)
    {
        await MountAsync(megabytes: 16);
        var some = await PrepareAsync();
        await using var server = Start(("Execution:Lease", "00:00:03"), ("Execution:RetryBackoff", "00:00:01"));
        await WaitForResultsAsync(4, cancellationToken);

        var filler = Path.Combine(_root.FullName, "filler");
        FillUp(filler);
        await server.WaitForLogAsync("disk is full", cancellationToken);
        File.Delete(filler);

        await CompletedRunAsync(some, server, cancellationToken);
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task ReadOnly_UntilItIsWritableAgain_IsLoggedAndTheRunIsWorkedAgain(CancellationToken cancellationToken)
    {
        // Root may write read-only files, unless the process drops that capability.
        string[] wrapper = Environment.UserName == "root" ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"] : [];
        var some = await PrepareAsync();
        await using var server = ServerProcess.Start(
            "server", _database!,
            [
                // Without a connection pool, so that the file's permissions are checked each time, as after a restart.
                ("Storage:ConnectionString", $"{_database!.Options.ConnectionString};Pooling=False"),
                ("Execution:Lease", "00:00:03"), ("Execution:RetryBackoff", "00:00:01"),
            ],
            wrapper: wrapper);
        await WaitForResultsAsync(4, cancellationToken);

        var files = Directory.GetFiles(Path.GetDirectoryName(_database!.File)!, "test.db*");
        foreach (var file in files)
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        await server.WaitForLogAsync("readonly database|unable to open database file", cancellationToken);
        foreach (var file in files.Where(File.Exists))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await CompletedRunAsync(some, server, cancellationToken);
    }

    private async Task<Some> PrepareAsync()
    {
        _database = new SqliteTestDatabase(_root.CreateSubdirectory("data"));
        await _database.CreateAsync();
        _agent = await TestAgentServer.StartAsync(Behave.After(TimeSpan.FromMilliseconds(100), Behave.RightAnswer));
        var some = new Some(_database.Database);
        await some.TenantWithRunsAsync(1, Cases, genome: Some.HttpGenome(_agent));
        return some;
    }

    private ServerProcess Start(params (string Name, string Value)[] settings) => ServerProcess.Start("server", _database!, settings);

    private async Task WaitForResultsAsync(int count, CancellationToken cancellationToken)
    {
        while (await _database!.ScalarAsync<int>("SELECT COUNT(*) FROM TestCaseResult") < count)
            await Task.Delay(20, cancellationToken);
    }

    private async Task<EvaluationRun> CompletedRunAsync(Some some, ServerProcess server, CancellationToken cancellationToken)
    {
        EvaluationRun run;
        while ((run = await some.Runs.GetAsync(1, cancellationToken)).Status is RunStatus.Pending or RunStatus.Running)
        {
            server.HasExited.Should().BeFalse("a database outage must not end the server; its log ends with {0}", string.Join('\n', server.Log.TakeLast(10)));
            await Task.Delay(100, cancellationToken);
        }

        run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.PassedCount == Cases, "no case is lost");
        (await Invariants.CheckAsync(_database!)).Should().BeEmpty();
        return run;
    }

    private async Task MountAsync(int megabytes)
    {
        _isMounted = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _root.FullName) == 0;
        if (!_isMounted)
            Assert.Ignore("A small file system to fill up cannot be mounted here: that needs root.");
    }

    private static void FillUp(string path)
    {
        using var filler = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                filler.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // The file system is full, as intended.
        }
    }

    private static async Task<int> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
