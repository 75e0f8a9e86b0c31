using System.Text.Json;

namespace EvalJobs.Server;

/// <summary>A certificate in sentences, for the command line and the dashboard.</summary>
internal static class CertificateText
{
    /// <returns>Lines with the transition, the policy, and the requirements with their figures and looks.</returns>
    public static IReadOnlyList<string> Lines(string document)
    {
        try
        {
            return [.. Read(JsonElement.Parse(document))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return ["The stored document is no longer a certificate."];
        }
    }

    private static IEnumerable<string> Read(JsonElement document)
    {
        var (version, transition, gate) = (document.GetProperty("version"), document.GetProperty("transition"), document.GetProperty("gate"));
        yield return $"{Text(version, "agent")} {Text(version, "label")} of {Text(document.GetProperty("tenant"), "slug")}: {Text(transition, "from")} → {Text(transition, "to")} by {Text(transition, "by")}"
            + $"{(transition.GetProperty("asApprover").GetBoolean() ? " as Approver" : "")}; created by {Text(gate, "versionCreatedBy") ?? "someone the audit trail no longer names"}. Genome {Text(version, "genomeHash")}.";
        yield return document.GetProperty("policy") is { ValueKind: JsonValueKind.Object } policy
            ? $"Policy revision {policy.GetProperty("revision").GetInt32()}{(Text(policy, "agent") is { Length: > 0 } agent ? $" of the agent {agent}" : " of the tenant")}, set by {Text(policy, "setBy")}, SHA-256 {Text(policy, "sha256")}."
            : "No policy: the suite's own threshold was required.";
        foreach (var requirement in document.GetProperty("requirements").EnumerateArray())
        {
            yield return $"{requirement.GetProperty("ordinal").GetInt32()}. {Text(requirement, "verdict")}: suite '{Text(requirement, "suite")}' revision {requirement.GetProperty("revision").GetInt32()} ({Text(requirement, "rule")})";
            foreach (var part in requirement.GetProperty("parts").EnumerateArray())
                yield return $"   {Part(part, Text(requirement, "rule") == "not_worse", requirement.GetProperty("baseline"))}";
            foreach (var look in requirement.GetProperty("looks").EnumerateArray())
                yield return $"   {Look(look)}";
        }
    }

    private static string Part(JsonElement part, bool isComparison, JsonElement baseline)
    {
        var tag = Text(part, "tag") is { } name ? $"Tag '{name}': " : "";
        return isComparison
            ? $"{tag}{Percent(part, "estimate")} worse than the baseline '{Text(baseline, "label")}', between {Percent(part, "low")} and {Percent(part, "high")}; margin {Percent(part, "limit")}."
            : $"{tag}{part.GetProperty("passed").GetInt64()} of {part.GetProperty("cases").GetInt64()} answers passed ({Percent(part, "estimate")}), between {Percent(part, "low")} and {Percent(part, "high")}; threshold {Percent(part, "limit")}.";
    }

    private static string Look(JsonElement look)
    {
        var isVoid = look.GetProperty("void") is { ValueKind: JsonValueKind.Object } why ? $", void: {Text(why, "by")}, \"{Text(why, "reason")}\"" : "";
        return $"run {look.GetProperty("run").GetInt64()}, {Text(look, "completedAt")}: {look.GetProperty("passed").GetInt32()}/{look.GetProperty("cases").GetInt32()}{isVoid}";
    }

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();

    private static string Percent(JsonElement value, string name) =>
        value.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number.GetDouble() * 100:0.##} %") : "–";
}
