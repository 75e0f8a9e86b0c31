using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Token and cost figures inside a reply. They are optional: a missing or invalid one is unknown, never an error.</summary>
internal static class Figures
{
    public static long? Whole(JsonPath? path, JsonElement root) =>
        path?.Resolve(root) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var whole) && whole >= 0 ? whole : null;

    public static double? Number(JsonPath? path, JsonElement root) =>
        path?.Resolve(root) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && number >= 0 && double.IsFinite(number)
            ? number
            : null;
}
