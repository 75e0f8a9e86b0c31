namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>What a scorer process is asked to do with a request.</summary>
internal enum ScorerTask : byte
{
    /// <summary>Judge a reply.</summary>
    Score,

    /// <summary>Check the settings only.</summary>
    Check,

    /// <summary>Become ready for a type of scorer. Judges nothing, and the only reply is <see cref="ScorerReplyKind.Ready"/>.</summary>
    WarmUp,
}

/// <summary>A request to a scorer process.</summary>
/// <param name="Task">What to do.</param>
/// <param name="Scoring">The scoring object as JSON; for <see cref="ScorerTask.WarmUp"/> the scorer's type.</param>
/// <param name="Input">What the agent was asked.</param>
/// <param name="Expected">The expected output.</param>
/// <param name="Actual">The agent's reply.</param>
internal sealed record ScorerRequest(ScorerTask Task, string Scoring, string Input, string? Expected, string Actual);

/// <summary>How a request to a scorer process ended.</summary>
internal enum ScorerReplyKind : byte
{
    /// <summary>A score, or settings without an error.</summary>
    Done,

    /// <summary>The case cannot be judged.</summary>
    CannotJudge,

    /// <summary>The settings are wrong.</summary>
    WrongSettings,

    /// <summary>The scorer failed unexpectedly. The process must not be used again.</summary>
    Failed,

    /// <summary>The process begins with the request that it has; only now its time begins.</summary>
    Ready,
}

/// <summary>A scorer process's reply.</summary>
internal sealed record ScorerReply(ScorerReplyKind Kind, double Value, string? Text);

/// <summary>
/// Messages between a server and a scorer process: a length of four bytes, then the fields, texts as UTF-16 so that every text
/// arrives as it was, half surrogate pairs and U+0000 included.
/// </summary>
internal static class ScorerMessages
{
    /// <summary>Longest reply a scorer process may send, bytes. An untrusted process must not fill our memory.</summary>
    private const int MaxReplyLength = 1024 * 1024;

    public static byte[] Encode(ScorerRequest request) => Frame(writer =>
    {
        writer.Write((byte)request.Task);
        WriteText(writer, request.Scoring);
        WriteText(writer, request.Input);
        WriteText(writer, request.Expected);
        WriteText(writer, request.Actual);
    });

    public static byte[] Encode(ScorerReply reply) => Frame(writer =>
    {
        writer.Write((byte)reply.Kind);
        writer.Write(reply.Value);
        WriteText(writer, reply.Text);
    });

    /// <returns>The next request; null at the end of the stream.</returns>
    public static ScorerRequest? ReadRequest(Stream stream)
    {
        if (ReadFrame(stream, int.MaxValue) is not { } reader)
            return null;
        using (reader)
            return new((ScorerTask)reader.ReadByte(), ReadText(reader)!, ReadText(reader)!, ReadText(reader), ReadText(reader)!);
    }

    /// <returns>The reply; null when the process ended.</returns>
    /// <exception cref="InvalidDataException">No reply in this form.</exception>
    public static ScorerReply? ReadReply(Stream stream)
    {
        if (ReadFrame(stream, MaxReplyLength) is not { } reader)
            return null;
        using (reader)
        {
            var kind = (ScorerReplyKind)reader.ReadByte();
            return Enum.IsDefined(kind)
                ? new(kind, reader.ReadDouble(), ReadText(reader))
                : throw new InvalidDataException("The scorer process sent a reply of an unknown kind.");
        }
    }

    private static byte[] Frame(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(0);
        write(writer);
        writer.Seek(0, SeekOrigin.Begin);
        writer.Write(checked((int)stream.Length - sizeof(int)));
        return stream.ToArray();
    }

    private static BinaryReader? ReadFrame(Stream stream, int maxLength)
    {
        var header = new byte[sizeof(int)];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            return null;
        var length = BitConverter.ToInt32(header);
        if (length < 0 || length > maxLength)
            throw new InvalidDataException($"The scorer process sent a message of {length} bytes.");
        var body = new byte[length];
        return stream.ReadAtLeast(body, length, throwOnEndOfStream: false) < length ? null : new BinaryReader(new MemoryStream(body));
    }

    private static void WriteText(BinaryWriter writer, string? text)
    {
        writer.Write(text?.Length ?? -1);
        if (text is not null)
            writer.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
    }

    private static string? ReadText(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        if (length < 0)
            return null;
        if (length > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(char))
            throw new InvalidDataException("A text is longer than its message.");
        return string.Create(length, reader, static (text, source) =>
            source.BaseStream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text)));
    }
}
