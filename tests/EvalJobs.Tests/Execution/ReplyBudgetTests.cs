using EvalJobs.Execution;

namespace EvalJobs.Tests.Execution;

public sealed class ReplyBudgetTests
{
    private const long Max = 1_048_576;

    private ReplyBudget _budget = null!;

    [SetUp]
    public void Create() => _budget = new ReplyBudget(new ExecutionOptions { MaxWaitingReplyBytes = Max });

    [Test]
    public async Task TakeAsync_BudgetUsedUp_WaitsUntilSomeIsReturned()
    {
        await _budget.TakeAsync(Max - 10, default);
        var second = _budget.TakeAsync(11, default);
        second.IsCompleted.Should().BeFalse();

        _budget.Return(Max - 10);
        await second;

        _budget.HeldBytes.Should().Be(11);
        _budget.MaxHeldBytes.Should().Be(Max - 10);
    }

    [Test]
    public async Task TakeAsync_LargerThanTheBudget_GetsTheWholeBudgetAlone()
    {
        await _budget.TakeAsync(1, default);
        var huge = _budget.TakeAsync(Max * 3, default);
        huge.IsCompleted.Should().BeFalse();

        _budget.Return(1);
        await huge;

        _budget.TakeAsync(1, default).IsCompleted.Should().BeFalse();
    }

    [Test]
    public async Task TakeAsync_SmallRequestBehindALargeOne_DoesNotOvertakeIt()
    {
        await _budget.TakeAsync(Max / 2, default);
        var large = _budget.TakeAsync(Max, default);
        var small = _budget.TakeAsync(1, default);

        small.IsCompleted.Should().BeFalse("otherwise large replies would wait without end");
        _budget.Return(Max / 2);
        await large;
        _budget.Return(Max);
        await small;
    }

    [Test]
    public async Task TakeAsync_Cancelled_TakesNothingAndLetsTheNextRequestsIn()
    {
        await _budget.TakeAsync(Max / 2, default);
        using var cancelled = new CancellationTokenSource();
        var large = _budget.TakeAsync(Max, cancelled.Token);
        var small = _budget.TakeAsync(1, default);

        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => large).Should().ThrowAsync<OperationCanceledException>();
        await small;
        _budget.HeldBytes.Should().Be((Max / 2) + 1);
    }
}
