using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Servers that start at the same time handle the due moments of many schedules and are killed at random moments while they do. Each moment creates one run: none
/// is lost, none counts twice. The test detects a program that forgets which moments it has handled, and a moment without a run.
/// </summary>
/// <remarks>The schedules are due every hour; the test moves all stored times an hour back, ten minutes after they were due.</remarks>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ScheduleCrashTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Schedules = 60;
    private const int Moments = 2;

    /// <summary>The part of <c>RecordScheduleFiring</c> that stores the moment as handled.</summary>
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
    public async Task Servers_KilledAroundDueMoments_CreateOneRunForEach(CancellationToken cancellationToken)
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
                hits += await KillWhenHandledAsync(first, random.Next(1, Schedules / 2), random, cancellationToken);
                hits += await KillWhenHandledAsync(second, random.Next(Schedules / 2, Schedules - 10), random, cancellationToken);
            }

            await using var last = Start("last");
            while (await CountHandledAsync() < Schedules)
                await Task.Delay(20, cancellationToken);
            await last.KillAsync();
            await CancelRunsAsync();
            (await FindViolationsAsync(moment)).Should().BeEmpty();
        }

        hits.Should().BePositive("a kill must have hit servers in the middle of it, otherwise this test proves nothing");
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        await Database.PassAsync(TimeSpan.FromHours(1));
        var lost = _versions.Keys.First();
        foreach (var isPaused in (bool[])[true, false])
            await _schedules.SetPausedAsync(lost, isPaused, null, "test", cancellationToken);
        await using var control = Start("control");
        while (await CountHandledAsync() < Schedules)
            await Task.Delay(20, cancellationToken);
        (await FindViolationsAsync(Moments + 1)).Should().Equal([$"Schedule {lost} made {Moments} runs for {Moments + 1} due moments"], "its last moment passed while it was paused");
    }

    [Test]
    [CancelAfter(300_000)]
    public async Task Servers_ThatForgetHandledMoments_CauseViolations(CancellationToken cancellationToken)
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

            (await FindViolationsAsync(1)).Should().BeEmpty("no server has checked again yet");
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

    /// <summary>Kills a server at a random moment after this number of schedules was handled, and ends the runs, so that a server that handles a moment again creates another run.</summary>
    /// <returns>1 when some moments were not handled yet.</returns>
    private async Task<int> KillWhenHandledAsync(ServerProcess server, int enough, Random random, CancellationToken cancellationToken)
    {
        while (await CountHandledAsync() < enough)
            await Task.Delay(2, cancellationToken);
        await Task.Delay(random.Next(0, 10), cancellationToken);
        await server.KillAsync();
        var wasInterrupted = await CountHandledAsync() < Schedules;
        await CancelRunsAsync();
        return wasInterrupted ? 1 : 0;
    }

    /// <returns>The number of schedules without a due moment.</returns>
    private async Task<int> CountHandledAsync()
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

    /// <returns>A sentence for each schedule that has not created exactly one run per due moment; empty when all have.</returns>
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
