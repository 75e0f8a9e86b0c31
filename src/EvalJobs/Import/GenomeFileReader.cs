using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Reads a genome from a JSON or YAML file of at most <see cref="ImportLimits.MaxGenomeBytes"/>.</summary>
internal static class GenomeFileReader
{
    /// <summary>Reads a file; its extension gives the format.</summary>
    /// <exception cref="InvalidInputException">Not a genome, too large, or another format; the message contains the file and, if known, the line.</exception>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    public static async Task<Genome> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var format = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => ImportFormat.Json,
            ".YAML" or ".YML" => ImportFormat.Yaml,
            _ when Directory.Exists(path) => throw new InvalidInputException($"'{path}' is a folder; expected a genome file."),
            _ => throw new InvalidInputException($"{Path.GetFileName(path)}: a genome is a .json, .yaml or .yml file."),
        };
        await using var file = ImportFile.Open(path);
        return await ReadAsync(file, format, new FilePlace(Path.GetFileName(path)), cancellationToken);
    }

    /// <summary>Reads a stream from its current position; it stays open.</summary>
    /// <inheritdoc cref="ReadAsync(string, CancellationToken)"/>
    public static Task<Genome> ReadAsync(Stream stream, ImportFormat format, CancellationToken cancellationToken = default) =>
        ReadAsync(stream, format, new FilePlace(null), cancellationToken);

    private static async Task<Genome> ReadAsync(Stream stream, ImportFormat format, FilePlace file, CancellationToken cancellationToken)
    {
        await using var input = new ImportStream(stream, file);
        var json = format switch
        {
            ImportFormat.Json => Encoding.UTF8.GetString(await ImportFile.ReadWholeAsync(
                input, file, ImportLimits.MaxGenomeBytes, "the genome is larger than 1 MiB.", cancellationToken)),
            ImportFormat.Yaml => await ReadYamlAsync(input, file, cancellationToken),
            _ => throw file.Error("a genome is written in JSON or YAML."),
        };
        if (string.IsNullOrWhiteSpace(json))
            throw file.Error("the file is empty.");

        try
        {
            return Genome.Parse(json);
        }
        catch (InvalidInputException error) when (error.InnerException is JsonException malformed)
        {
            throw file.At((malformed.LineNumber ?? 0) + 1).JsonError(malformed, Encoding.UTF8.GetBytes(json));
        }
        catch (InvalidInputException error)
        {
            throw file.Error(error.Message, inner: error);
        }
    }

    private static async Task<string> ReadYamlAsync(ImportStream input, FilePlace file, CancellationToken cancellationToken)
    {
        var value = await YamlValue.ReadAsync(input, file, ImportLimits.MaxGenomeBytes, cancellationToken);
        return value?.ToJson(new YamlBudget(ImportLimits.MaxGenomeBytes)).GetRawText() ?? "";
    }
}
