using System.Collections.Concurrent;
using System.Diagnostics;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Telemetry;

/// <summary>One trace from tick to case, which Hangfire stores in addition to the job's only argument.</summary>
[NonParallelizable]
public sealed class TraceTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Tick_WithTwoTenants_IsOneTraceThatIncludesEveryCase(CancellationToken cancellationToken)
    {
        using var spans = new SpanCapture();
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        await using var server = await RunningServer.StartAsync();
        var genome = Some.Genome($$"""{"type":"http","url":"{{agent.Url}}/ask/x","replyPath":"reply"}""");
        await server.Some.TenantWithRunsAsync(2, cases: 3, slug: "acme", genome: genome);
        await server.Some.TenantWithRunsAsync(1, cases: 3, slug: "globex", genome: genome);

        var dispatch = await server.TickAsync(cancellationToken);
        while (spans.Ended.Count(span => span.OperationName is EvaluationTrace.Batch or EvaluationTrace.Tick) < 3)
            await Task.Delay(20, cancellationToken);

        var tick = spans.Ended.Should().ContainSingle(span => span.OperationName == EvaluationTrace.Tick).Subject;
        tick.GetTagItem("evaljobs.dispatch.id").Should().Be(dispatch.Id);
        spans.Ended.Should().OnlyContain(span => span.TraceId == tick.TraceId);
        ParentsOf(EvaluationTrace.Batch).Should().Equal("tick", "tick");
        ParentsOf(EvaluationTrace.Run).Should().Equal("batch", "batch", "batch");
        ParentsOf(EvaluationTrace.Case).Should().HaveCount(9).And.OnlyContain(parent => parent == EvaluationTrace.Run);
        spans.Ended.Where(span => span.OperationName == EvaluationTrace.Run).Select(span => (span.GetTagItem("evaljobs.tenant"), span.GetTagItem("evaljobs.outcome")))
            .Should().BeEquivalentTo([("acme", "COMPLETED"), ("acme", "COMPLETED"), ("globex", "COMPLETED")]);
        spans.Ended.Where(span => span.OperationName == EvaluationTrace.Case).Should().OnlyContain(span => "PASSED".Equals(span.GetTagItem("evaljobs.verdict")));
        spans.Ended.SelectMany(span => span.TagObjects).Should().NotContain(tag => $"{tag.Value}".Contains("question") || $"{tag.Value}".Contains("answer"));

        IEnumerable<string> ParentsOf(string name)
        {
            var byId = spans.Ended.ToDictionary(span => span.SpanId, span => span.OperationName);
            return spans.Ended.Where(span => span.OperationName == name).Select(span => byId[span.ParentSpanId]).ToList();
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Backlog_NextBatch_IsASeparateTraceLinkedToTheOneBefore(CancellationToken cancellationToken)
    {
        using var spans = new SpanCapture();
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        await using var server = await RunningServer.StartAsync(("Dispatch:BatchLimit", "1"));
        await server.Some.TenantWithRunsAsync(
            3, cases: 1, genome: Some.Genome($$"""{"type":"http","url":"{{agent.Url}}/ask/x","replyPath":"reply"}"""));

        await server.TickAsync(cancellationToken);
        while (spans.Ended.Count(span => span.OperationName == EvaluationTrace.Batch) < 3)
            await Task.Delay(20, cancellationToken);

        var batches = spans.Ended.Where(span => span.OperationName == EvaluationTrace.Batch).OrderBy(span => span.GetTagItem("evaljobs.batch.id")).ToList();
        batches.Select(batch => batch.TraceId).Should().OnlyHaveUniqueItems();
        batches[0].Links.Should().BeEmpty();
        batches[1].Links.Should().ContainSingle().Which.Context.SpanId.Should().Be(batches[0].SpanId);
        batches[2].Links.Should().ContainSingle().Which.Context.SpanId.Should().Be(batches[1].SpanId);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Run_Failed_IsMarkedAsAnError(CancellationToken cancellationToken)
    {
        using var spans = new SpanCapture();
        await using var server = await RunningServer.StartAsync(("Execution:MaxAttempts", "1"), ("Agents:OutagePatience", "00:00:00"));
        await server.Some.TenantWithRunsAsync(1, cases: 1, genome: Some.Genome("""{"type":"http","url":"http://127.0.0.1:9/","replyPath":"reply"}"""));

        await server.TickAsync(cancellationToken);
        while (!spans.Ended.Any(span => span.OperationName == EvaluationTrace.Batch))
            await Task.Delay(20, cancellationToken);

        spans.Ended.Single(span => span.OperationName == EvaluationTrace.Run).Should().Match<Activity>(
            span => span.Status == ActivityStatusCode.Error && "FAILED_FOR_GOOD".Equals(span.GetTagItem("evaljobs.outcome")));
        spans.Ended.Single(span => span.OperationName == EvaluationTrace.Case).Status.Should().Be(ActivityStatusCode.Error);
    }

    /// <summary>Collects every span of the product that has ended.</summary>
    private sealed class SpanCapture : IDisposable
    {
        private readonly ActivityListener _listener;

        public SpanCapture()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == EvaluationTrace.SourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<Activity> Ended { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
