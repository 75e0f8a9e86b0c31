using System.Diagnostics;
using System.Globalization;

namespace EvalJobs.Benchmarks;

/// <summary>
/// Many small runs for several minutes: each version gets its next run as soon as its last one has ended. Once a minute it prints the completed runs and the resident memory
/// of the server process, which must not grow after minute 5.
/// </summary>
internal static class Soak
{
    private const int Tenants = 200;
    private const int WarmMinutes = 5;

    /// <summary>Changes by the garbage collector do not count as growth.</summary>
    private const double MaxGrowth = 1.05;

    public static async Task<int> RunAsync(string[] args)
    {
        var minutes = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 10;
        await using var agent = await LoopbackAgent.StartAsync();
        await using var database = await BenchmarkDatabase.CreateAsync();
        await ManyTenants.SeedAsync(database, Tenants, agent.Urls.First());

        using var server = BenchmarkServer.Start(database.Options);
        var clock = Stopwatch.StartNew();
        var resident = new List<double>();
        Console.WriteLine("| minute | runs completed | resident | processor time |");
        Console.WriteLine("| --- | --- | --- | --- |");
        for (var minute = 1; minute <= minutes; minute++)
        {
            // A minute's figure is the mean of its samples, because a single sample may be before or after a collection.
            var samples = new List<double>();
            while (clock.Elapsed < TimeSpan.FromMinutes(minute))
            {
                await AddRunsAsync(database);
                samples.Add(server.ResidentBytes / 1048576.0);
                await Task.Delay(500);
            }

            resident.Add(samples.Average());
            var completed = await database.ScalarAsync<long>("SELECT COUNT(*) FROM EvaluationRun WHERE Status = 'COMPLETED'");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {minute} | {completed} | {resident[^1]:0.0} MB | {server.ProcessorTime.TotalSeconds:0} s |"));
        }

        if (resident.Count <= WarmMinutes)
            return 0;
        var growth = resident.Skip(WarmMinutes).Max() / resident[WarmMinutes - 1];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"After minute {WarmMinutes}: at most {growth:0.000} of minute {WarmMinutes}'s."));
        return growth <= MaxGrowth ? 0 : 1;
    }

    private static Task AddRunsAsync(BenchmarkDatabase database) => database.ExecuteAsync(
        """
        INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
        SELECT v.TenantId, v.TenantId, 1, v.Id, 'PENDING', 'NOT_RUN', 'TRANSITION', 1
        FROM AgentVersion v
        WHERE NOT EXISTS (SELECT 1 FROM EvaluationRun r WHERE r.VersionId = v.Id AND r.Status IN ('PENDING', 'RUNNING'));
        """);
}
