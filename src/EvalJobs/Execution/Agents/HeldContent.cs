namespace EvalJobs.Execution.Agents;

/// <summary>The whole body of an answer, in memory.</summary>
internal sealed class HeldContent(byte[] bytes) : ByteArrayContent(bytes)
{
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;
}
