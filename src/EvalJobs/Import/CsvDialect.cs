using System.Text;

namespace EvalJobs.Import;

/// <summary>Detects the separator of the columns of a CSV file, by the first line that is not blank.</summary>
internal static class CsvDialect
{
    private const int MaxSample = 64 * 1024;

    /// <returns>
    /// The separator (a comma, unless the line has no comma but semicolons, tabs or pipes), and a reader that begins at the first character again.
    /// </returns>
    public static async Task<(string Delimiter, TextReader Text)> DetectAsync(StreamReader text, CancellationToken cancellationToken)
    {
        var seen = new StringBuilder();
        var buffer = new char[4096];
        while (seen.Length < MaxSample && !HasLine(seen))
        {
            var count = await text.ReadAsync(buffer, cancellationToken);
            if (count == 0)
                break;
            seen.Append(buffer, 0, count);
        }

        var start = seen.ToString();
        return (DelimiterOf(start), new ReplayReader(start, text));
    }

    private static bool HasLine(StringBuilder seen)
    {
        var text = seen.ToString().TrimStart();
        return text.Contains('\n', StringComparison.Ordinal) || text.Contains('\r', StringComparison.Ordinal);
    }

    private static string DelimiterOf(string start)
    {
        var header = start.TrimStart('\uFEFF', ' ', '\r', '\n');
        var (commas, semicolons, tabs, pipes, isQuoted) = (0, 0, 0, 0, false);
        foreach (var c in header)
        {
            if (c == '"')
                isQuoted = !isQuoted;
            if (isQuoted)
                continue;
            if (c is '\n' or '\r')
                break;
            commas += c == ',' ? 1 : 0;
            semicolons += c == ';' ? 1 : 0;
            tabs += c == '\t' ? 1 : 0;
            pipes += c == '|' ? 1 : 0;
        }

        return (commas, semicolons, tabs, pipes) switch
        {
            (0, > 0, _, _) => ";",
            (0, _, > 0, _) => "\t",
            (0, _, _, > 0) => "|",
            _ => ",",
        };
    }

    /// <summary>Returns a text that was already read, then the rest.</summary>
    private sealed class ReplayReader(string start, TextReader rest) : TextReader
    {
        private int _at;

        public override int Peek() => _at < start.Length ? start[_at] : rest.Peek();

        public override int Read() => _at < start.Length ? start[_at++] : rest.Read();

        public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

        public override int Read(Span<char> buffer)
        {
            if (_at >= start.Length)
                return rest.Read(buffer);
            var count = Advance(buffer.Length);
            start.AsSpan(_at - count, count).CopyTo(buffer);
            return count;
        }

        public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask();

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
            _at < start.Length ? new ValueTask<int>(Read(buffer.Span)) : rest.ReadAsync(buffer, cancellationToken);

        private int Advance(int wanted)
        {
            var count = Math.Min(wanted, start.Length - _at);
            _at += count;
            return count;
        }
    }
}
