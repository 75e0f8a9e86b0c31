using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary>The options of a command that exports: format and target.</summary>
/// <param name="formats">The available formats; the first one is the default.</param>
internal sealed class ExportOutput(params ExportFormat[] formats)
{
    private readonly Option<string?> _format = new("--format") { Description = $"One of {string.Join(", ", formats.Select(ExportFormats.Name))}. Default: by the extension of --output, else {ExportFormats.Name(formats[0])}." };
    private readonly Option<FileInfo?> _output = new("--output") { Description = "File to write, which appears when it is whole; default: standard output.", HelpName = "file" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_format);
        command.Add(_output);
    }

    /// <summary>Exports to the file, or to standard output.</summary>
    /// <exception cref="InvalidInputException">There is no such format.</exception>
    public async Task<int> WriteAsync(ParseResult parsed, CommandContext context, Func<ExportFormat, Stream, Task> export)
    {
        var file = parsed.GetValue(_output);
        var format = Format(parsed, file);
        if (file is null)
        {
            await using var standard = Console.OpenStandardOutput();
            await export(format, standard);
            return ExitCode.Ok;
        }

        await WriteWholeAsync(file.FullName, target => export(format, target));
        context.Answer(new { file = file.FullName, format = ExportFormats.Name(format) }, () => CommandContext.Line($"Wrote {file.FullName}."));
        return ExitCode.Ok;
    }

    /// <summary>Writes a file that replaces an existing one only when it is complete.</summary>
    public static async Task WriteWholeAsync(string path, Func<Stream, Task> write)
    {
        var partial = $"{path}.partial";
        try
        {
            await using (var target = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 65_536, FileOptions.Asynchronous))
                await write(target);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private ExportFormat Format(ParseResult parsed, FileInfo? file)
    {
        if (parsed.GetValue(_format) is { } word)
        {
            try
            {
                return ExportFormats.Parse(word, formats);
            }
            catch (InvalidInputException error)
            {
                throw new InvalidInputException($"--format: {error.Message}", error);
            }
        }

        var byName = Array.FindIndex(formats, each => string.Equals(ExportFormats.Extension(each), file?.Extension, StringComparison.OrdinalIgnoreCase));
        return byName >= 0 ? formats[byName] : formats[0];
    }
}
