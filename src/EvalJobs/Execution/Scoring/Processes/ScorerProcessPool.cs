using System.Diagnostics;
using EvalJobs.Domain;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>
/// The scorer processes of one server. They start when they are needed, are shared fairly among tenants, are ended at a case's deadline
/// and replaced after <see cref="ScoringOptions.CasesPerProcess"/> cases. The end of a process affects only one case. Safe for concurrent use.
/// </summary>
internal sealed partial class ScorerProcessPool : IDisposable
{
    // The line of imports, which have no tenant here.
    private const string CheckLine = "\0checks";

    private static readonly TimeSpan CheckDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(5);

    private readonly ScoringOptions _options;
    private readonly ILogger<ScorerProcessPool> _log;
    private readonly Func<ScoringOptions, ProcessStartInfo> _start;
    private readonly ScorerStarts _starts;
    private readonly FairQueue<Work> _queue;

    // One signal for each turn of the queue. The system's own: waiting for a SemaphoreSlim burns processor time first, and here there is a wait for every case.
    private readonly Semaphore _ready = new(0, int.MaxValue);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly List<Thread> _workers = [];
    private readonly HashSet<int> _processIds = [];

    // Work that may begin or is under way.
    private int _due;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="log">Where the ends of processes are reported.</param>
    /// <param name="start">The program of the processes; null for our own. For tests.</param>
    /// <param name="time">Measures the pauses between starts that fail; null for the system's. For tests.</param>
    public ScorerProcessPool(ScoringOptions options, ILogger<ScorerProcessPool> log, Func<ScoringOptions, ProcessStartInfo>? start = null, TimeProvider? time = null)
    {
        _options = options;
        _log = log;
        _start = start ?? ScorerHostFiles.StartInfo;
        _starts = new(time ?? TimeProvider.System);

        // Half, but always at least one for the others.
        _queue = new(Math.Max(1, Math.Min((options.Processes + 1) / 2, options.Processes - 1)), () =>
        {
            Interlocked.Increment(ref _due);
            _ready.Release();
        });
    }

    /// <summary>The system's ids of the processes that run now.</summary>
    internal IReadOnlyCollection<int> ProcessIds
    {
        get
        {
            lock (_lock)
                return [.. _processIds];
        }
    }

    /// <summary>Has a reply judged. Waiting for a free process does not count against the deadline.</summary>
    /// <exception cref="ScoringException">The reply cannot be judged, the process ended, or none could be started.</exception>
    /// <exception cref="InvalidInputException">The settings are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; a process at work on the case is ended.</exception>
    internal async Task<Score> ScoreAsync(ScoringRequest request, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var message = new ScorerRequest(ScorerTask.Score, request.Spec.Json, request.Input, request.Expected, request.Actual);
        var reply = await RunAsync(request.TenantSlug, request.Spec.Type, message, deadline, cancellationToken);
        return reply.Kind switch
        {
            ScorerReplyKind.Done => new Score(reply.Value, reply.Text),
            ScorerReplyKind.WrongSettings => throw new InvalidInputException(reply.Text!),
            ScorerReplyKind.CannotJudge => throw new ScoringException(reply.Text!),
            _ => throw new ScoringException($"The scorer failed unexpectedly: {reply.Text}"),
        };
    }

    /// <summary>Checks settings in a process, because reading them may take long or kill the reader.</summary>
    /// <exception cref="InvalidInputException">The settings are wrong, or the process ended while it read them.</exception>
    internal void Check(ScoringSpec spec, string? expected)
    {
        try
        {
            var message = new ScorerRequest(ScorerTask.Check, spec.Json, "", expected, "");
            var reply = RunAsync(CheckLine, spec.Type, message, CheckDeadline, CancellationToken.None).GetAwaiter().GetResult();
            if (reply.Kind != ScorerReplyKind.Done)
                throw new InvalidInputException(reply.Text!);
        }
        catch (ScoringException error)
        {
            throw new InvalidInputException($"The scoring '{spec.Type}' cannot be accepted: {error.Message}", error);
        }
    }

