using System.Diagnostics.Metrics;
using EvalJobs.Execution.Telemetry;

namespace EvalJobs.Server.Cli;

/// <summary>Counts the cases that get a reply or an error while a command works, by the product's own metric.</summary>
internal sealed class CaseCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private int _count;

    public CaseCounter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == EvaluationMetrics.MeterName && instrument.Name == "evaljobs.case.duration")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            Interlocked.Increment(ref _count);
            Counted?.Invoke();
        });
        _listener.Start();
    }

    /// <summary>Called after each case, on the thread that worked it.</summary>
    public Action? Counted { get; set; }

    /// <summary>Cases so far.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
