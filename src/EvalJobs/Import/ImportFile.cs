using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Opens files to import.</summary>
internal static class ImportFile
{
    public static FileStream Open(string path)
    {
        try
        {
            // Every reader has its own buffer.
            return new FileStream(
                path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 0 });
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotFoundException($"There is no file '{path}'.");
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InvalidInputException($"'{path}' cannot be read: it is a folder, or this user may not read it.", error);
        }
    }

    /// <summary>Reads the whole stream, at most <paramref name="limit"/> bytes.</summary>
    public static async Task<byte[]> ReadWholeAsync(
        ImportStream stream, FilePlace file, int limit, string tooLarge, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[65_536];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (whole.Length + count > limit)
                throw file.Error(tooLarge);
            whole.Write(buffer, 0, count);
        }
        return whole.ToArray();
    }
}
