using System.Runtime.CompilerServices;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Reads the mappings of a YAML sequence, which is the whole file or is at the root path in it.</summary>
internal static class YamlRecords
{
    public static async IAsyncEnumerable<CaseRecord> ReadAsync(
        ImportStream stream, FilePlace file, string? root, [EnumeratorCancellation] CancellationToken cancellationToken,
        ImportFindings? findings = null)
    {
        var list = await YamlValue.ReadAsync(stream, file, ImportLimits.MaxYamlBytes, cancellationToken)
            ?? throw file.Error("the file is empty.");

        foreach (var name in root?.Split('.') ?? [])
        {
            list = list.Property(name)
                ?? throw list.Place.Error($"the root '{root}' matches nothing: there is no object with '{name}' here.");
        }
        if (list.Kind != YamlKind.Sequence)
            throw list.Place.Error(JsonRecords.NoArray(root, list.Kind == YamlKind.Mapping));

        var paths = new Dictionary<string, JsonPath>(StringComparer.Ordinal);
        var budget = new YamlBudget(ImportLimits.MaxYamlBytes);
        foreach (var item in list.Items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (item.Kind != YamlKind.Mapping)
            {
                var error = item.Place.Error("a test case is a mapping such as { input: …, expected: … }.");
                (findings ?? throw error).Add(error);
                continue;
            }

            yield return new JsonCaseRecord(item.Place, item.ToJson(budget), paths);
        }
    }
}
