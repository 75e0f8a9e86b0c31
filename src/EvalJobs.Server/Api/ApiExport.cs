using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Server.Access;

namespace EvalJobs.Server.Api;

/// <summary>A list, or a whole suite, as a file: streamed, not a page at a time.</summary>
internal sealed class ApiExport
{
    private static readonly (string Type, ExportFormat Format)[] MediaTypes =
    [
        ("application/jsonl", ExportFormat.Jsonl),
        ("application/x-ndjson", ExportFormat.Jsonl),
        ("text/csv", ExportFormat.Csv),
        ("application/xml", ExportFormat.Junit),
    ];

    private readonly ExportFormat[] _formats;

    private ApiExport(params ExportFormat[] formats)
    {
        _formats = formats;
        Offers = new([ApiAccept.Json, .. MediaTypes.Where(each => formats.Contains(each.Format)).Select(each => each.Type)]);
    }

    /// <summary>Runs, results and comparisons.</summary>
    public static ApiExport Tests { get; } = new(ExportFormat.Jsonl, ExportFormat.Csv, ExportFormat.Junit);

    /// <summary>Audit records.</summary>
    public static ApiExport Records { get; } = new(ExportFormat.Jsonl, ExportFormat.Csv);

    /// <summary>A suite.</summary>
    public static ApiExport Suite { get; } = new(ExportFormat.Jsonl);

    /// <summary>The media types of an endpoint with these exports.</summary>
    public ApiAccept.Offers Offers { get; }

    /// <returns>The requested format, by the parameter or the header Accept; null for JSON.</returns>
    /// <exception cref="InvalidInputException">There is no such format.</exception>
    public ExportFormat? Choose(ApiCall call, string? format)
    {
        if (format is null)
        {
            var accepted = ApiAccept.Choose(call.Http.Request, Offers.Types);
            return accepted == ApiAccept.Json ? null : Array.Find(MediaTypes, each => each.Type == accepted).Format;
        }

        if (string.Equals(format, ExportFormats.Name(ExportFormat.Json), StringComparison.OrdinalIgnoreCase))
            return null;
        return Array.Exists(_formats, each => string.Equals(format, ExportFormats.Name(each), StringComparison.OrdinalIgnoreCase))
            ? ExportFormats.Parse(format, _formats)
            : throw new InvalidInputException($"format: expected {string.Join(", ", _formats.Prepend(ExportFormat.Json).Select(ExportFormats.Name))}.");
    }

    /// <returns>The file, written while the client reads it.</returns>
    public static IResult Stream(ExportFormat format, Func<Stream, CancellationToken, Task> write) => new ExportResult(format, write);

    private sealed class ExportResult(ExportFormat format, Func<Stream, CancellationToken, Task> write) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = ExportFormats.ContentType(format);
            return HeadRequest.Is(httpContext) ? Task.CompletedTask : write(httpContext.Response.Body, httpContext.RequestAborted);
        }
    }
}
