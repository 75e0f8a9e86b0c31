using EvalJobs.Jobs;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.Logging;
using Hangfire.Storage;

namespace EvalJobs.Tests.Jobs;

public sealed class JobScheduleTests
{
    private const string Tick = $"recurring-job:{JobSchedule.ProcessEvaluations}";

    private InMemoryStorage _storage = null!;
    private JobSchedule _schedule = null!;

    [SetUp]
    public void Register()
    {
        // Hangfire has one log per process: that of the last host, which may have ended.
        LogProvider.SetCurrentLogProvider(null);
        _storage = new InMemoryStorage();
        _schedule = new JobSchedule(new RecurringJobManager(_storage), _storage, new DispatchOptions(), new RetentionOptions(), new HealthOptions());
        _schedule.Register(new HashSet<string>(StringComparer.Ordinal));
    }

    [TearDown]
    public void Dispose() => _storage.Dispose();

    [Test]
    public void RenewStale_ScheduleIsCorrect_ChangesNothing() => _schedule.RenewStale(new HashSet<string>(StringComparer.Ordinal)).Should().BeEmpty();

    [Test]
    public void RenewStale_ClockWasSetBackSince_ReschedulesThatJob()
    {
        SetBack(TimeSpan.FromHours(2));

        var renewed = _schedule.RenewStale(new HashSet<string>(StringComparer.Ordinal));

        renewed.Should().Equal(JobSchedule.ProcessEvaluations);
        NextTick().Should().BeBefore(DateTime.UtcNow.AddMinutes(6), "the schedule is every five minutes");
        _schedule.RenewStale(new HashSet<string>(StringComparer.Ordinal)).Should().BeEmpty();
    }

    [Test]
    public void Register_ClockWasSetBackWhileNoServerRan_ReschedulesIt()
    {
        SetBack(TimeSpan.FromDays(3));

        _schedule.Register(new HashSet<string>(StringComparer.Ordinal));

        NextTick().Should().BeBefore(DateTime.UtcNow.AddMinutes(6), "an update alone would continue from the last execution");
    }

    [Test]
    public void RenewStale_JobThatIsNotScheduled_IsNotChanged()
    {
        new RecurringJobManager(_storage).AddOrUpdate<DispatchPendingEvaluationsJob>(JobSchedule.ProcessEvaluations, job => job.RunAsync(default), Cron.Never());

        _schedule.RenewStale(new HashSet<string>(StringComparer.Ordinal)).Should().BeEmpty();
    }

    [Test]
    public void Pause_SettingThatIsNeverDue_IsNotChanged()
    {
        var schedule = new JobSchedule(new RecurringJobManager(_storage), _storage, new DispatchOptions(), new RetentionOptions { Cron = Cron.Never() }, new HealthOptions());
        schedule.Register(new HashSet<string>(StringComparer.Ordinal));

        schedule.Pause(new HashSet<string>(StringComparer.Ordinal)).Should().BeEmpty("nobody has paused it, and nobody resumes it");
        schedule.Pause(new HashSet<string>([JobSchedule.ProcessEvaluations], StringComparer.Ordinal)).Should().Equal(JobSchedule.ProcessEvaluations);
        NextTick().Should().BeNull();
    }

    [Test]
    public void Pause_ThenResume_KeepsTheLastExecutionAndSkipsMissedOnes()
    {
        var none = new HashSet<string>(StringComparer.Ordinal);
        SetBack(TimeSpan.FromHours(-3));
        var last = _schedule.FindLastExecution(JobSchedule.ProcessEvaluations);
        last.Should().BeCloseTo(DateTimeOffset.UtcNow.AddHours(-3), TimeSpan.FromMinutes(2));

        _schedule.Pause(new HashSet<string>([JobSchedule.ProcessEvaluations], StringComparer.Ordinal));
        _schedule.FindLastExecution(JobSchedule.ProcessEvaluations).Should().Be(last);
        _schedule.Pause(none);

        _schedule.FindLastExecution(JobSchedule.ProcessEvaluations).Should().Be(last);
        NextTick().Should().BeAfter(DateTime.UtcNow.AddSeconds(-1), "what was due while it was paused is skipped");
    }

    [Test]
    public void RegisterMissing_AJobIsMissing_RegistersItCorrectly()
    {
        var none = new HashSet<string>(StringComparer.Ordinal);
        _schedule.RegisterMissing(none).Should().BeEmpty();

        new RecurringJobManager(_storage).RemoveIfExists(JobSchedule.ProcessEvaluations);
        _schedule.RegisterMissing(none).Should().Equal(JobSchedule.ProcessEvaluations);
        NextTick().Should().NotBeNull();

        new RecurringJobManager(_storage).RemoveIfExists(JobSchedule.ProcessEvaluations);
        _schedule.RegisterMissing(new HashSet<string>([JobSchedule.ProcessEvaluations], StringComparer.Ordinal)).Should().Equal(JobSchedule.ProcessEvaluations);
        NextTick().Should().BeNull("it is paused");
    }

    /// <summary>Puts the tick into the state after the clock was set back by this amount.</summary>
    private void SetBack(TimeSpan by)
    {
        var now = DateTime.UtcNow + by;
        using var connection = _storage.GetConnection();
        connection.SetRangeInHash(Tick, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LastExecution"] = JobHelper.SerializeDateTime(now.AddMinutes(-1)),
            ["NextExecution"] = JobHelper.SerializeDateTime(now.AddMinutes(4)),
        });
    }

    private DateTime? NextTick()
    {
        using var connection = _storage.GetConnection();
        return connection.GetRecurringJobs().Single(job => job.Id == JobSchedule.ProcessEvaluations).NextExecution;
    }
}
