using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// The control of the crash test, with real processes: a server is paused with an answer that it has not stored, another claims its run
/// and completes it, then the first resumes and writes. With the fence nothing happens; a server built without the fence
/// must cause the violation that <see cref="Invariants"/> finds.
/// </summary>
/// <remarks>
/// The order of events is not left to chance. While the test holds the file's write lock, the server that asks one case at a time asks the next one:
/// the previous answer is waiting to be stored, and a finished answer is stored even by a worker that has lost its lease. So the
/// lease keeper, which stops a resumed process within a moment, cannot act first; only the fence decides.
/// </remarks>
[Category("Crash")]
[Platform(Exclude = "Win", Reason = "needs SIGSTOP and SIGCONT")]
[TestFixture(true)]
[TestFixture(false)]
public sealed class LostLeaseTests(bool fenced)
{
    private const string Damage = "run 1 was not ended exactly once";

    private readonly TaskCompletionSource _secondAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _thirdAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DirectoryInfo _program = null!;
    private SqliteTestDatabase _database = null!;
    private TestAgentServer _agent = null!;

    [SetUp]
    public async Task Create()
    {
        _program = Directory.CreateTempSubdirectory("evaljobs-unfenced-");
        if (!fenced)
            Fence.BuildUnfencedServer(_program);
        _database = new SqliteTestDatabase();
        await _database.CreateAsync();
        _agent = await TestAgentServer.StartAsync(async (context, request) =>
        {
            if (request.Headers["X-Life"] == "late" && Behave.Question(request) == "question 2")
            {
                _secondAsked.TrySetResult();
                await _mayAnswer.Task;
            }
            else if (request.Headers["X-Life"] == "late" && Behave.Question(request) == "question 3")
            {
                _thirdAsked.TrySetResult();
                await Behave.Never()(context, request);
            }

            await Behave.RightAnswer(context, request);
        });
    }

    [TearDown]
    public async Task Drop()
    {
        _mayAnswer.TrySetResult();
        await _agent.DisposeAsync();
        await _database.DisposeAsync();
        _program.Delete(recursive: true);
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Server_ResumesWithAnAnswerOfARunThatAnotherHasCompleted_IsStoppedOnlyByTheFence(CancellationToken cancellationToken)
    {
        var some = new Some(_database.Database);
        var genome = Some.Genome($$$"""{"type":"http","url":"{{{_agent.Url}}}","replyPath":"reply","headers":{"X-Life":"{{secret:life}}"}}""");
        await some.TenantWithRunsAsync(1, cases: 3, slug: "acme", genome: genome);

        await using var late = Start("late", ("Execution:Lease", "00:00:02"));
        await _secondAsked.Task.WaitAsync(cancellationToken);
        while (await _database.ScalarAsync<int>("SELECT COUNT(*) FROM TestCaseResult") == 0)
            await Task.Delay(20, cancellationToken);
        await using (await _database.HoldWriterAsync())
        {
            _mayAnswer.SetResult();
            await _thirdAsked.Task.WaitAsync(cancellationToken);
            await late.PauseAsync();
        }

        await using var successor = Start("successor");
        while ((await some.Runs.GetAsync(1, cancellationToken)).Status != RunStatus.Completed)
            await Task.Delay(50, cancellationToken);
        (await successor.StopAsync()).Should().Be(0);
        (await Invariants.CheckAsync(_database)).Should().BeEmpty("the paused process has done nothing yet");

        await late.ResumeAsync();
        await late.WaitForLogAsync("was cancelled or taken over|Attempt failed", cancellationToken);

        // Without the fence, the failure is logged before it is stored.
        while (!fenced && !(await Invariants.CheckAsync(_database)).Contains(Damage, StringComparer.Ordinal))
            await Task.Delay(50, cancellationToken);
        await late.KillAsync();

        if (fenced)
            (await Invariants.CheckAsync(_database)).Should().BeEmpty();
        else
            (await Invariants.CheckAsync(_database)).Should().Contain(Damage, "nothing else stops the writes of a late process");
        _agent.Requests.Count(request => request.Headers["X-Life"] == "successor").Should().Be(2, "the answer stored before was kept, the two others were asked again");
    }

    private ServerProcess Start(string name, params (string Name, string Value)[] settings) => ServerProcess.Start(
        name, _database,
        [("Execution:MaxParallelCases", "1"), ("Secrets:acme:life", name), .. settings],
        fenced ? null : _program.FullName);
}
