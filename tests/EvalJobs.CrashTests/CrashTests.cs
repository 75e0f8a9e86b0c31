using System.Diagnostics;
using System.Globalization;
using Dapper;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Real servers on one database are killed at random moments and restarted; some are paused beyond their lease and resumed. One
/// tenant's agent always fails, another's kills the server that asks it. Nothing may be lost or duplicated, and no stored answer may be requested again (<see cref="RepeatAccount"/>). The same test without the fence must fail.
/// </summary>
/// <remarks>
/// <c>EVALJOBS_TEST_KILLS</c> sets the number of kills for a longer run, <c>EVALJOBS_TEST_CONTROL_KILLS</c> that of the control without
/// the fence; <c>EVALJOBS_TEST_SEED</c> repeats the random choices of an earlier test run.
/// </remarks>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
[Platform(Exclude = "Win", Reason = "needs SIGSTOP and SIGCONT")]
public sealed class CrashTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int MostPausesOfTheControl = 8;

    [Test]
    [CancelAfter(3_600_000)]
    public async Task Servers_KilledAndPausedAtRandom_LoseNothingAndDuplicateNothing(CancellationToken cancellationToken)
    {
        var kills = Setting("EVALJOBS_TEST_KILLS", 30);
        await using var farm = await StartAsync("Crash test", kills);
        var clock = Stopwatch.StartNew();

        for (var kill = 1; kill <= kills; kill++)
        {
            if (kill % 10 == 5)
                await farm.KillOneLateInALongRunAsync(cancellationToken);
            else
                await farm.KillOneAsync(cancellationToken);
            await farm.FeedAsync();
            if (kill % 15 == 8 && farm.CanPause)
                await farm.PauseOneBeyondItsLeaseAsync(cancellationToken);
        }

        await farm.WaitUntilEndedAsync(null, cancellationToken);
        foreach (var life in farm.Living)
            (await life.Server.StopAsync()).Should().Be(0, "a server without work stops cleanly; its log ends with {0}", ServerFarm.EndOfLog(life));

        var violations = await Invariants.CheckAsync(farm.Database);
        var runs = await RunsAsync(farm);
        var account = await RepeatAccount.OfAsync(farm);
        await ReportAsync(farm, kills, clock.Elapsed, violations, runs, account);

        violations.Should().BeEmpty();
        runs.Should().HaveCount(farm.RunCount, "no run is lost and none appears");
        runs.Where(run => run.TenantId != farm.Poisoned.Id && run.TenantId != farm.Killer.Id).Should().OnlyContain(
            run => run.Status == "COMPLETED" && run.PassedCount == run.CaseCount && run.FailedAttempts == 0, "the end of a process is charged to no run");
        runs.Single(run => run.TenantId == farm.Killer.Id).Should().Match<EndedRun>(
            run => run.Status == "FAILED" && run.Error!.StartsWith("POISON") && run.FailedAttempts == 0, "its agent kills every server that asks it");
        runs.Where(run => run.TenantId == farm.Poisoned.Id).Should().OnlyContain(run => run.Status == "FAILED", "its agent never answers");
        account.Unexplained.Should().BeEmpty("only what was not yet stored when its worker died or lost its lease may be asked again");
        account.Excessive.Should().BeEmpty("answers are stored as they come");
        var attempts = runs.ToDictionary(run => run.Id, run => run.Attempt);
        farm.AsksOf(ServerFarm.PoisonedTenant).Should().OnlyContain(asks => asks.Count() <= attempts[asks.Key.RunId], "a poisoned case is asked once per attempt");
        if (farm.CanPause)
            account.TakenFromLateProcesses.Should().BePositive("questions of a process that was paused beyond its lease must be asked again; otherwise the test proves nothing");
    }

    [Test]
    [CancelAfter(3_600_000)]
    public async Task Servers_WithoutTheFence_CauseViolations(CancellationToken cancellationToken)
    {
        if (typeof(TDatabase) != typeof(SqliteTestDatabase))
            Assert.Ignore("The control must pause a server that certainly has unstored answers, which is only possible with SQLite's single write lock; FenceTests is the control here.");
        var kills = Setting("EVALJOBS_TEST_CONTROL_KILLS", 2);
        var program = Directory.CreateTempSubdirectory("evaljobs-unfenced-");
        try
        {
            Fence.BuildUnfencedServer(program);
            await using var farm = await StartAsync("Crash test without the fence", kills, program.FullName);
            var clock = Stopwatch.StartNew();

            for (var kill = 1; kill <= kills; kill++)
            {
                await farm.KillOneAsync(cancellationToken);
                await farm.FeedAsync();
            }

            // It is a matter of chance whether a resumed process writes first or first notices that it has lost its runs.
            var violations = new List<string>();
            while (farm.Pauses < MostPausesOfTheControl && !violations.Exists(IsDoubleEnd))
            {
                await farm.FeedAsync();
                await farm.PauseOneBeyondItsLeaseAsync(cancellationToken);
                violations = await Invariants.CheckAsync(farm.Database);
            }

            // A run that ended and was reopened may never end again, so its figures are used as they are.
            foreach (var life in farm.Living)
                await life.Server.KillAsync();

            violations = await Invariants.CheckAsync(farm.Database);
            await ReportAsync(farm, kills, clock.Elapsed, violations, await RunsAsync(farm), await RepeatAccount.OfAsync(farm));
            violations.Should().Contain(violation => IsDoubleEnd(violation));
        }
        finally
        {
            program.Delete(recursive: true);
        }
    }

    private static bool IsDoubleEnd(string violation) => violation.EndsWith("was not ended exactly once", StringComparison.Ordinal);

    private static async Task<ServerFarm> StartAsync(string title, int kills, string? program = null)
    {
        var seed = Setting("EVALJOBS_TEST_SEED", Random.Shared.Next());
        await TestContext.Progress.WriteLineAsync($"{title}: {kills} kills, seed {seed}");
        return await ServerFarm.StartAsync(new TDatabase(), seed, program);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static async Task<List<EndedRun>> RunsAsync(ServerFarm farm)
    {
        await using var connection = await farm.Database.Database.OpenAsync(CancellationToken.None);
        return (await connection.QueryAsync<EndedRun>($"SELECT Id, TenantId, Status, Attempt, FailedAttempts, Error, CaseCount, PassedCount FROM {farm.Database.Schema}EvaluationRun")).AsList();
    }

    private static async Task ReportAsync(
        ServerFarm farm, int kills, TimeSpan time, List<string> violations, List<EndedRun> runs, RepeatAccount account)
    {
        var errorLines = farm.Lives.SelectMany(life => life.Server.Log)
            .Where(line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal)).ToList();
        var requeued = await farm.Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {farm.Database.Schema}ChangeRecord WHERE Type = @Type", new { Type = ChangeType.RunRequeued });
        var report = $"""
            {kills} kills, {farm.Pauses} pauses beyond the lease, {time.TotalSeconds:F0} s
              {runs.Count} runs: {string.Join(", ", runs.CountBy(run => run.Status).Select(each => $"{each.Value} {each.Key}"))}; at most {runs.Where(run => run.TenantId != farm.Poisoned.Id && run.TenantId != farm.Killer.Id).Max(run => run.Attempt)} attempts of a healthy one
              {requeued} runs rescued, {account.LateProcessRuns} of them from live processes
              {account.Cases} healthy cases, {account.Total} asked again: {account.LostInKills} lost unstored in kills (at most {account.MostLostInOneKill} in one), {account.TakenFromLateProcesses} asked by a paused process, {account.AskedByLateProcesses} by one that had just resumed, {account.Unexplained.Count} unexplained, {account.Excessive.Count} times too many at once
              {violations.Count} violations{string.Concat(violations.Take(5).Select(each => $"; {each}"))}
              {errorLines.Count} error lines in the servers' logs{string.Concat(errorLines.Take(5).Select(each => $"\n    {each[..Math.Min(each.Length, 250)]}"))}
            """;
        await TestContext.Progress.WriteLineAsync(report);
        await TestContext.Out.WriteLineAsync(report);
    }

    /// <summary>The row of a run at the end.</summary>
    private sealed record EndedRun
    {
        public required long Id { get; init; }

        public required long TenantId { get; init; }

        public required string Status { get; init; }

        public required int Attempt { get; init; }

        public required int FailedAttempts { get; init; }

        public string? Error { get; init; }

        public required int CaseCount { get; init; }

        public required int PassedCount { get; init; }
    }
}
