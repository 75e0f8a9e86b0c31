using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
internal sealed class RunScheduleRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private RunScheduleRepository Schedules => new(Database.Database);

    [Test]
    public async Task AddAsync_Always_IsReadBackAndRecorded()
    {
        var added = await SomeSchedule.AddAsync(Some, Database.Database, slug: "acme");

        (await Schedules.GetAsync(added.Id, default)).Should().Be(added);
        (await Schedules.ListAsync(added.TenantId, added.SuiteId, default)).Should().Equal(added);
        (await Schedules.ListAsync(added.TenantId, added.SuiteId + 1, default)).Should().BeEmpty();
        (await Schedules.ListAllAsync(default)).Should().Equal(added);
        (added.TenantSlug, added.SuiteName, added.AgentName, added.Cron, added.TimeZone, added.Priority).Should().Be(("acme", "suite", "agent", "*/15 * * * *", "UTC", 3));
        (added.IsPaused, added.Revision, added.CreatedBy, added.LastFiredAt, added.LastOutcome).Should().Be((false, 1, "cli:ann", null, null));
        (added.DueAfter - added.CreatedAt).Should().BeLessThan(TimeSpan.FromSeconds(1), "what was due before it existed does not count");
        (await LastChangeAsync(added)).Should().Match<ChangeRecord>(record => record.Type == "SCHEDULE_CREATED" && record.Actor == "cli:ann" && record.TargetId == added.Id);
    }

    [Test]
    public async Task AddAsync_ForeignSuiteOrUnknownAgent_IsNotFound()
    {
        var mine = await SomeSchedule.AddAsync(Some, Database.Database);
        var theirs = await SomeSchedule.AddAsync(Some, Database.Database);

        await FluentActions.Awaiting(() => Schedules.AddAsync(mine.TenantId, theirs.SuiteId, SomeSchedule.Draft, "test", default)).Should().ThrowAsync<NotFoundException>();
        await FluentActions.Awaiting(() => Schedules.AddAsync(mine.TenantId, mine.SuiteId, SomeSchedule.Draft with { AgentName = "nobody" }, "test", default))
            .Should().ThrowAsync<NotFoundException>().WithMessage("*'nobody'*");
    }

    [Test]
    public async Task AddAsync_MoreThanATenantMayHave_IsAConflict()
    {
        var first = await SomeSchedule.AddAsync(Some, Database.Database);
        for (var count = 1; count < RunSchedule.MaxPerTenant; count++)
            await Schedules.AddAsync(first.TenantId, first.SuiteId, SomeSchedule.Draft, "test", default);

        await FluentActions.Awaiting(() => Schedules.AddAsync(first.TenantId, first.SuiteId, SomeSchedule.Draft, "test", default)).Should().ThrowAsync<ConflictException>();
        (await Schedules.ListAsync(first.TenantId, null, default)).Should().HaveCount(RunSchedule.MaxPerTenant);
    }

    [Test]
    public async Task ChangeAsync_ReadBeforeAnotherUsersChange_IsAConflict()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);

        var changed = await Schedules.ChangeAsync(schedule.Id, SomeSchedule.Draft with { Cron = "0 2 * * *", TimeZone = "Europe/Berlin" }, schedule.Revision, "web:ben", default);

        (changed.Cron, changed.TimeZone, changed.Revision).Should().Be(("0 2 * * *", "Europe/Berlin", 2));
        (await LastChangeAsync(schedule)).Type.Should().Be("SCHEDULE_CHANGED");
        foreach (var late in new Func<Task>[]
                 {
                     () => Schedules.ChangeAsync(schedule.Id, SomeSchedule.Draft, schedule.Revision, "test", default),
                     () => Schedules.SetPausedAsync(schedule.Id, true, schedule.Revision, "test", default),
                     () => Schedules.DeleteAsync(schedule.Id, schedule.Revision, "test", default),
                 })
            await FluentActions.Awaiting(late).Should().ThrowAsync<ConflictException>();
        (await Schedules.GetAsync(schedule.Id, default)).Should().Be(changed);
    }

    [Test]
    public async Task SetPausedAsync_Twice_IsRecordedOnceAndDropsDueMoments()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);

        var paused = await Schedules.SetPausedAsync(schedule.Id, true, null, "web:ben", default);
        await Schedules.SetPausedAsync(schedule.Id, true, null, "web:ben", default);
        (await Schedules.FireAsync(paused, SomeSchedule.DueAfter(paused), null, default)).Should().BeNull();
        await Database.PassAsync(TimeSpan.FromDays(1));
        var resumed = await Schedules.SetPausedAsync(schedule.Id, false, null, "web:ben", default);

        (resumed.IsPaused, resumed.Revision).Should().Be((false, 3));
        resumed.DueAfter.Should().BeAfter(schedule.DueAfter.AddSeconds(-1));
        (await Some.Changes.ListAsync(schedule.TenantId, nameof(RunSchedule), schedule.Id, long.MaxValue, 10, default)).Select(record => record.Type)
            .Should().Equal("SCHEDULE_RESUMED", "SCHEDULE_PAUSED", "SCHEDULE_CREATED");
    }

    [Test]
    public async Task FireAsync_Due_CreatesARunOfTheNewestVersionThatServes()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        var tenant = await Some.Tenants.GetAsync(schedule.TenantId, default);
        var newest = await Some.VersionAsync(tenant);
        var retired = await Some.VersionAsync(tenant);
        await Database.ExecuteAsync($"UPDATE {Database.Schema}AgentVersion SET LifecycleState = 'RETIRED' WHERE Id = @Id", new { retired.Id });
        var due = SomeSchedule.DueAfter(schedule);

        var firing = await Schedules.FireAsync(schedule, due, null, default);

        (firing!.Outcome, firing.Run!.VersionId, firing.Run.SuiteId, firing.Run.Priority).Should().Be((ScheduleOutcome.Created, newest.Id, schedule.SuiteId, 3));
        var after = await Schedules.GetAsync(schedule.Id, default);
        (after.DueAfter, after.LastDueAt, after.LastRunId, after.LastOutcome, after.LastReason).Should().Be((due, due, firing.Run.Id, ScheduleOutcome.Created, null));
        after.Revision.Should().Be(schedule.Revision, "nobody has changed it");
        (await Some.Changes.ListAsync(schedule.TenantId, nameof(EvaluationRun), firing.Run.Id, long.MaxValue, 1, default)).Single().Actor.Should().Be($"schedule:{schedule.Id}");
    }

    [Test]
    public async Task FireAsync_ManyAtOnce_CreateOneRun()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        var due = SomeSchedule.DueAfter(schedule);

        var firings = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Schedules.FireAsync(schedule, due, null, default))));

        firings.OfType<ScheduleFiring>().Should().ContainSingle("each due moment is handled once").Which.Outcome.Should().Be(ScheduleOutcome.Created);
        (await RunsAsync(schedule)).Should().ContainSingle();
        (await Schedules.FireAsync(schedule, due, null, default)).Should().BeNull();
    }

    [TestCase("EvaluationRun", "VersionId", "version")]
    [TestCase("ChangeRecord", "TargetId", "run")]
    public async Task FireAsync_FailsHalfway_LeavesTheDueMomentToTheNextCall(string table, string column, string what)
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        var due = SomeSchedule.DueAfter(schedule);
        var version = (await Some.Versions.ListAsync(schedule.TenantId, long.MaxValue, 1, default)).Single();
        await Database.BreakInsertAsync(table, column, what == "version" ? version.Id : 1);

        await FluentActions.Awaiting(() => Schedules.FireAsync(schedule, due, null, default)).Should().ThrowAsync<System.Data.Common.DbException>();

        (await RunsAsync(schedule)).Should().BeEmpty();
        (await Schedules.GetAsync(schedule.Id, default)).Should().Be(schedule);
        await Database.RepairAsync(table);
        (await Schedules.FireAsync(schedule, due, null, default))!.Run.Should().NotBeNull();
        (await RunsAsync(schedule)).Should().ContainSingle();
    }

    [Test]
    public async Task FireAsync_ChangedSinceItWasRead_DoesNothing()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        await Schedules.ChangeAsync(schedule.Id, SomeSchedule.Draft with { Cron = "0 2 * * *" }, null, "test", default);

        (await Schedules.FireAsync(schedule, SomeSchedule.DueAfter(schedule), null, default)).Should().BeNull();
        (await RunsAsync(schedule)).Should().BeEmpty();
    }

    [Test]
    public async Task FireAsync_EarlierRunHasNotEnded_IsSkippedAndSaysSo()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        await Schedules.FireAsync(schedule, SomeSchedule.DueAfter(schedule), null, default);
        var first = (await RunsAsync(schedule)).Single();

        schedule = await Schedules.GetAsync(schedule.Id, default);
        var firing = await Schedules.FireAsync(schedule, SomeSchedule.DueAfter(schedule), null, default);

        firing!.Outcome.Should().Be(ScheduleOutcome.Skipped);
        firing.Reason.Should().Contain($"Run {first.Id}").And.Contain("PENDING");
        (await RunsAsync(schedule)).Should().ContainSingle();
        (await Schedules.ListFailingAsync(default)).Should().BeEmpty("that is no failure");
    }

    [Test]
    public async Task FireAsync_PausedTenant_IsSkipped()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        await Some.Tenants.SetPausedAsync(schedule.TenantId, true, "test", default);

        (await Schedules.FireAsync(schedule, SomeSchedule.DueAfter(schedule), null, default))!.Should()
            .Match<ScheduleFiring>(firing => firing.Outcome == ScheduleOutcome.Skipped && firing.Run == null);
    }

    [Test]
    public async Task FireAsync_NoVersionLeft_FailsUntilOneExists()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        await Database.ExecuteAsync($"UPDATE {Database.Schema}AgentVersion SET LifecycleState = 'DEPRECATED'");

        var failed = await Schedules.FireAsync(schedule, SomeSchedule.DueAfter(schedule), null, default);

        failed!.Outcome.Should().Be(ScheduleOutcome.Failed);
        (await Schedules.ListFailingAsync(default)).Should().ContainSingle().Which.Reason.Should().Contain($"Schedule {schedule.Id}").And.Contain("'agent'").And.Contain("DEPRECATED");

        await Some.VersionAsync(await Some.Tenants.GetAsync(schedule.TenantId, default));
        schedule = await Schedules.GetAsync(schedule.Id, default);
        (await Schedules.FireAsync(schedule, SomeSchedule.DueAfter(schedule), null, default))!.Outcome.Should().Be(ScheduleOutcome.Created);
        (await Schedules.ListFailingAsync(default)).Should().BeEmpty();
    }

    [Test]
    public async Task FireAsync_Missed_IsRecordedAndCreatesNoRun()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        var due = SomeSchedule.DueAfter(schedule);

        var firing = await Schedules.FireAsync(schedule, due, "No server was there.", default);

        firing.Should().Be(new ScheduleFiring(ScheduleOutcome.Missed, null, "No server was there."));
        (await Schedules.GetAsync(schedule.Id, default)).Should().Match<RunSchedule>(after => after.LastReason == "No server was there." && after.DueAfter == due);
        (await RunsAsync(schedule)).Should().BeEmpty();
    }

    [Test]
    public async Task RunNowAsync_PausedSchedule_CreatesARunAndKeepsTheDueMoment()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        schedule = await Schedules.SetPausedAsync(schedule.Id, true, null, "test", default);

        var run = await Schedules.RunNowAsync(schedule.Id, "web:ben", default);

        var after = await Schedules.GetAsync(schedule.Id, default);
        (after.LastRunId, after.DueAfter, after.Revision).Should().Be((run.Id, schedule.DueAfter, schedule.Revision));
        await FluentActions.Awaiting(() => Schedules.RunNowAsync(schedule.Id, "web:ben", default)).Should().ThrowAsync<ConflictException>();
    }

    [Test]
    public async Task RewindAsync_ClockWasSetBack_ContinuesFromNow()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        var now = schedule.DueAfter;
        (await Schedules.RewindAsync(schedule, now, default)).Should().BeFalse();
        await Database.PassAsync(TimeSpan.FromDays(-2));
        schedule = await Schedules.GetAsync(schedule.Id, default);

        (await Schedules.RewindAsync(schedule, now, default)).Should().BeTrue();

        (await Schedules.GetAsync(schedule.Id, default)).DueAfter.Should().BeCloseTo(now, TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task DeleteAsync_Always_KeepsItsRunsAndWritesARecord()
    {
        var schedule = await SomeSchedule.AddAsync(Some, Database.Database);
        await Schedules.RunNowAsync(schedule.Id, "test", default);

        await Schedules.DeleteAsync(schedule.Id, schedule.Revision, "web:ben", default);

        (await Schedules.FindAsync(schedule.Id, default)).Should().BeNull();
        (await RunsAsync(schedule)).Should().ContainSingle();
        (await LastChangeAsync(schedule)).Type.Should().Be("SCHEDULE_DELETED");
        await FluentActions.Awaiting(() => Schedules.DeleteAsync(schedule.Id, null, "test", default)).Should().ThrowAsync<NotFoundException>();
    }

    [Test]
    public async Task JobPauses_PauseAndResume_AreRecordedOnceEach()
    {
        var pauses = new JobPauseRepository(Database.Database);
        (await pauses.SetAsync("process-evaluations", null, "test", default)).Should().BeFalse("it is not paused");

        (await pauses.SetAsync("process-evaluations", "moving house", "web:ann", default)).Should().BeTrue();
        (await pauses.SetAsync("process-evaluations", "again", "web:ben", default)).Should().BeFalse();
        (await pauses.ListAsync(default))["process-evaluations"].Should().Match<JobPause>(pause => pause.IsPaused && pause.Reason == "moving house" && pause.Actor == "web:ann");
        (await pauses.SetAsync("process-evaluations", null, "web:ben", default)).Should().BeTrue();

        (await pauses.ListPausedAsync(default)).Should().BeEmpty();
        (await Some.Changes.ListAsync(null, ChangeRecordRepository.ServerEntity, 0, long.MaxValue, 10, default)).Select(record => (record.Type, record.Actor))
            .Should().Equal(("JOB_RESUMED", "web:ben"), ("JOB_PAUSED", "web:ann"));
    }

    private async Task<IReadOnlyList<EvaluationRun>> RunsAsync(RunSchedule schedule) => await Some.RunsAsync(new RunListFilter { TenantIds = [schedule.TenantId] }, 10);

    private async Task<ChangeRecord> LastChangeAsync(RunSchedule schedule) =>
        (await Some.Changes.ListAsync(schedule.TenantId, nameof(RunSchedule), schedule.Id, long.MaxValue, 1, default)).Single();
}
