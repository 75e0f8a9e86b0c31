using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Http.Metadata;

namespace EvalJobs.Server.Api;

/// <summary>The JSON body of a request, read strictly: unknown, missing and duplicate fields and wrong types are errors that name the field.</summary>
/// <param name="Value">The value.</param>
/// <param name="Hash">SHA-256 of its bytes.</param>
internal sealed record ApiBody<T>(T Value, byte[] Hash) : IEndpointParameterMetadataProvider where T : class
{
    public static async ValueTask<ApiBody<T>?> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        ApiBody.EnsureNotEncoded(http.Request);
        if (!http.Request.HasJsonContentType())
            throw new ApiProblemException(ApiProblem.UnsupportedMediaType("application/json"));
        var bytes = await ApiBody.ReadAsync(http, ApiBody.MaxBytes);
        if (!Utf8.IsValid(bytes))
            throw new ApiProblemException(ApiProblem.Invalid("The body is not UTF-8."));
        ApiBodyShape.Validate(bytes, typeof(T));
        return new ApiBody<T>(JsonSerializer.Deserialize<T>(bytes, ApiJson.Options)!, SHA256.HashData(bytes));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
}

/// <summary>Reads bodies.</summary>
internal static class ApiBody
{
    /// <summary>Bytes of a JSON body at most, for a genome or the cases of an edit. Larger suites are imported as a file.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <exception cref="ApiProblemException">The body is compressed. Without this check the error would be that it is malformed.</exception>
    public static void EnsureNotEncoded(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Any(coding => !string.Equals(coding?.Trim(), "identity", StringComparison.OrdinalIgnoreCase)))
            throw new ApiProblemException(ApiProblem.UnsupportedEncoding());
    }

    /// <returns>The whole body.</returns>
    /// <exception cref="ApiProblemException">It is larger than the limit.</exception>
    public static async Task<byte[]> ReadAsync(HttpContext http, int limit)
    {
        if (http.Request.ContentLength > limit)
            throw new ApiProblemException(ApiProblem.TooLarge(limit));
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var count)
        {
            if (whole.Length + count > limit)
                throw new ApiProblemException(ApiProblem.TooLarge(limit));
            whole.Write(buffer, 0, count);
        }

        return whole.ToArray();
    }
}

/// <summary>An empty body.</summary>
internal static class NoBody
{
    /// <summary>SHA-256 of nothing.</summary>
    public static byte[] Hash { get; } = SHA256.HashData([]);
}
