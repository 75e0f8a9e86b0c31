using System.Diagnostics;
using Hangfire.Common;
using Hangfire.Server;

namespace EvalJobs.Jobs.Telemetry;

/// <summary>Works a Hangfire job inside the trace of its origin. Arguments stay as they are.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ContinueTraceAttribute : JobFilterAttribute, IServerFilter
{
    private const string SpanKey = "EvalJobs.Span";

    public void OnPerforming(PerformingContext context)
    {
        if (BatchTrace.Start(key => context.GetJobParameter<string?>(key, allowStale: true)) is { } span)
            context.Items[SpanKey] = span;
    }

    public void OnPerformed(PerformedContext context)
    {
        if (!context.Items.TryGetValue(SpanKey, out var item) || item is not Activity span)
            return;
        if (context.Exception is not null && !context.Canceled)
            span.SetStatus(ActivityStatusCode.Error);
        span.Dispose();
    }
}
