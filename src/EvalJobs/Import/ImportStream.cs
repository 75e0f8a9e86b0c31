using System.Buffers;
using System.Text;
using System.Text.Unicode;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>
/// A stream of UTF-8 only. It removes the byte order mark and rejects the first malformed byte with its line; a decoder would silently replace it by
/// U+FFFD.
/// </summary>
internal sealed class ImportStream(Stream inner, FilePlace file) : Stream
{
    private readonly byte[] _tail = new byte[4];
    private int _tailLength;
    private byte[]? _head;
    private int _headAt;
    private long _line = 1;
    private long? _boundLine;
    private long _bytesSinceBound;

    /// <summary>Allows <see cref="ImportLimits.MaxCaseBytes"/> more, for the row that starts at this line.</summary>
    public void Bound(long line)
    {
        _boundLine = line;
        _bytesSinceBound = 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;

        if (_head is null)
        {
            var head = new byte[3];
            var length = await inner.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
            _head = StripMark(head.AsSpan(0, length));
        }

        int count;
        if (_headAt < _head.Length)
        {
            count = Math.Min(buffer.Length, _head.Length - _headAt);
            _head.AsMemory(_headAt, count).CopyTo(buffer);
            _headAt += count;
        }
        else
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }

        EnsureUtf8(buffer.Span[..count], isEnd: count == 0);
        EnsureBound(count);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private byte[] StripMark(ReadOnlySpan<byte> head)
    {
        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw file.At(1).Error("the file is UTF-16; save it as UTF-8.");
        return head is [0xEF, 0xBB, 0xBF] ? [] : head.ToArray();
    }

    private void EnsureUtf8(ReadOnlySpan<byte> read, bool isEnd)
    {
        // A read may end within a character. Its first bytes stay in the tail until the rest is read.
        while (_tailLength > 0 && !read.IsEmpty)
        {
            _tail[_tailLength++] = read[0];
            read = read[1..];
            var status = Rune.DecodeFromUtf8(_tail.AsSpan(0, _tailLength), out _, out _);
            if (status == OperationStatus.InvalidData)
                throw Malformed();
            if (status == OperationStatus.Done)
                _tailLength = 0;
        }
        if (isEnd && _tailLength > 0)
            throw Malformed();

        var whole = read[..^IncompleteEnd(read)];
        if (!Utf8.IsValid(whole))
        {
            while (Rune.DecodeFromUtf8(whole, out var rune, out var length) == OperationStatus.Done)
            {
                _line += rune.Value == '\n' ? 1 : 0;
                whole = whole[length..];
            }
            throw Malformed();
        }

        _line += whole.Count((byte)'\n');
        if (whole.Length < read.Length)
        {
            read[whole.Length..].CopyTo(_tail);
            _tailLength = read.Length - whole.Length;
        }
    }

    private static int IncompleteEnd(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var needed = bytes[^back] switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, >= 0x80 => 0, _ => 1 };
            if (needed > 0)
                return needed > back && Rune.DecodeFromUtf8(bytes[^back..], out _, out _) == OperationStatus.NeedMoreData ? back : 0;
        }
        return 0;
    }

    private InvalidInputException Malformed() => file.At(_line).Error("not valid UTF-8; save the file as UTF-8.");

    private void EnsureBound(int count)
    {
        _bytesSinceBound += count;
        if (_boundLine is { } line && _bytesSinceBound > ImportLimits.MaxCaseBytes + 65_536)
            throw file.At(line).Error("the row is longer than 4 MiB, or a quote in it is never closed.");
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
