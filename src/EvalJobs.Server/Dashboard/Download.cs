using EvalJobs.Application;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers with a file that is written while the browser reads it.</summary>
internal static class Download
{
    /// <param name="request">The request; HEAD writes no file.</param>
    /// <param name="name">The file's name without extension.</param>
    /// <param name="word">The format asked for, such as <c>csv</c>.</param>
    /// <param name="formats">The formats there are.</param>
    /// <param name="write">Writes the file. If it fails half-way, the connection is ended, so that a part is not taken for the whole file.</param>
    /// <exception cref="Domain.InvalidInputException">There is no such format.</exception>
    public static IResult Of(PageRequest request, string name, string word, ExportFormat[] formats, Func<ExportFormat, Stream, Task> write)
    {
        var format = ExportFormats.Parse(word, formats);
        return Results.Stream(target => request.IsHead ? Task.CompletedTask : write(format, target), ExportFormats.ContentType(format), name + ExportFormats.Extension(format));
    }
}
