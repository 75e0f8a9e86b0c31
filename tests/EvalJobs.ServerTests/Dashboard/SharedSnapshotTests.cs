using EvalJobs.Server.Web;

namespace EvalJobs.Tests.Server.Dashboard;

public sealed class SharedSnapshotTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxStaleAge = TimeSpan.FromSeconds(15);

    private readonly MovableClock _clock = new();
    private int _loads;
    private TaskCompletionSource _gate = new();

    [SetUp]
    public void Open()
    {
        _loads = 0;
        _gate = new TaskCompletionSource();
        _gate.SetResult();
    }

    [Test]
    public async Task GetAsync_ManyAtOnce_LoadOnce()
    {
        _gate = new TaskCompletionSource();
        var snapshot = Create();

        var readers = Enumerable.Range(0, 100).Select(_ => snapshot.GetAsync()).ToList();
        _gate.SetResult();
        await Task.WhenAll(readers);

        _loads.Should().Be(1, "the cost must not grow with the number of browsers");
    }

    [Test]
    public async Task GetAsync_FirstReaderInTheirOwnExecutionContext_LoadsOutsideOfIt()
    {
        var flow = new AsyncLocal<string?> { Value = "of the first reader" };
        var snapshot = new SharedSnapshot<string>(() => Task.FromResult(flow.Value ?? "of nobody"), MaxAge, MaxStaleAge, _clock);

        (await snapshot.GetAsync()).Should().Be("of nobody", "all readers share the snapshot, also those whose page must not read a replica of the database");
        flow.Value.Should().Be("of the first reader");
    }

    [Test]
    public async Task GetAsync_WithinMaxAge_AnswersFromMemory()
    {
        var snapshot = Create();
        await snapshot.GetAsync();

        _clock.Now += MaxAge;

        (await snapshot.GetAsync()).Should().Be("1");
        _loads.Should().Be(1);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task GetAsync_Stale_AnswersAtOnceAndRenewsInTheBackground(CancellationToken cancellationToken)
    {
        var snapshot = Create();
        await snapshot.GetAsync();

        _clock.Now += MaxAge + TimeSpan.FromSeconds(1);

        (await snapshot.GetAsync()).Should().Be("1");
        while (snapshot.Peek() != "2")
            await Task.Delay(10, cancellationToken);
    }

    [Test]
    public async Task GetAsync_TooStaleOrInvalidated_WaitsForANewReading()
    {
        var snapshot = Create();
        await snapshot.GetAsync();

        _clock.Now += MaxStaleAge + TimeSpan.FromSeconds(1);
        (await snapshot.GetAsync()).Should().Be("2");
        snapshot.Invalidate();
        (await snapshot.GetAsync()).Should().Be("3", "the page after an action shows its effect");
    }

    [Test]
    public async Task GetAsync_ReadingFailed_ThrowsAndTriesAgain()
    {
        var snapshot = new SharedSnapshot<string>(
            () => ++_loads == 1 ? Task.FromException<string>(new IOException("down")) : Task.FromResult("up"), MaxAge, MaxStaleAge, _clock);

        await snapshot.Invoking(each => each.GetAsync()).Should().ThrowAsync<IOException>();
        (await snapshot.GetAsync()).Should().Be("up");
    }

    private SharedSnapshot<string> Create() => new(LoadAsync, MaxAge, MaxStaleAge, _clock);

    private async Task<string> LoadAsync()
    {
        var number = Interlocked.Increment(ref _loads);
        await _gate.Task;
        return $"{number}";
    }

    private sealed class MovableClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
