using System.Globalization;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>Many tenants get replies of the largest allowed size at once, in a server whose heap has a hard limit. The server completes the runs and stays within its memory.</summary>
[Category("Crash")]
[Platform("Linux", Reason = "reads /proc")]
public sealed class MemoryLimitTests
{
    private const int Tenants = 8;
    private const int CasesOfARun = 25;
    private const int ReplyChars = 1_000_000;

    /// <summary>Without the limit on waiting replies, the same work took 3.1 GB.</summary>
    private const long HeapLimit = 512L * 1024 * 1024;

    /// <summary>The memory of a process in addition to its managed heap: code, threads, SQLite's cache.</summary>
    private const long MemoryBesidesHeap = 256L * 1024 * 1024;

    [Test]
    [CancelAfter(600_000)]
    public async Task Server_EightTenantsWithRepliesOfOneMegabyte_CompletesWithinItsHeapLimit(CancellationToken cancellationToken)
    {
        await using var agent = await TestAgentServer.StartAsync(Behave.Json($$"""{"reply":"{{new string('x', ReplyChars)}}"}"""));
        await using var database = new SqliteTestDatabase();
        await database.CreateAsync();
        var some = new Some(database.Database);
        for (var index = 0; index < Tenants; index++)
            await some.TenantWithRunsAsync(1, CasesOfARun, genome: Some.HttpGenome(agent));

        await using var server = ServerProcess.Start(
            "limited", database, [("Hangfire:Pools:evaluations", $"{Tenants}")], wrapper: ["env", $"DOTNET_GCHeapHardLimit=0x{HeapLimit:X}"]);
        var peak = 0L;
        while (await database.ScalarAsync<long>("SELECT COUNT(*) FROM EvaluationRun WHERE Status = 'COMPLETED'") < Tenants)
        {
            server.HasExited.Should().BeFalse("the server must not end; its log ends with {0}", string.Join('\n', server.Log.TakeLast(10)));
            cancellationToken.ThrowIfCancellationRequested();
            peak = Math.Max(peak, PeakBytes(server.Id));
            await Task.Delay(200, CancellationToken.None);
        }

        peak = Math.Max(peak, PeakBytes(server.Id));
        await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Peak memory of the server: {peak / 1048576.0:0} MB"));
        (await database.ScalarAsync<long>("SELECT COUNT(*) FROM TestCaseResult WHERE LENGTH(Output) = @ReplyChars", new { ReplyChars })).Should().Be(Tenants * CasesOfARun);
        (await database.ScalarAsync<long>("SELECT MAX(FailedAttempts) + MAX(DeathCount) FROM EvaluationRun")).Should().Be(0, "no run ran out of memory");
        peak.Should().BeLessThan(HeapLimit + MemoryBesidesHeap);
    }

    /// <returns>The peak resident memory of the process.</returns>
    private static long PeakBytes(int processId) =>
        File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
            ? 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;
}