    /// <summary>Ends every process. Work that waits is cancelled.</summary>
    public void Dispose()
    {
        Thread[] workers;
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
                return;
            _stopping.Cancel();
            workers = [.. _workers];
        }
        foreach (var worker in workers)
            worker.Join();
        while (_queue.TryTake(out var tenant, out var work))
        {
            work!.Result.TrySetCanceled();
            _queue.Ended(tenant);
        }
        _ready.Dispose();
        _stopping.Dispose();
    }

    private async Task<ScorerReply> RunAsync(string tenant, string scorerType, ScorerRequest request, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var work = new Work(scorerType, ScorerMessages.Encode(request), deadline, cancellationToken);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            _queue.Add(tenant, work);
        }
        StartWorkerIfNeeded();

        try
        {
            // The wait ends with the token even while other work holds all processes.
            return await work.Result.Task.WaitAsync(cancellationToken);
        }
        catch (ScorerProcessException error)
        {
            throw error.IsOurs
                ? new ScoringException(error.Message, error, UnscoredReason.JudgeMisconfigured)
                : new ScoringException($"Not judged: {error.Message}.", error);
        }
    }

    /// <summary>Called wherever work may have got a turn: a worker for each piece, as far as the limit goes. Those that wait count, too.</summary>
    private void StartWorkerIfNeeded()
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested || _workers.Count >= Math.Min(Volatile.Read(ref _due), _options.Processes))
                return;
            var worker = new Thread(WorkerLoop) { IsBackground = true, Name = "EvalJobs scorer process" };
            _workers.Add(worker);
            worker.Start();
        }
    }

    /// <summary>One thread, at most one process: the process ends with the thread.</summary>
    private void WorkerLoop()
    {
        ScorerProcess? process = null;
        WaitHandle[] signals = [_stopping.Token.WaitHandle, _ready];
        try
        {
            while (true)
            {
                var signal = WaitHandle.WaitAny(signals, IdleTimeout);
                if (signal == 0)
                    break;
                if (signal == WaitHandle.WaitTimeout)
                    End(ref process);
                else if (_queue.TryTake(out var tenant, out var work))
                {
                    // The tenant's next work may begin at the same time.
                    StartWorkerIfNeeded();
                    Do(tenant, work!, ref process);
                }
            }
        }
        finally
        {
            End(ref process);
        }
    }

    private void Do(string tenant, Work work, ref ScorerProcess? process)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(work.CancellationToken, _stopping.Token);
        long? begunAt = null;
        try
        {
            ended.Token.ThrowIfCancellationRequested();
            if (process is null)
            {
                if (_starts.FindError() is { } error)
                {
                    work.Result.TrySetException(new ScorerProcessException(error, isOurs: true));
                    return;
                }

                begunAt = _starts.Begin();
                process = ScorerProcess.Start(_options, _start);
                lock (_lock)
                    _processIds.Add(process.Id);
            }

            // The caller may have cancelled; the process is ready for the next case.
            process.Prepare(work.ScorerType, _stopping.Token);
            if (begunAt is not null && _starts.Succeeded() is > 1 and var failed)
                LogStartsAgain(_log, failed);
            begunAt = null;
            ended.Token.ThrowIfCancellationRequested();
            work.Result.TrySetResult(process.Call(work.Request, work.Deadline, ended.Token));
        }
        catch (OperationCanceledException)
        {
            work.Result.TrySetCanceled(ended.Token);
        }
        catch (ScorerProcessException error)
        {
            if (error.IsOurs)
                LogCannotStart(_log, error.Message, begunAt is { } moment ? _starts.Failed(moment, error.Message).TotalSeconds : 0);
            else
                LogProcessEnded(_log, tenant == CheckLine ? "an import" : tenant, error.Message);
            work.Result.TrySetException(error);
        }
        catch (Exception error)
        {
            work.Result.TrySetException(new ScorerProcessException(error.Message, isOurs: true, error));
        }
        finally
        {
            if (process is { } used && (used.IsExhausted || used.Cases >= _options.CasesPerProcess))
                End(ref process);
            Interlocked.Decrement(ref _due);
            _queue.Ended(tenant);
        }
    }

    private void End(ref ScorerProcess? process)
    {
        if (process is null)
            return;
        process.Dispose();
        lock (_lock)
            _processIds.Remove(process.Id);
        process = null;
    }

    [LoggerMessage(3000, LogLevel.Warning, "Scorer process ended while it judged a case of {Tenant}: {Reason}. The case is UNSCORED; nothing else is affected.")]
    private static partial void LogProcessEnded(ILogger log, string tenant, string reason);

    [LoggerMessage(3001, LogLevel.Error, "{Reason} Cases that need a scorer process cannot be judged; the next start is tried in {Seconds:0} s.")]
    private static partial void LogCannotStart(ILogger log, string reason, double seconds);

    [LoggerMessage(3002, LogLevel.Information, "A scorer process is ready, after {Failed} starts in a row that failed.")]
    private static partial void LogStartsAgain(ILogger log, int failed);

    private sealed record Work(string ScorerType, byte[] Request, TimeSpan Deadline, CancellationToken CancellationToken)
    {
        public TaskCompletionSource<ScorerReply> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
