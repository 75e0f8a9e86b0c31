using EvalJobs.Jobs;

namespace EvalJobs.Tests.Jobs;

public sealed class IsolationGateTests
{
    private readonly IsolationGate _gate = new();

    [Test]
    public async Task EnterAsync_Shared_AdmitsManyAtOnce()
    {
        using var first = await _gate.EnterAsync(alone: false, default);
        using var second = await _gate.EnterAsync(alone: false, default);

        first.Should().NotBeSameAs(second);
    }

    [Test]
    public async Task EnterAsync_Alone_WaitsForTheOthersAndBlocksNewOnes()
    {
        var first = await _gate.EnterAsync(alone: false, default);
        var alone = _gate.EnterAsync(alone: true, default);
        var later = _gate.EnterAsync(alone: false, default);
        alone.IsCompleted.Should().BeFalse();
        later.IsCompleted.Should().BeFalse("otherwise one that waits to be alone would wait without end");

        first.Dispose();
        var place = await alone;
        later.IsCompleted.Should().BeFalse();

        place.Dispose();
        (await later).Dispose();
    }

    [Test]
    public async Task EnterAsync_CancelledWhileWaiting_AdmitsTheNext()
    {
        using var first = await _gate.EnterAsync(alone: false, default);
        using var cancelled = new CancellationTokenSource();
        var alone = _gate.EnterAsync(alone: true, cancelled.Token);
        var later = _gate.EnterAsync(alone: false, default);

        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => alone).Should().ThrowAsync<OperationCanceledException>();
        (await later).Dispose();
    }
}
