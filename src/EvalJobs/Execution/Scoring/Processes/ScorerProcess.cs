using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>
/// One scorer process. Used by one thread, which must live as long as the process does: on Linux the process is ended with the thread
/// that started it.
/// </summary>
internal sealed class ScorerProcess : IDisposable
{
    private const int MaxErrorLength = 4_000;
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    // For a process that starts on a machine under load.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    // Processor time of one process in all its cases. A limit of the operating system in the process enforces it, too.
    private static readonly TimeSpan MaxProcessorTime = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Stream _input;
    private readonly BufferedStream _output;
    private readonly long _memoryLimit;
    private readonly StringBuilder _errors = new();
    private readonly HashSet<string> _preparedTypes = new(StringComparer.Ordinal);
    private readonly Task _errorReader;

    private ScorerProcess(Process process, long memoryLimit)
    {
        _process = process;
        _input = process.StandardInput.BaseStream;
        _output = new BufferedStream(process.StandardOutput.BaseStream);
        _memoryLimit = memoryLimit;
        Id = process.Id;
        _errorReader = Task.Run(ReadErrorsAsync);
    }

    /// <summary>The system's id of the process.</summary>
    public int Id { get; }

    /// <summary>Cases it has worked on.</summary>
    public int Cases { get; private set; }

    /// <summary>Whether it must be replaced before the next case.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Starts a process. It may not be ready yet; <see cref="Prepare"/> waits for that.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="start">The program, with what it is given.</param>
    /// <exception cref="ScorerProcessException">It did not start.</exception>
    public static ScorerProcess Start(ScoringOptions options, Func<ScoringOptions, ProcessStartInfo> start)
    {
        Process process;
        try
        {
            process = Process.Start(start(options))!;
        }
        catch (Exception error) when (error is Win32Exception or IOException or InvalidOperationException)
        {
            throw new ScorerProcessException($"The scorer process cannot be started: {error.Message.TrimEnd('.')}.", isOurs: true, error);
        }

        return new ScorerProcess(process, 2L * options.ProcessMemoryMegabytes * 1024 * 1024);
    }

    /// <summary>Waits until the process is ready for cases of a type of scorer. When it throws, the process has ended.</summary>
    /// <param name="scorerType">The scorer's type.</param>
    /// <param name="stopping">
    /// Cancelled when the server stops. The token of the case that needs the process does not belong here: callers with short timeouts
    /// would end one process after another, and none would ever be ready.
    /// </param>
    /// <exception cref="ScorerProcessException">The process ended, or did not become ready in time.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Prepare(string scorerType, CancellationToken stopping)
    {
        if (_preparedTypes.Add(scorerType))
            Exchange(ScorerMessages.Encode(new ScorerRequest(ScorerTask.WarmUp, scorerType, "", null, "")), deadline: null, stopping);
    }

    /// <summary>Has one case judged. When it throws, the process has ended.</summary>
    /// <exception cref="ScorerProcessException">The process ended, or was ended at a limit.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ScorerReply Call(byte[] request, TimeSpan deadline, CancellationToken cancellationToken)
    {
        Cases++;
        var reply = Exchange(request, deadline, cancellationToken);
        if (reply.Kind == ScorerReplyKind.Failed || Cases % 64 == 0 && ProcessorTime() > MaxProcessorTime)
            IsExhausted = true;
        return reply;
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        Kill();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _output.Dispose();
        _process.Dispose();
    }

