using EvalJobs.DependencyInjection;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.States;

namespace EvalJobs.Tests.DependencyInjection;

public sealed class EndedJobLimitTests
{
    private InMemoryStorage _storage = null!;
    private BackgroundJobClient _jobs = null!;

    [SetUp]
    public void Create()
    {
        var filters = new JobFilterCollection();
        filters.Add(new EndedJobLimit(limit: 3));
        _storage = new InMemoryStorage();
        _jobs = new BackgroundJobClient(_storage, filters);
    }

    [TearDown]
    public void Dispose() => _storage.Dispose();

    [Test]
    public void OnStateApplied_MoreEndedJobsThanTheLimit_RemovesTheOldest()
    {
        var jobs = Enumerable.Range(0, 10).Select(index => End((index % 3) switch { 0 => Succeeded(), 1 => new FailedState(new InvalidOperationException("x")), _ => (IState)new DeletedState() })).ToList();

        Kept(jobs).Should().Equal(jobs[^3..]);
    }

    [Test]
    public void OnStateApplied_WaitingOrRunningJobs_AreKept()
    {
        var waiting = Create(new EnqueuedState());

        _ = Enumerable.Range(0, 10).Select(_ => End(Succeeded())).ToList();

        Kept([waiting]).Should().Equal(waiting);
    }

    [Test]
    public void OnStateApplied_EndedJobStartedAgain_IsKept()
    {
        var again = End(new FailedState(new InvalidOperationException("x")));
        _jobs.ChangeState(again, new EnqueuedState()).Should().BeTrue();

        _ = Enumerable.Range(0, 10).Select(_ => End(Succeeded())).ToList();

        Kept([again]).Should().Equal(again);
    }

    public static void Work()
    {
    }

    private static SucceededState Succeeded() => new(null, 0, 0);

    private string Create(IState state) => _jobs.Create(Job.FromExpression(() => Work()), state);

    private string End(IState state)
    {
        var job = Create(new EnqueuedState());
        _jobs.ChangeState(job, state).Should().BeTrue();
        return job;
    }

    private List<string> Kept(IReadOnlyList<string> jobs)
    {
        using var connection = _storage.GetConnection();
        return [.. jobs.Where(job => connection.GetJobData(job) is not null)];
    }
}
