using System.Text;
using EvalJobs.Import;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Import;

/// <summary>Reads files whose content is in the tests.</summary>
internal static class ImportHelper
{
    public static Task<List<TestCase>> ReadAsync(ImportFormat format, string text, TestCaseReadOptions? options = null) =>
        ReadAsync(format, Encoding.UTF8.GetBytes(text), options);

    public static async Task<List<TestCase>> ReadAsync(ImportFormat format, byte[] bytes, TestCaseReadOptions? options = null)
    {
        using var stream = new MemoryStream(bytes);
        return await ReadAsync(format, stream, options);
    }

    public static async Task<List<TestCase>> ReadAsync(ImportFormat format, Stream stream, TestCaseReadOptions? options = null)
    {
        var cases = new List<TestCase>();
        await foreach (var testCase in TestCaseFileReader.ReadAsync(stream, format, options))
            cases.Add(testCase);
        return cases;
    }

    /// <returns>The message of the error.</returns>
    public static Task<string> RejectionAsync(ImportFormat format, string text, TestCaseReadOptions? options = null) =>
        RejectionAsync(format, Encoding.UTF8.GetBytes(text), options);

    /// <inheritdoc cref="RejectionAsync(ImportFormat, string, TestCaseReadOptions?)"/>
    public static async Task<string> RejectionAsync(ImportFormat format, byte[] bytes, TestCaseReadOptions? options = null)
    {
        var read = () => ReadAsync(format, bytes, options);
        return (await read.Should().ThrowAsync<InvalidInputException>()).Which.Message;
    }
}

/// <summary>A stream that returns a few bytes at a time, as networks do.</summary>
internal sealed class SmallReadsStream(byte[] bytes, int seed) : MemoryStream(bytes)
{
    private readonly Random _random = new(seed);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, _random.Next(1, 8))], cancellationToken);
}

/// <summary>A folder for one test's files.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("evaljobs-import-").FullName;

    public string Write(string name, string text)
    {
        var path = Path.Combine(_path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public string Missing(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