    /// <param name="request">The message.</param>
    /// <param name="deadline">How long the process may work on it; null when it has only to say that it is ready.</param>
    /// <param name="cancellationToken">Ends the process.</param>
    private ScorerReply Exchange(byte[] request, TimeSpan? deadline, CancellationToken cancellationToken)
    {
        // Until the process begins, what takes time is .NET and the machine, not the case.
        var isReady = false;
        var watch = new CallWatch(this, StartTimeout);
        using var timer = new Timer(static state => ((CallWatch)state!).Check(), watch, WatchInterval, WatchInterval);
        using var cancellation = cancellationToken.Register(static state => ((CallWatch)state!).End(null), watch);
        try
        {
            _input.Write(request);
            _input.Flush();
            var reply = ScorerMessages.ReadReply(_output);
            isReady = reply is { Kind: ScorerReplyKind.Ready };
            if (isReady && deadline is { } limit)
            {
                watch.Restart(limit);
                reply = ScorerMessages.ReadReply(_output);
            }
            if (isReady && reply is not null && watch.Finish())
                return reply;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidDataException)
        {
            // The process has ended, or can no longer be trusted.
        }

        watch.Finish();
        IsExhausted = true;
        Kill();
        cancellationToken.ThrowIfCancellationRequested();
        var reason = watch.Reason ?? Death();
        throw isReady
            ? new ScorerProcessException(reason, isOurs: false)
            : new ScorerProcessException($"The scorer process did not become ready: {reason}.", isOurs: true);
    }

    private string Death()
    {
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _errorReader.Wait(TimeSpan.FromSeconds(5));
        string errors;
        lock (_errors)
            errors = _errors.ToString();
        var code = _process.HasExited ? _process.ExitCode.ToString(CultureInfo.InvariantCulture) : "unknown";
        return errors.Contains("Stack overflow", StringComparison.OrdinalIgnoreCase) ? "the scorer process overflowed its stack"
            : errors.Contains("OutOfMemory", StringComparison.OrdinalIgnoreCase) || errors.Contains("Out of memory", StringComparison.OrdinalIgnoreCase)
                ? "the scorer process ran out of memory"
            : $"the scorer process ended with exit code {code}{(errors.Length == 0 ? "" : $": {Excerpt.Of(errors)}")}";
    }

    private async Task ReadErrorsAsync()
    {
        var buffer = new char[1024];
        try
        {
            int read;
            while ((read = await _process.StandardError.ReadAsync(buffer)) > 0)
            {
                lock (_errors)
                {
                    if (_errors.Length < MaxErrorLength)
                        _errors.Append(buffer, 0, read);
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process was ended; what it wrote until then is enough.
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: !OperatingSystem.IsLinux());
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            // It has ended by itself.
        }
    }

    private TimeSpan ProcessorTime()
    {
        try
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return TimeSpan.Zero;
        }
    }

    private long Memory()
    {
        try
        {
            // The resident pages: the second number of statm. Reading it costs a tenth of Process.Refresh.
            if (OperatingSystem.IsLinux())
                return long.Parse(File.ReadAllText($"/proc/{Id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            _process.Refresh();
            return _process.WorkingSet64;
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return 0;
        }
    }

    /// <summary>Enforces the limits of one call. A call that has finished can no longer end the process, which may be at the next one.</summary>
    private sealed class CallWatch(ScorerProcess process, TimeSpan limit)
    {
        private readonly Lock _lock = new();
        private long _started = Stopwatch.GetTimestamp();
        private TimeSpan _limit = limit;
        private int _finished;

        public string? Reason { get; private set; }

        /// <summary>The time begins now.</summary>
        public void Restart(TimeSpan deadline)
        {
            lock (_lock)
                (_started, _limit) = (Stopwatch.GetTimestamp(), deadline);
        }

        public void Check()
        {
            long started;
            TimeSpan deadline;
            lock (_lock)
                (started, deadline) = (_started, _limit);
            if (Stopwatch.GetElapsedTime(started) > deadline)
                End(string.Create(CultureInfo.InvariantCulture, $"the scorer worked longer than {deadline.TotalSeconds} s"));
            else if (process.Memory() > process._memoryLimit)
                End(string.Create(CultureInfo.InvariantCulture, $"the scorer process took more than {process._memoryLimit / 1024 / 1024} MiB of memory"));
        }

        public void End(string? reason)
        {
            if (Interlocked.CompareExchange(ref _finished, 1, 0) != 0)
                return;
            Reason = reason;
            process.Kill();
        }

        /// <returns>Whether nothing had ended the call before.</returns>
        public bool Finish() => Interlocked.CompareExchange(ref _finished, 1, 0) == 0;
    }
}
