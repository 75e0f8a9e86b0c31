using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Reads a promotion policy from a JSON or YAML file.</summary>
internal static class PolicyFileReader
{
    /// <returns>The document as JSON, checked as far as possible without a database; see <see cref="PromotionPolicy"/>.</returns>
    /// <param name="path">A .json, .yaml or .yml file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">Not JSON or YAML, or a field is wrong; the message names the file and the field.</exception>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var file = new FilePlace(Path.GetFileName(path));
        var isYaml = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => false,
            ".YAML" or ".YML" => true,
            _ => throw new InvalidInputException($"{Path.GetFileName(path)}: a policy is a .json, .yaml or .yml file."),
        };
        await using var opened = ImportFile.Open(path);
        return await ReadAsync(opened, file, isYaml, cancellationToken);
    }

    /// <returns>The same from a text that a person typed: JSON if it begins with a brace, otherwise YAML.</returns>
    /// <param name="text">The document.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">Not JSON or YAML, or a field is wrong; the message names the line or the field.</exception>
    public static async Task<string> ReadTextAsync(string text, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new InvalidInputException("The policy is empty; docs/guide/gate.md shows one.");
        using var typed = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await ReadAsync(typed, new FilePlace(null), isYaml: !text.TrimStart().StartsWith('{'), cancellationToken);
    }

    private static async Task<string> ReadAsync(Stream stream, FilePlace file, bool isYaml, CancellationToken cancellationToken)
    {
        await using var input = new ImportStream(stream, file);
        var json = isYaml
            ? (await YamlValue.ReadAsync(input, file, ImportLimits.MaxGenomeBytes, cancellationToken))?.ToJson(new YamlBudget(ImportLimits.MaxGenomeBytes)).GetRawText() ?? ""
            : Encoding.UTF8.GetString(await ImportFile.ReadWholeAsync(input, file, ImportLimits.MaxGenomeBytes, "the policy is larger than 1 MiB.", cancellationToken));
        if (string.IsNullOrWhiteSpace(json))
            throw file.Error("the file is empty.");

        try
        {
            PromotionPolicy.Parse(json);
            return json;
        }
        catch (InvalidInputException error) when (error.InnerException is JsonException malformed)
        {
            throw file.At((malformed.LineNumber ?? 0) + 1).JsonError(malformed, Encoding.UTF8.GetBytes(json));
        }
        catch (InvalidInputException error) when (file.File is not null)
        {
            throw file.Error(error.Message, inner: error);
        }
    }
}
