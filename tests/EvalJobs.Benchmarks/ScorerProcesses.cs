using System.Diagnostics;
using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Scoring.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Benchmarks;

/// <summary>
/// The cost of a case with a cheap scorer that runs in a scorer process: 8 at a time through a pool with its default settings, after a warm-up.
/// Wall time, and processor time of this process and the scorer processes together.
/// </summary>
internal static class ScorerProcesses
{
    private const int Parallel = 8;

    public static async Task<int> RunAsync(string[] args)
    {
        var cases = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 4_000;
        foreach (var scoring in new[]
        {
            """{"pattern":"^answer [0-9]+$","type":"regex"}""",
            """{"schema":{"type":"string"},"type":"json"}""",
            """{"script":"return actual.startsWith('answer') ? 1 : 0","type":"custom"}""",
        })
        {
            using var pool = new ScorerProcessPool(new ScoringOptions(), NullLogger<ScorerProcessPool>.Instance);
            await JudgeAsync(pool, scoring, 1_000);

            var started = Stopwatch.GetTimestamp();
            var before = ProcessorTime(pool);
            await JudgeAsync(pool, scoring, cases);
            var used = ProcessorTime(pool) - before;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ScoringSpec.Parse(scoring).Type}: {Stopwatch.GetElapsedTime(started).TotalMilliseconds / cases:0.000} ms a case, {used.TotalMilliseconds / cases:0.000} ms processor time"));
        }
        return 0;
    }

    private static Task JudgeAsync(ScorerProcessPool pool, string scoring, int cases)
    {
        var spec = ScoringSpec.Parse(scoring);
        return System.Threading.Tasks.Parallel.ForAsync(0, cases, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (number, token) =>
            await pool.ScoreAsync(new ScoringRequest(spec, $"question {number}", null, $"\"answer {number}\"", "bench"), TimeSpan.FromSeconds(10), token));
    }

    private static TimeSpan ProcessorTime(ScorerProcessPool pool)
    {
        var time = Environment.CpuUsage.TotalTime;
        foreach (var id in pool.ProcessIds)
        {
            using var process = Process.GetProcessById(id);
            time += process.TotalProcessorTime;
        }
        return time;
    }
}
