using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Telemetry;

namespace EvalJobs.Execution;

/// <summary>Asks an agent the test cases and scores the replies, with one result per case. It does not use the database.</summary>
internal sealed class RunExecutor(
    AgentRegistry agents, ScoringService scoring, ReplyBudget budget, ExecutionOptions options, EvaluationMetrics metrics, TimeProvider time)
{
    /// <summary>
    /// Results in one batch, and as many more waiting for the next, at most: replies may be large. All of these and what is under way
    /// must be asked again when the process dies.
    /// </summary>
    public const int MaxBatch = 64;

    /// <summary>More than any reply can have. An agent reports these figures itself. They are added up, and the sum must not overflow.</summary>
    private const long MostTokens = 1_000_000_000_000;

    /// <inheritdoc cref="MostTokens"/>
    private const double MostCost = 1e12;

    /// <summary>
    /// Asks the first case alone, then the others, at most <see cref="ExecutionOptions.MaxParallelCases"/> at a time. When many in a row get no answer, a
    /// case that was answered before is asked again: if it gets no answer either, the agent is away and the attempt ends; otherwise only those cases cannot be answered.
    /// </summary>
    /// <param name="binding">The agent version and its tenant.</param>
    /// <param name="cases">The cases to ask; read as they are needed, so a suite of any size fits in memory.</param>
    /// <param name="watch">Says when to stop; afterwards it says whether that was necessary.</param>
    /// <param name="findAnswered">Finds a case that an earlier attempt got an answer to; null when there is none.</param>
    /// <param name="cancellationToken">Ends the asking. Cases under way are dropped; results already there are still given.</param>
    /// <returns>
    /// The results as they come, in no particular order, in batches of whatever is ready: a slow reader gets larger batches, so
    /// the database sets the pace. A failing case never ends the others.
    /// </returns>
    /// <exception cref="InvalidInputException">The genome's target cannot be used here; retrying cannot help.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<IReadOnlyList<TestCaseResult>> ExecuteAsync(
        AgentBinding binding, IAsyncEnumerable<TestCase> cases, AttemptWatch watch, Func<CancellationToken, Task<TestCase?>> findAnswered, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var agent = agents.CreateClient(binding);

        // Because of this limit, a slow database slows down the questions and does not fill the memory.
        var results = Channel.CreateBounded<TestCaseResult>(MaxBatch);
        using var readerLeft = new CancellationTokenSource();
        using var askCancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, readerLeft.Token);
        var waiting = new WaitingReplies(budget);
        var producer = AskAllAsync(new AttemptContext(agent, binding.TenantSlug, watch, findAnswered), cases, results.Writer, waiting, askCancellation.Token, readerLeft.Token);

        try
        {
            // Not cancelled here: a finished answer was paid for and is kept. The asking ends, then the channel, with its error.
            while (await results.Reader.WaitToReadAsync(CancellationToken.None))
            {
                var batch = new List<TestCaseResult>();
                while (batch.Count < MaxBatch && results.Reader.TryRead(out var result))
                    batch.Add(result);
                yield return batch;

                // The reader asks for the next batch when it has stored this one.
                batch.ForEach(waiting.Return);
            }
        }
        finally
        {
            // The reader may stop early (lost lease, full disk). No case may be asked after that.
            await readerLeft.CancelAsync();
            await producer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            waiting.ReturnAll();
        }
    }

    private async Task AskAllAsync(
        AttemptContext context, IAsyncEnumerable<TestCase> cases, ChannelWriter<TestCaseResult> results,
        WaitingReplies waiting, CancellationToken cancellationToken, CancellationToken readerLeft)
    {
        try
        {
            await using var source = new CaseSource(cases.GetAsyncEnumerator(cancellationToken), context.Watch);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxParallelCases, CancellationToken = cancellationToken };

            // Questions in progress are always finished, because their answers are paid for.
            for (var most = 1; ; most = int.MaxValue)
            {
                await Parallel.ForEachAsync(source.ReadAsync(most), parallel, async (testCase, token) =>
                {
                    var result = await MeasureAsync(context, testCase, token);
                    context.Watch.Record(testCase, result);
                    await waiting.TakeAsync(result, readerLeft);
                    await results.WriteAsync(result, readerLeft);
                });
                if (context.Watch.IsJudgeSilent)
                {
                    context.Watch.GiveUp();
                    break;
                }
                if (context.Watch.IsDoubtful && !await AnswersAsync(context, cancellationToken))
                    break;
                if (source.IsExhausted || context.Watch.IsPaused)
                    break;
            }

            results.Complete();
        }
        catch (Exception error)
        {
            results.Complete(error);
        }
    }

    /// <summary>Asks again what was answered before, where there is such a case; its second answer is dropped.</summary>
    /// <returns>Whether the agent answers. If not, the attempt has given up.</returns>
    private async Task<bool> AnswersAsync(AttemptContext context, CancellationToken cancellationToken)
    {
        if ((context.Watch.Answered ?? await context.FindAnswered(cancellationToken)) is { } known
            && await AskAsync(context.Agent, known, cancellationToken) is { Reply: not null })
        {
            context.Watch.Trust();
            return true;
        }

        context.Watch.GiveUp();
        return false;
    }

    private async Task<TestCaseResult> MeasureAsync(AttemptContext context, TestCase testCase, CancellationToken cancellationToken)
    {
        using var span = EvaluationTrace.Source.StartActivity(EvaluationTrace.Case)?.SetTag("evaljobs.case.id", testCase.Id);
        var result = await AskAndScoreAsync(context, testCase, cancellationToken);
        metrics.CaseEnded(context.TenantSlug, result.Verdict, result.DurationMs);
        span?.SetTag("evaljobs.verdict", StoredWord.Of(result.Verdict));
        if (result.Verdict == CaseVerdict.Errored)
            span?.SetStatus(ActivityStatusCode.Error);
        return result;
    }

    /// <returns>The agent's reply, or the ERRORED result when there is none; the time it took in either case.</returns>
    private async Task<(AgentReply? Reply, TestCaseResult? Errored, long DurationMs)> AskAsync(
        IAgentClient agent, TestCase testCase, CancellationToken cancellationToken)
    {
        using var clock = new CaseClock(options.CaseTimeout, time, cancellationToken);
        try
        {
            var reply = await clock.LimitAsync(agent.AskAsync(new AgentQuestion(testCase.Input, testCase.CaseKey) { Clock = clock }, clock.Token));
            return StoredText.Problem(reply.Output) is { } problem
                ? throw new AgentCallException($"The reply {problem}.")
                : (reply, null, (long)clock.Elapsed.TotalMilliseconds);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && !error.IsHostFailure())
        {
            return (null, new TestCaseResult
            {
                TestCaseId = testCase.Id,
                Verdict = CaseVerdict.Errored,
                IsOutage = error is TimeoutException or AgentCallException { IsOutage: true },
                Error = error switch
                {
                    TimeoutException when clock.LastFailure is { } last => $"No reply within CaseTimeout ({options.CaseTimeout}). The last answer was: {last}",
                    TimeoutException => $"No reply within CaseTimeout ({options.CaseTimeout}).",
                    AgentCallException => error.Message,
                    _ => $"The agent client failed unexpectedly: {error.GetType().Name}: {error.Message}",
                },
                AskAgain = error is TimeoutException or AgentCallException { IsTransient: true },
                DurationMs = (long)clock.Elapsed.TotalMilliseconds,
            }, (long)clock.Elapsed.TotalMilliseconds);
        }
    }

    private async Task<TestCaseResult> AskAndScoreAsync(AttemptContext context, TestCase testCase, CancellationToken cancellationToken)
    {
        var (reply, errored, durationMs) = await AskAsync(context.Agent, testCase, cancellationToken);
        if (reply is null)
            return errored!;

        var result = new TestCaseResult
        {
            TestCaseId = testCase.Id,
            Verdict = CaseVerdict.Unscored,
            Output = reply.Output,
            DurationMs = durationMs,
            InputTokens = Plausible(reply.InputTokens),
            OutputTokens = Plausible(reply.OutputTokens),
            Cost = reply.Cost is >= 0 and <= MostCost ? reply.Cost : null,
            IsCut = reply.IsCut,
        };
        var scored = await scoring.ScoreAsync(result, testCase, reply.Output, context.TenantSlug, cancellationToken);
        return reply.Remark is { } remark ? scored with { Error = scored.Error is { } other ? $"{remark} {other}" : remark } : scored;
    }

    /// <summary>An implausible figure is unknown, never an error.</summary>
    private static long? Plausible(long? tokens) => tokens is >= 0 and <= MostTokens ? tokens : null;

    /// <summary>Who is asked in one attempt, and what decides how long.</summary>
    private sealed record AttemptContext(IAgentClient Agent, string TenantSlug, AttemptWatch Watch, Func<CancellationToken, Task<TestCase?>> FindAnswered);

    /// <summary>The room one run's unstored replies hold in the process's budget.</summary>
    private sealed class WaitingReplies(ReplyBudget budget)
    {
        private long _heldBytes;

        public async Task TakeAsync(TestCaseResult result, CancellationToken cancellationToken)
        {
            var bytes = BytesOf(result);
            await budget.TakeAsync(bytes, cancellationToken);
            Interlocked.Add(ref _heldBytes, bytes);
        }

        public void Return(TestCaseResult result)
        {
            var bytes = BytesOf(result);
            Interlocked.Add(ref _heldBytes, -bytes);
            budget.Return(bytes);
        }

        /// <summary>For results that will not be stored.</summary>
        public void ReturnAll()
        {
            if (Interlocked.Exchange(ref _heldBytes, 0) is > 0 and var bytes)
                budget.Return(bytes);
        }

        private static long BytesOf(TestCaseResult result) => sizeof(char) * ((result.Output?.Length ?? 0L) + (result.Error?.Length ?? 0L));
    }
}
