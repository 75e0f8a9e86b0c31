using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Benchmarks;

/// <summary>
/// One run over <c>http</c> against an agent on loopback that answers at once, 8 cases at a time, every result durable in SQLite:
/// cases per second by the run's own times, and the peak memory of the server process.
/// </summary>
internal static class HttpThroughput
{
    public static async Task<int> RunAsync(string[] args)
    {
        var cases = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 10_000;
        var scoring = args is [_, var given, ..] ? given : "exact_match";
        await using var agent = await LoopbackAgent.StartAsync();
        await using var database = await BenchmarkDatabase.CreateAsync();
        var target = $$"""{"type":"http","url":"{{agent.Urls.First()}}/","replyPath":"reply"}""";
        var runId = await database.AddRunAsync(cases, target, scoring);

        using var server = BenchmarkServer.Start(database.Options, ("Execution:MaxParallelCases", "8"), ("Execution:RunTimeout", "01:00:00"));
        var run = await WaitAsync(new EvaluationRunRepository(database.Database), runId);

        var seconds = (run.CompletedAt!.Value - run.StartedAt!.Value).TotalSeconds;
        Console.WriteLine($"{StoredWord.Of(run.Status)}: {run.PassedCount} of {cases} cases passed");
        Console.WriteLine($"{cases / seconds:0} cases/s ({seconds:0.0} s)");
        Console.WriteLine($"{server.PeakBytes / 1048576.0:0} MB peak memory of the server process");
        Console.WriteLine($"{server.ProcessorTime.TotalSeconds:0.0} s processor time of the server process, start included");
        return run.PassedCount == cases ? 0 : 1;
    }

    private static async Task<EvaluationRun> WaitAsync(EvaluationRunRepository runs, long runId)
    {
        while (true)
        {
            var run = await runs.GetAsync(runId, CancellationToken.None);
            if (run.CompletedAt is not null)
                return run;
            await Task.Delay(500);
        }
    }
}
