namespace EvalJobs.Execution.Agents;

/// <summary>Reads a program's output to its end in the background, so that the program never blocks, and keeps the needed part of it.</summary>
internal sealed class ProcessOutput : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _kept = new();
    private readonly Stream _stream;
    private readonly int _limit;
    private readonly bool _keepsEnd;

    /// <param name="stream">The output.</param>
    /// <param name="limit">Bytes kept.</param>
    /// <param name="keepsEnd">Whether the last bytes are kept and the others dropped; else reading stops beyond the limit.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public ProcessOutput(Stream stream, int limit, bool keepsEnd, CancellationToken cancellationToken)
    {
        _stream = stream;
        _limit = limit;
        _keepsEnd = keepsEnd;
        Reading = ReadAsync(cancellationToken);
    }

    /// <summary>Ends when the output ends, or when it grew beyond the limit. Never fails but by cancellation.</summary>
    public Task Reading { get; }

    /// <summary>Whether the output grew beyond the limit.</summary>
    public bool IsTooLarge { get; private set; }

    /// <returns>What was read so far.</returns>
    public byte[] ToArray()
    {
        lock (_lock)
        {
            var bytes = _kept.ToArray();
            return _keepsEnd && bytes.Length > _limit ? bytes[^_limit..] : bytes;
        }
    }

    public void Dispose()
    {
        // A process that still has the other end may keep it. It is not read any more.
        _stream.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await _stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (!Keep(buffer.AsSpan(0, read)))
                    return;
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The pipe broke with its writer, or it is no longer needed.
        }
    }

    private bool Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _kept.Write(bytes);
            if (_keepsEnd && _kept.Length > 16 * _limit)
            {
                var end = _kept.ToArray().AsSpan((int)_kept.Length - _limit);
                _kept.SetLength(0);
                _kept.Write(end);
            }
            IsTooLarge = !_keepsEnd && _kept.Length > _limit;
            return !IsTooLarge;
        }
    }
}
