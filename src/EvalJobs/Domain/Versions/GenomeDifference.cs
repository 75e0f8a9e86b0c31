using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>Where genomes differ, value by value.</summary>
/// <param name="Path">The place of the value, such as <c>modelConfig.temperature</c> or <c>toolManifest[2].name</c>.</param>
/// <param name="Values">The value in each genome, in their order; null where one has none.</param>
internal sealed record GenomeDifference(string Path, IReadOnlyList<string?> Values)
{
    /// <returns>Every place where the genomes differ, in the order they name them. A genome that is not valid JSON any more is one value with an empty path.</returns>
    public static IReadOnlyList<GenomeDifference> Of(IReadOnlyList<string> genomes)
    {
        var values = new Dictionary<string, string?[]>(StringComparer.Ordinal);
        var order = new List<string>();
        for (var index = 0; index < genomes.Count; index++)
        {
            foreach (var (path, value) in Read(genomes[index]))
            {
                if (!values.TryGetValue(path, out var found))
                {
                    values.Add(path, found = new string?[genomes.Count]);
                    order.Add(path);
                }

                found[index] = value;
            }
        }

        return [.. order.Where(path => values[path].Distinct(StringComparer.Ordinal).Count() > 1).Select(path => new GenomeDifference(path, values[path]))];
    }

    private static IReadOnlyList<(string Path, string Value)> Read(string genome)
    {
        try
        {
            using var document = JsonDocument.Parse(genome);
            return [.. Read(document.RootElement, "")];
        }
        catch (JsonException)
        {
            return [("", genome)];
        }
    }

    private static IEnumerable<(string Path, string Value)> Read(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object when element.EnumerateObject().Any() =>
            element.EnumerateObject().SelectMany(property => Read(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}")),
        JsonValueKind.Array when element.GetArrayLength() > 0 => element.EnumerateArray().SelectMany((item, index) => Read(item, $"{path}[{index}]")),
        JsonValueKind.String => [(path, element.GetString()!)],
        _ => [(path, element.GetRawText())],
    };
}
