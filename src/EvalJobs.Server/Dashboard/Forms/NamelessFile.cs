using Microsoft.Win32.SafeHandles;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>
/// A temporary file that only this process can open: on Unix it has no name, on Windows the system deletes it with its last handle. So it is deleted when the process
/// ends, even by a crash. Readers keep it open: it is deleted when it and all its readers are disposed. Safe for concurrent use.
/// </summary>
internal sealed class NamelessFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly SafeFileHandle _handle;
    private int _holders = 1;
    private bool _isDisposed;

    public NamelessFile()
    {
        var path = Path.Combine(Path.GetTempPath(), $"evaljobs-upload-{Guid.NewGuid():N}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(path, options);
        _handle = _file.SafeFileHandle;
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
    }

    /// <summary>Writes everything of a stream, from the file's start.</summary>
    public async Task WriteAsync(Stream from, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var at = 0L;
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            await RandomAccess.WriteAsync(_handle, buffer.AsMemory(0, count), at, cancellationToken);
            at += count;
        }
    }

    /// <summary>Holds the file until the reader is disposed of.</summary>
    public Reader Lease()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _holders++;
        }

        return new Reader(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        Release();
    }

    private void Release()
    {
        lock (_lock)
        {
            if (--_holders == 0)
                _file.Dispose();
        }
    }

    /// <summary>A reader of the file, which can open it several times.</summary>
    internal sealed class Reader(NamelessFile file) : IDisposable
    {
        private bool _isOver;

        /// <summary>Opens the file at its start. The stream is not usable once the reader is disposed of.</summary>
        public Stream Open() => new Content(file._handle);

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!_isOver)
                file.Release();
            _isOver = true;
        }
    }

    private sealed class Content(SafeFileHandle handle) : Stream
    {
        private long _at;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = RandomAccess.Read(handle, buffer.AsSpan(offset, count), _at);
            _at += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await RandomAccess.ReadAsync(handle, buffer, _at, cancellationToken);
            _at += read;
            return read;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
