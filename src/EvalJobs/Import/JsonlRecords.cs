using System.Runtime.CompilerServices;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Reads one JSON object per line.</summary>
internal static class JsonlRecords
{
    public static async IAsyncEnumerable<CaseRecord> ReadAsync(
        ImportStream stream, FilePlace file, [EnumeratorCancellation] CancellationToken cancellationToken, ImportFindings? findings = null)
    {
        var paths = new Dictionary<string, JsonPath>(StringComparer.Ordinal);
        await foreach (var (line, bytes) in LinesAsync(stream, file, cancellationToken))
        {
            if (!bytes.Span.ContainsAnyExcept(" \t\r"u8))
                continue;

            if (Parse(bytes.Span, file.At(line), findings) is { } value)
                yield return new JsonCaseRecord(file.At(line), value, paths);
        }
    }

    /// <returns>The line's object; null when the line is not an object, which is recorded as an error.</returns>
    private static JsonElement? Parse(ReadOnlySpan<byte> bytes, FilePlace place, ImportFindings? findings)
    {
        try
        {
            var value = JsonText.Parse(bytes, place);
            if (value.ValueKind == JsonValueKind.Object)
                return value;
            var hint = value.ValueKind == JsonValueKind.Array ? "; a file that is one JSON array is named .json" : "";
            throw place.Error($"a test case is a JSON object, not {JsonCaseRecord.Kind(value)}{hint}.");
        }
        catch (InvalidInputException error) when (findings is not null)
        {
            findings.Add(error);
            return null;
        }
    }

    private static async IAsyncEnumerable<(long Line, ReadOnlyMemory<byte> Bytes)> LinesAsync(
        ImportStream stream, FilePlace file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[65_536];
        var (start, scanned, end) = (0, 0, 0);

        for (var line = 1L; ; line++)
        {
            int length;
            while ((length = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n')) < 0)
            {
                scanned = end;
                if (end - start > ImportLimits.MaxCaseBytes)
                    throw TooLong(line);
                if (start > 0)
                {
                    buffer.AsSpan(start, end - start).CopyTo(buffer);
                    (start, scanned, end) = (0, scanned - start, end - start);
                }
                if (end == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);

                var count = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
                if (count == 0)
                {
                    if (end > start)
                        yield return (line, buffer.AsMemory(start, end - start));
                    yield break;
                }
                end += count;
            }

            var lineEnd = scanned + length;
            if (lineEnd - start > ImportLimits.MaxCaseBytes)
                throw TooLong(line);
            yield return (line, buffer.AsMemory(start, lineEnd - start));
            start = scanned = lineEnd + 1;
        }

        InvalidInputException TooLong(long line) => file.At(line).Error("the line is longer than 4 MiB.");
    }
}
