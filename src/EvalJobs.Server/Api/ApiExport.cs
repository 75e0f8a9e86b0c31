using EvalJobs.Application;

namespace EvalJobs.Server.Api;

/// <summary>Results as a file, streamed: whole, not a page at a time.</summary>
internal static class ApiExport
{
    private const string Json = "application/json";

    private static readonly Dictionary<string, ExportFormat> Formats = new(StringComparer.Ordinal)
    {
        ["application/jsonl"] = ExportFormat.Jsonl,
        ["application/x-ndjson"] = ExportFormat.Jsonl,
        ["text/csv"] = ExportFormat.Csv,
        ["application/xml"] = ExportFormat.Junit,
    };

    /// <summary>What an endpoint with exports answers with.</summary>
    public static ApiAccept.Offers Offers { get; } = new([Json, .. Formats.Keys]);

    /// <returns>The format asked for, by the parameter or the header Accept; null for pages of JSON.</returns>
    /// <exception cref="Domain.InvalidInputException">There is no such format.</exception>
    public static ExportFormat? Choose(ApiCall call, string? format)
    {
        if (format is null)
            return Formats.TryGetValue(ApiAccept.Choose(call.Http.Request, Offers.Types), out var accepted) ? accepted : null;
        if (string.Equals(format, "json", StringComparison.OrdinalIgnoreCase))
            return null;
        try
        {
            return ExportFormats.Parse(format, ExportFormat.Csv, ExportFormat.Jsonl, ExportFormat.Junit);
        }
        catch (Domain.InvalidInputException)
        {
            throw new Domain.InvalidInputException("format: expected json, jsonl, csv or junit.");
        }
    }

    /// <returns>The file, written as it is read.</returns>
    public static IResult Stream(ExportFormat format, Func<Stream, CancellationToken, Task> write) => new ExportResult(format, write);

    private sealed class ExportResult(ExportFormat format, Func<Stream, CancellationToken, Task> write) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = ExportFormats.ContentType(format);
            return write(httpContext.Response.Body, httpContext.RequestAborted);
        }
    }
}
