using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>Compares an expected JSON value with a reply that may contain more.</summary>
/// <param name="arraysContain">
/// Whether an array may hold other items too, in any order. Every expected item may then meet every item of the reply, so the work
/// grows with the product of their sizes.
/// </param>
/// <param name="cancellationToken">Ends a long comparison.</param>
internal sealed class JsonSubset(bool arraysContain, CancellationToken cancellationToken)
{
    /// <returns>The first place where the reply lacks something expected, as a sentence; null when it lacks nothing.</returns>
    public string? FindMismatch(JsonElement expected, JsonElement actual, string path)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (expected.ValueKind, actual.ValueKind) switch
        {
            (JsonValueKind.Object, JsonValueKind.Object) => FindInObject(expected, actual, path),
            (JsonValueKind.Array, JsonValueKind.Array) => arraysContain
                ? FindInAnyOrder(expected, actual, path)
                : FindInOrder(expected, actual, path),
            _ => JsonText.AreEqual(expected, actual) ? null : $"{Quote(path)}: expected {Quote(expected)}, got {Quote(actual)}.",
        };
    }

    private string? FindInObject(JsonElement expected, JsonElement actual, string path)
    {
        foreach (var property in expected.EnumerateObject())
        {
            var inner = $"{path}.{property.Name}";
            if (!actual.TryGetProperty(property.Name, out var value))
                return $"{Quote(inner)} is missing.";
            if (FindMismatch(property.Value, value, inner) is { } mismatch)
                return mismatch;
        }
        return null;
    }

    private string? FindInOrder(JsonElement expected, JsonElement actual, string path)
    {
        if (expected.GetArrayLength() != actual.GetArrayLength())
            return $"{Quote(path)}: expected {expected.GetArrayLength()} {Plural.Of(expected.GetArrayLength(), "item")}, got {actual.GetArrayLength()}.";

        return expected.EnumerateArray()
            .Zip(actual.EnumerateArray())
            .Select((pair, index) => FindMismatch(pair.First, pair.Second, $"{path}[{index}]"))
            .FirstOrDefault(mismatch => mismatch is not null);
    }

    private string? FindInAnyOrder(JsonElement expected, JsonElement actual, string path)
    {
        foreach (var wanted in expected.EnumerateArray())
        {
            if (!actual.EnumerateArray().Any(item => FindMismatch(wanted, item, path) is null))
                return $"{Quote(path)}: no item with {Quote(wanted)}.";
        }
        return null;
    }

    private static string Quote(JsonElement value) => Quote(value.GetRawText());

    private static string Quote(string text) => Excerpt.Of(text, 100);
}
