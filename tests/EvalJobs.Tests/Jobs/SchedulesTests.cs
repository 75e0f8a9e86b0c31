using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.Logging;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Jobs;

/// <summary>Schedules create runs, by Hangfire's recurring jobs and without them.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class SchedulesTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task ScheduledRunJob_Due_CreatesOneRunAndReportsIt()
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());
        var schedule = await AddAsync(harness.Some, harness.Database, SomeSchedule.DueTenMinutesAgo);
        await harness.Database.PassAsync(TimeSpan.FromMinutes(16));

        var first = await harness.Get<ScheduledRunJob>().RunAsync(schedule.Id, default);
        var second = await harness.Get<ScheduledRunJob>().RunAsync(schedule.Id, default);

        var run = (await RunsAsync(harness.Some, schedule)).Should().ContainSingle().Subject;
        first.Should().Be($"Created run {run.Id}.");
        second.Should().StartWith("Nothing is due before");
        harness.Get<InlineTenantBatchQueue>().TakeAll().Should().ContainSingle("it is picked up at once");
    }

    [Test]
    public async Task ScheduledRunJob_TwoServersAtOnce_CreateOneRun()
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());
        await using var other = await harness.JoinAsync();
        var schedule = await AddAsync(harness.Some, harness.Database, SomeSchedule.DueTenMinutesAgo);
        await harness.Database.PassAsync(TimeSpan.FromMinutes(16));

        await Task.WhenAll(new[] { harness, other, harness, other }.Select(server => Task.Run(() => server.Get<ScheduledRunJob>().RunAsync(schedule.Id, default))));

        (await RunsAsync(harness.Some, schedule)).Should().ContainSingle();
        (await new RunScheduleRepository(harness.Database.Database).GetAsync(schedule.Id, default)).LastOutcome.Should().Be(ScheduleOutcome.Created, "a second one would have been skipped");
    }

    [Test]
    public async Task ScheduledRunJob_NoServerForHours_SkipsMissedMoments()
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());
        var now = DateTimeOffset.UtcNow;
        var schedule = await AddAsync(harness.Some, harness.Database, SomeSchedule.Draft with { Cron = $"{now.Minute} {now.AddHours(-3).Hour} * * *" });
        await harness.Database.PassAsync(TimeSpan.FromDays(3));

        var answer = await harness.Get<ScheduledRunJob>().RunAsync(schedule.Id, default);

        answer.Should().StartWith("MISSED");
        (await RunsAsync(harness.Some, schedule)).Should().BeEmpty();
    }

    [Test]
    public async Task ScheduledRunJob_DeletedOrPaused_DoesNothing()
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());
        var schedule = await AddAsync(harness.Some, harness.Database);
        await harness.Get<PauseSchedule>().ExecuteAsync(schedule.Id, true, null, "test", default);
        await harness.Database.PassAsync(TimeSpan.FromMinutes(16));

        (await harness.Get<ScheduledRunJob>().RunAsync(schedule.Id, default)).Should().Contain("paused");
        (await harness.Get<ScheduledRunJob>().RunAsync(99, default)).Should().Contain("deleted");
        (await RunsAsync(harness.Some, schedule)).Should().BeEmpty();
    }

    [Test]
    public async Task Health_ScheduleThatMadeNoRun_IsAWarningOfItsTenant()
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());
        var schedule = await AddAsync(harness.Some, harness.Database);
        await harness.Database.ExecuteAsync($"UPDATE {harness.Database.Schema}AgentVersion SET LifecycleState = 'RETIRED'");
        await harness.Database.PassAsync(TimeSpan.FromMinutes(16));
        await harness.Get<ScheduledRunJob>().RunAsync(schedule.Id, default);

        var report = await harness.Get<HealthCheckJob>().RunAsync(default);

        report.Tenants.Single().Reasons.Should().ContainSingle().Which.Should().StartWith($"Schedule {schedule.Id}");
    }

    [TestCase("TimeZone = 'Mars/Base'", "*'Mars/Base' is not a time zone*")]
    [TestCase("Cron = 'every night'", "*'every night' is not a cron expression*")]
    public async Task Health_SchedulesThatCannotBeReadHere_AreAWarningOfTheServer(string stored, string problem)
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());
        var schedule = await AddAsync(harness.Some, harness.Database);
        (await harness.Get<HealthCheckJob>().RunAsync(default)).Reasons.Should().BeEmpty();

        await harness.Database.ExecuteAsync($"UPDATE {harness.Database.Schema}RunSchedule SET {stored}");
        var one = await harness.Get<HealthCheckJob>().RunAsync(default);
        await harness.Database.ExecuteAsync($"""
            INSERT INTO {harness.Database.Schema}RunSchedule (TenantId, SuiteId, AgentName, Cron, TimeZone, Priority, CreatedBy)
            SELECT TenantId, SuiteId, AgentName, Cron, TimeZone, Priority, CreatedBy FROM {harness.Database.Schema}RunSchedule
            """);
        var two = await harness.Get<HealthCheckJob>().RunAsync(default);
        await harness.Database.ExecuteAsync($"UPDATE {harness.Database.Schema}RunSchedule SET IsPaused = 1");

        (one.Overall, one.Reasons.Count).Should().Be(("WARNING", 1));
        one.Reasons[0].Should().StartWith($"Schedule {schedule.Id} makes no runs").And.Match(problem);
        two.Reasons.Should().ContainSingle().Which.Should().StartWith("2 schedules make no runs").And.Contain($"The first is {schedule.Id}").And.Match(problem);
        (await harness.Get<HealthCheckJob>().RunAsync(default)).Overall.Should().Be("HEALTHY", "a paused schedule makes none anyway");
    }

    [Test]
    public async Task Watch_ScheduleThatCannotBeReadHere_IsLoggedOnceAndBlocksNoOther()
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());

        // Hangfire has one log per process: that of the last host, which may have ended.
        LogProvider.SetCurrentLogProvider(null);
        using var storage = new InMemoryStorage();
        using var log = new LogCapture();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log));
        using var watch = new RunScheduleWatch(
            harness.Get<RunScheduleRepository>(), harness.Get<TenantHealthRepository>(), harness.Get<DueSchedules>(), new ScheduleChanges(), new RecurringJobManager(storage), storage,
            TimeProvider.System, loggers.CreateLogger<RunScheduleWatch>());
        var unreadable = await AddAsync(harness.Some, harness.Database);
        await harness.Database.ExecuteAsync($"UPDATE {harness.Database.Schema}RunSchedule SET TimeZone = 'Mars/Base'");
        var schedule = await SomeSchedule.AddAsync(harness.Some, harness.Database.Database, slug: "other");
        await harness.Database.PassAsync(TimeSpan.FromMinutes(31));

        await watch.CheckAsync(default);
        await watch.CheckAsync(default);

        (await RunsAsync(harness.Some, schedule)).Should().ContainSingle();
        log.Lines.Should().ContainSingle().Which.Text.Should().StartWith($"Schedule {unreadable.Id} makes no runs");
        using var connection = storage.GetConnection();
        connection.GetRecurringJobs().Select(job => job.Id).Should().Equal(RunScheduleWatch.JobId(schedule.Id));
    }

    [Test]
    public async Task Server_ScheduleAddedPausedAndDeleted_UpdatesHangfire()
    {
        await using var server = await RunningServer.StartAsync<TDatabase>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var schedule = await AddAsync(server.Some, server.Database, SomeSchedule.Draft with { Cron = "30 2 * * *", TimeZone = "America/New_York" });
        server.Services.GetRequiredService<ScheduleChanges>().Announce();
        await server.WaitUntilAsync(() => Task.FromResult(Find(server, schedule) is not null), limit.Token);

        var job = Find(server, schedule)!;
        (job.Cron, job.TimeZoneId, job.Job.Queue).Should().Be(("30 2 * * *", "America/New_York", JobSchedule.Queue));
        job.Job.Args[0].Should().Be(schedule.Id, "its only argument is a number");

        await server.Services.GetRequiredService<PauseSchedule>().ExecuteAsync(schedule.Id, true, null, "test", default);
        await server.WaitUntilAsync(() => Task.FromResult(Find(server, schedule) is null), limit.Token);
        await server.Services.GetRequiredService<PauseSchedule>().ExecuteAsync(schedule.Id, false, null, "test", default);
        await server.WaitUntilAsync(() => Task.FromResult(Find(server, schedule) is not null), limit.Token);
        await server.Services.GetRequiredService<DeleteSchedule>().ExecuteAsync(schedule.Id, null, "test", default);
        await server.WaitUntilAsync(() => Task.FromResult(Find(server, schedule) is null), limit.Token);
    }

    [Test]
    public async Task Server_TriggeredByHangfire_CreatesTheRunThatIsDue()
    {
        var database = new TDatabase();
        await database.CreateAsync();
        var schedule = await AddAsync(new Some(database.Database), database);
        await using var server = await RunningServer.StartOnAsync(database, ("Hangfire:Storage", "InMemory"));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await server.WaitUntilAsync(() => Task.FromResult(Find(server, schedule) is not null), limit.Token);
        await database.PassAsync(TimeSpan.FromMinutes(16));

        server.Services.GetRequiredService<IRecurringJobManager>().Trigger(RunScheduleWatch.JobId(schedule.Id));

        await server.WaitUntilAsync(async () => (await RunsAsync(server.Some, schedule)).Count > 0, limit.Token);
        (await RunsAsync(server.Some, schedule)).Should().ContainSingle();
    }

    [Test]
    public async Task Watch_HangfireTriggeredNothing_HandlesOverdueSchedules()
    {
        await using var server = await RunningServer.StartAsync<TDatabase>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var schedule = await AddAsync(server.Some, server.Database);
        await server.Database.PassAsync(TimeSpan.FromMinutes(31));

        server.Services.GetRequiredService<ScheduleChanges>().Announce();

        await server.WaitUntilAsync(async () => (await RunsAsync(server.Some, schedule)).Count > 0, limit.Token);
        (await RunsAsync(server.Some, schedule)).Should().ContainSingle("of several that passed the latest counts");
    }

    [Test]
    public async Task Watch_ClockWasSetBack_ContinuesFromNow()
    {
        await using var server = await RunningServer.StartAsync<TDatabase>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var schedule = await AddAsync(server.Some, server.Database);
        await server.Database.PassAsync(TimeSpan.FromDays(-40));

        server.Services.GetRequiredService<ScheduleChanges>().Announce();

        await server.WaitUntilAsync(
            async () => (await server.Services.GetRequiredService<RunScheduleRepository>().GetAsync(schedule.Id, default)).DueAfter < DateTimeOffset.UtcNow.AddMinutes(5), limit.Token);
    }

    [Test]
    public async Task PausedTick_Always_QueuesNothingAndIsNoWarning()
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());
        await harness.Get<PauseJob>().ExecuteAsync(JobSchedule.ProcessEvaluations, "the agents move", "web:ann", default);
        await harness.Some.TenantWithRunsAsync(1);
        await harness.Database.PassAsync(TimeSpan.FromHours(2));
        var schedule = await AddAsync(harness.Some, harness.Database);

        await harness.Get<RunScheduleNow>().ExecuteAsync(schedule.Id, "test", default);
        var paused = await harness.Get<HealthCheckJob>().RunAsync(default);

        harness.Get<InlineTenantBatchQueue>().TakeAll().Should().BeEmpty("no new batch is queued");
        (paused.Overall, paused.Reasons.Count).Should().Be(("HEALTHY", 0));
        paused.Paused.Should().ContainSingle().Which.Should().Contain("web:ann").And.Contain("the agents move").And.Contain("No new batches");

        await harness.Get<PauseJob>().ExecuteAsync(JobSchedule.ProcessEvaluations, null, "web:ben", default);
        (await harness.Get<HealthCheckJob>().RunAsync(default)).Should().Match<HealthReport>(report => report.Paused.Count == 0 && report.Reasons.Count == 0);
    }

    [Test]
    public async Task PausedJob_OnAnyServerOrAfterARestart_IsNotDueAndStillRunsByHand()
    {
        await using var server = await RunningServer.StartAsync<TDatabase>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await server.Services.GetRequiredService<PauseJob>().ExecuteAsync(JobSchedule.ProcessEvaluations, "maintenance", "test", default);
        await server.WaitUntilAsync(() => Task.FromResult(FindTick(server) is { NextExecution: null }), limit.Token);

        await using (var other = await server.JoinAsync())
        {
            NextTick(other).Should().BeNull("it reads the product's table: each server has its own Hangfire in memory");
            await server.TickAsync(limit.Token);
            await server.Services.GetRequiredService<PauseJob>().ExecuteAsync(JobSchedule.ProcessEvaluations, null, "test", default);
            await server.WaitUntilAsync(() => Task.FromResult(FindTick(server)?.NextExecution is not null), limit.Token);
            await server.WaitUntilAsync(() => Task.FromResult(FindTick(other)?.NextExecution is not null), limit.Token);
        }
    }

    [TestCase("no-such-job", "why")]
    [TestCase(JobSchedule.ProcessEvaluations, " ")]
    public async Task PauseJob_UnknownJobOrNoReason_IsRejected(string job, string reason)
    {
        await using var harness = await JobHarness.StartAsync(new TDatabase());

        await FluentActions.Awaiting(() => harness.Get<PauseJob>().ExecuteAsync(job, reason, "test", default)).Should().ThrowAsync<NotAllowedException>();
    }

    private static Task<RunSchedule> AddAsync(Some some, TestDatabase database, ScheduleDraft? draft = null) => SomeSchedule.AddAsync(some, database.Database, draft);

    private static RecurringJobDto? Find(RunningServer server, RunSchedule schedule)
    {
        using var connection = server.Services.GetRequiredService<JobStorage>().GetConnection();
        return connection.GetRecurringJobs().SingleOrDefault(job => job.Id == RunScheduleWatch.JobId(schedule.Id));
    }

    private static DateTime? NextTick(RunningServer server) => FindTick(server)!.NextExecution;

    /// <returns>The tick; null for a moment, while it is registered again.</returns>
    private static RecurringJobDto? FindTick(RunningServer server)
    {
        using var connection = server.Services.GetRequiredService<JobStorage>().GetConnection();
        return connection.GetRecurringJobs().SingleOrDefault(job => job.Id == JobSchedule.ProcessEvaluations);
    }

    private static async Task<IReadOnlyList<EvaluationRun>> RunsAsync(Some some, RunSchedule schedule) =>
        await some.RunsAsync(new RunListFilter { TenantIds = [schedule.TenantId] }, 10);
}
