using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Application;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
internal sealed class IdempotentOperationTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly RequestIdentity Request = new(new string('a', 64), new string('b', 64));

    private IdempotentOperation Acts => new(new ApiAnswerRepository(Database.Database));

    [Test]
    public async Task ExecuteInStepsAsync_SameRequestEndsWhileThisOneRuns_BothGetTheSameAnswer()
    {
        var (answer, isRepeated) = await Acts.ExecuteInStepsAsync(
            Request,
            async () =>
            {
                await Acts.ExecuteInStepsAsync(Request, () => Task.FromResult(new OperationAnswer(202, "\"first\"")), default);
                return new OperationAnswer(200, "\"second\"");
            },
            default);

        (answer.Status, answer.Body, isRepeated).Should().Be((202, "\"first\"", true));
    }

    [Test]
    public async Task ExecuteInStepsAsync_AfterAFailure_IsDoneAgain()
    {
        await FluentActions.Awaiting(() => Acts.ExecuteInStepsAsync(Request, () => throw new ConflictException("not now"), default))
            .Should().ThrowAsync<ConflictException>().WithMessage("not now");

        var (answer, isRepeated) = await Acts.ExecuteInStepsAsync(Request, () => Task.FromResult(new OperationAnswer(202, null)), default);

        (answer.Status, isRepeated).Should().Be((202, false));
    }
}
