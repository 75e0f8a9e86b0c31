using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;
using Microsoft.Win32.SafeHandles;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// Where each recording is in a JSONL file: the SHA-256 of its key, its place and its length. The file itself stays on disk, so a
/// file of any size costs some 64 bytes a line. Safe for concurrent use.
/// </summary>
internal sealed class ReplayIndex : IDisposable
{
    private const int MaxLineBytes = 256 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private readonly JsonPath _match;
    private readonly Dictionary<Key, Line> _lines = [];

    private ReplayIndex(SafeFileHandle file, JsonPath match)
    {
        _file = file;
        _match = match;
    }

    /// <summary>Reads the file through once.</summary>
    /// <param name="path">The file.</param>
    /// <param name="match">Where each record's key is.</param>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, a line is not a JSON object with a key, or two lines have the same key: it cannot be known which of the two replies
    /// is the agent's. The message gives the line number.
    /// </exception>
    public static ReplayIndex Read(string path, JsonPath match)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path, options: FileOptions.Asynchronous);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"target.file cannot be read ({error.GetType().Name}).", error);
        }

        var index = new ReplayIndex(file, match);
        try
        {
            foreach (var (line, json) in LinesOf(file))
                index.Add(line, json);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <returns>The record with this key and its line number; null when nothing was recorded. The caller disposes the record.</returns>
    /// <exception cref="AgentCallException">The file changed since it was indexed.</exception>
    public async Task<(JsonDocument Record, int Line)?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!_lines.TryGetValue(Key.Of(key), out var line))
            return null;

        var bytes = new byte[line.Length];
        var held = 0;
        int read;
        while (held < bytes.Length && (read = await RandomAccess.ReadAsync(_file, bytes.AsMemory(held), line.Offset + held, cancellationToken)) > 0)
            held += read;

        try
        {
            var record = JsonDocument.Parse(bytes.AsMemory(0, held));
            if (_match.Resolve(record.RootElement) is { } found && JsonPath.TextOf(found) == key)
                return (record, line.Number);
            record.Dispose();
        }
        catch (Exception error) when (error is JsonException or InvalidInputException)
        {
            // Reported below.
        }
        throw new AgentCallException("The file of recordings changed while it was in use.");
    }

    public void Dispose() => _file.Dispose();

    private void Add(Line line, ReadOnlyMemory<byte> json)
    {
        var key = KeyIn(json, line.Number);
        if (!_lines.TryAdd(Key.Of(key), line))
        {
            throw new InvalidInputException(
                $"target.file: line {line.Number} has the same '{_match}' as line {_lines[Key.Of(key)].Number}; every recording needs its own.");
        }
    }

    private string KeyIn(ReadOnlyMemory<byte> json, int line)
    {
        try
        {
            using var record = JsonDocument.Parse(json);
            return _match.Resolve(record.RootElement) is { ValueKind: not JsonValueKind.Null } key
                ? JsonPath.TextOf(key)
                : throw new InvalidInputException($"target.file: line {line} has nothing at target.match '{_match}'.");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"target.file: line {line} is {JsonErrorText.Of(json.Span)}.", error);
        }
        catch (InvalidInputException error) when (error.InnerException is not null)
        {
            throw new InvalidInputException($"target.file: line {line}: {error.Message}", error);
        }
    }

    /// <summary>The lines that are not blank, without their line ends. The memory given is valid until the next one is asked for.</summary>
    private static IEnumerable<(Line Line, ReadOnlyMemory<byte> Json)> LinesOf(SafeFileHandle file)
    {
        var buffer = new byte[128 * 1024];
        long offset = 0; // of buffer[0] in the file
        var held = 0;
        var number = 0;

        while (true)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(held), offset + held);
            var end = held + read;
            var start = offset == 0 && buffer.AsSpan(0, end).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            var seen = Math.Max(start, held);

            while (start < end)
            {
                var newline = buffer.AsSpan(seen, end - seen).IndexOf((byte)'\n');
                if (newline < 0 && read > 0)
                    break;

                var stop = newline < 0 ? end : seen + newline;
                number++;
                if (!IsBlank(buffer.AsSpan(start, stop - start)))
                    yield return (new Line(offset + start, stop - start, number), buffer.AsMemory(start, stop - start));
                start = seen = Math.Min(stop + 1, end);
            }

            if (read == 0)
                yield break;

            held = end - start;
            buffer.AsSpan(start, held).CopyTo(buffer);
            offset += start;
            if (held == buffer.Length)
            {
                if (held >= MaxLineBytes)
                    throw new InvalidInputException($"target.file: line {number + 1} is longer than {MaxLineBytes} bytes.");
                Array.Resize(ref buffer, held * 2);
            }
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Line(long Offset, int Length, int Number);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Key(UInt128 High, UInt128 Low)
    {
        public static Key Of(string text)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
            return MemoryMarshal.Read<Key>(hash);
        }
    }
}
