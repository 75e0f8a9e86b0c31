using System.Security.Cryptography;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Http.Features;

namespace EvalJobs.Server.Api;

/// <summary>A file sent as a body. It is written to a temporary file of this user while it arrives, and never kept in memory. It is deleted when disposed.</summary>
internal sealed class ApiUpload : IAsyncDisposable
{
    /// <summary>The media types of files of test cases, with the file extension that gives the format.</summary>
    public static IReadOnlyDictionary<string, string> Extensions { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["application/json"] = ".json",
        ["application/jsonl"] = ".jsonl",
        ["application/x-ndjson"] = ".jsonl",
        ["text/csv"] = ".csv",
        ["text/tab-separated-values"] = ".tsv",
        ["application/yaml"] = ".yaml",
        ["application/x-yaml"] = ".yaml",
    };

    private readonly FileStream _file;

    private ApiUpload(FileStream file, string fileName, byte[] hash) => (_file, FileName, Hash) = (file, fileName, hash);

    /// <summary>Its name in messages, such as <c>body.csv</c>; the extension gives the format.</summary>
    public string FileName { get; }

    /// <summary>SHA-256 of its bytes.</summary>
    public byte[] Hash { get; }

    /// <summary>Reads the body.</summary>
    /// <exception cref="ApiProblemException">Its media type is not accepted, or it is larger than the limit.</exception>
    public static async Task<ApiUpload> ReadAsync(HttpContext http, long limit)
    {
        ApiBody.EnsureNotEncoded(http.Request);
        var type = http.Request.ContentType?.Split(';')[0].Trim() ?? "";
        if (!Extensions.TryGetValue(type, out var extension))
            throw new ApiProblemException(ApiProblem.UnsupportedMediaType(string.Join(", ", Extensions.Keys)));
        if (http.Request.ContentLength > limit)
            throw new ApiProblemException(ApiProblem.TooLarge(limit));
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit + 1;

        var file = new FileStream(Path.GetTempFileName(), new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        });
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[64 * 1024];
            while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var count)
            {
                if (file.Length + count > limit)
                    throw new ApiProblemException(ApiProblem.TooLarge(limit));
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), http.RequestAborted);
            }

            await file.FlushAsync(http.RequestAborted);
            return new ApiUpload(file, $"body{extension}", hash.GetHashAndReset());
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens it at its start.</summary>
    public Stream Open() => new FileStream(_file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);

    /// <summary>Marks endpoints that accept a file as their body.</summary>
    internal sealed record Taken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
