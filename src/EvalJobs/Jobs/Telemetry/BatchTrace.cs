using System.Diagnostics;
using EvalJobs.Execution.Telemetry;

namespace EvalJobs.Jobs.Telemetry;

/// <summary>Passes a trace with the job's arguments from the process that queues a batch to the worker.</summary>
/// <remarks>
/// A batch belongs to its tick's trace. One queued by anything else (the batch before it, a request) starts a trace of its own
/// that is linked to where it came from: otherwise a long backlog would be one endless trace.
/// </remarks>
internal static class BatchTrace
{
    private const string ParentKey = "traceparent";
    private const string LinkKey = "tracelink";

    /// <returns>The job parameters with the origin of the batch; empty when nothing is traced.</returns>
    public static Dictionary<string, object> Parameters()
    {
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal);
        if (Activity.Current is { Id: { } id } current)
            parameters[current.Source == EvaluationTrace.Source && current.OperationName == EvaluationTrace.Tick ? ParentKey : LinkKey] = id;
        return parameters;
    }

    /// <summary>Starts the batch's span by its parameters.</summary>
    /// <param name="read">Gives a job parameter, or null.</param>
    /// <returns>The span; null when there is no listener.</returns>
    public static Activity? Start(Func<string, string?> read)
    {
        // A worker's thread may still have the span of another job.
        Activity.Current = null;
        var links = Read(read(LinkKey)) is { } link ? [new ActivityLink(link)] : Array.Empty<ActivityLink>();
        return EvaluationTrace.Source.StartActivity(ActivityKind.Consumer, Read(read(ParentKey)) ?? default, tags: null, links, name: EvaluationTrace.Batch);
    }

    private static ActivityContext? Read(string? id) => ActivityContext.TryParse(id, null, isRemote: true, out var context) ? context : null;
}
