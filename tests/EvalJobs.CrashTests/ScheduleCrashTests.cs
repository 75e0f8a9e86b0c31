using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Servers that start at once deal with the due moments of many schedules and are killed at random moments while they do. Each moment makes one run: none is
/// lost, none counts twice. A program that forgets which moments it has dealt with, and a moment that nobody made a run for, are found out.
/// </summary>
/// <remarks>The schedules are due every hour; the test moves all that is stored an hour back, ten minutes after they were due.</remarks>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ScheduleCrashTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Schedules = 60;
    private const int Moments = 2;

    /// <summary>In <c>RecordScheduleFiring</c>: what remembers the moment.</summary>
    private const string Remembers = "DueAfter = {minute @DueMinute}, ";

    /// <summary>The version that each schedule runs, by the schedule's id.</summary>
    private readonly Dictionary<long, long> _versions = [];

    private RunScheduleRepository _schedules = null!;

    [SetUp]
    public async Task AddSchedules()
    {
        _schedules = new RunScheduleRepository(Database.Database);
        _versions.Clear();
        var tenant = await Some.TenantAsync();
        var suite = await Some.SuiteAsync(tenant);
        var due = SomeSchedule.DueTenMinutesAgo;
        for (var number = 1; number <= Schedules; number++)
        {
            var version = await Some.Versions.CreateAsync(tenant.Id, $"agent-{number}", "v1", Some.Genome(), null, "test", CancellationToken.None);
            var draft = due with { AgentName = version.AgentName };
            _versions.Add((await _schedules.AddAsync(tenant.Id, suite.Id, draft, "test", CancellationToken.None)).Id, version.Id);
        }

        // The runs are counted, not worked.
        await new JobPauseRepository(Database.Database).SetAsync(JobSchedule.ProcessEvaluations, "a test counts the runs", "test", CancellationToken.None);
    }

    [Test]
    [CancelAfter(300_000)]
    public async Task Servers_KilledAroundDueMoments_MakeOneRunForEach(CancellationToken cancellationToken)
    {
        var seed = Random.Shared.Next();
        await TestContext.Out.WriteLineAsync($"Seed {seed}");
        var random = new Random(seed);
        var hits = 0;
        for (var moment = 1; moment <= Moments; moment++)
        {
            await Database.PassAsync(TimeSpan.FromHours(1));
            await using (var first = Start("first"))
            await using (var second = Start("second"))
            {
                hits += await KillWhenDealtWithAsync(first, random.Next(1, Schedules / 2), random, cancellationToken);
                hits += await KillWhenDealtWithAsync(second, random.Next(Schedules / 2, Schedules - 10), random, cancellationToken);
            }

            await using var last = Start("last");
            while (await CountDealtWithAsync() < Schedules)
                await Task.Delay(20, cancellationToken);
            await last.KillAsync();
            await CancelRunsAsync();
            (await FindViolationsAsync(moment)).Should().BeEmpty();
        }

        hits.Should().BePositive("a kill must have hit servers in the middle of it, or this test says nothing");
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        await Database.PassAsync(TimeSpan.FromHours(1));
        var lost = _versions.Keys.First();
        foreach (var isPaused in (bool[])[true, false])
            await _schedules.SetPausedAsync(lost, isPaused, null, "test", cancellationToken);
        await using var control = Start("control");
        while (await CountDealtWithAsync() < Schedules)
            await Task.Delay(20, cancellationToken);
        (await FindViolationsAsync(Moments + 1)).Should().Equal([$"Schedule {lost} made {Moments} runs for {Moments + 1} due moments"], "its last moment passed while it was paused");
    }

    [Test]
    [CancelAfter(300_000)]
    public async Task Servers_ThatForgetWhatTheyHaveDealtWith_AreFoundOut(CancellationToken cancellationToken)
    {
        var program = Directory.CreateTempSubdirectory("evaljobs-forgetful-");
        try
        {
            Fence.BuildServerWithout(Remembers, program);
            await Database.PassAsync(TimeSpan.FromHours(1));
            await using (var first = Start("first", program.FullName))
            {
                while (await CountRunsAsync() < Schedules)
                    await Task.Delay(20, cancellationToken);
                await first.KillAsync();
            }

            (await FindViolationsAsync(1)).Should().BeEmpty("nobody has looked again yet");
            await CancelRunsAsync();
            await using var second = Start("second", program.FullName);
            while (await CountRunsAsync() < 2 * Schedules)
                await Task.Delay(20, cancellationToken);

            (await FindViolationsAsync(1)).Should().HaveCount(Schedules).And.OnlyContain(violation => violation.EndsWith("made 2 runs for 1 due moments", StringComparison.Ordinal));
        }
        finally
        {
            program.Delete(recursive: true);
        }
    }

    private ServerProcess Start(string name, string? program = null) => ServerProcess.Start(name, Database, [], program);

    /// <summary>Kills a server a random moment after so many schedules were dealt with, and ends the runs: whoever deals with a moment again makes another one.</summary>
    /// <returns>1 when moments were left that nobody had dealt with.</returns>
    private async Task<int> KillWhenDealtWithAsync(ServerProcess server, int enough, Random random, CancellationToken cancellationToken)
    {
        while (await CountDealtWithAsync() < enough)
            await Task.Delay(2, cancellationToken);
        await Task.Delay(random.Next(0, 10), cancellationToken);
        await server.KillAsync();
        var isHit = await CountDealtWithAsync() < Schedules;
        await CancelRunsAsync();
        return isHit ? 1 : 0;
    }

    /// <returns>How many schedules have nothing due.</returns>
    private async Task<int> CountDealtWithAsync()
    {
        var now = DateTimeOffset.UtcNow;
        return (await _schedules.ListAllAsync(CancellationToken.None)).Count(schedule => ScheduleTimes.Parse(schedule.Cron, schedule.TimeZone).NextAfter(schedule.DueAfter) > now);
    }

    private Task<int> CountRunsAsync() => Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}EvaluationRun");

    private async Task CancelRunsAsync()
    {
        foreach (var id in await Database.ListAsync<long>($"SELECT Id FROM {Database.Schema}EvaluationRun WHERE Status = 'PENDING'"))
            await Some.Runs.CancelAsync(id, "test", CancellationToken.None);
    }

    /// <returns>Each schedule that has not made one run for each of so many due moments; empty when all have.</returns>
    private async Task<List<string>> FindViolationsAsync(int moments)
    {
        var runs = (await Database.ListAsync<long>($"SELECT VersionId FROM {Database.Schema}EvaluationRun")).CountBy(version => version).ToDictionary();
        var violations = _versions.Where(each => runs.GetValueOrDefault(each.Value) != moments)
            .Select(each => $"Schedule {each.Key} made {runs.GetValueOrDefault(each.Value)} runs for {moments} due moments");
        var notCreated = (await _schedules.ListAllAsync(CancellationToken.None)).Where(schedule => schedule.LastOutcome != ScheduleOutcome.Created)
            .Select(schedule => $"Schedule {schedule.Id} came to {schedule.LastOutcome}: {schedule.LastReason}");
        return [.. violations, .. notCreated];
    }
}
