using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>
/// What makes an agent version behave as it does: <c>{ modelConfig, prompt, toolManifest, target, provenance }</c>.
/// Write-once: a change is a new version. <see cref="Hash"/> proves that it was not changed since.
/// </summary>
public sealed class Genome
{
    private static readonly string[] Sections = ["modelConfig", "prompt", "toolManifest", "target", "provenance"];

    private Genome(string text, string json, JsonElement root)
    {
        Text = text;
        Json = json;
        Root = root;
        Hash = HashOf(json);
    }

    /// <summary>The text as its author wrote it. Agents are sent its order of keys.</summary>
    public string Text { get; }

    /// <summary>The canonical JSON text: keys sorted, no white space between tokens.</summary>
    public string Json { get; }

    /// <summary>SHA-256 of the UTF-8 bytes of <see cref="Json"/>, 64 lower-case hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>The parsed genome, keys in their author's order.</summary>
    public JsonElement Root { get; }

    /// <summary>How the agent is reached: an object whose <c>type</c> names the agent type.</summary>
    public JsonElement Target => Root.GetProperty("target");

    /// <summary>The agent type, such as <c>http</c>.</summary>
    public string TargetType => Target.GetProperty("type").GetString()!;

    /// <returns>A section of the genome, or null when it is absent or null.</returns>
    public JsonElement? Section(string name) =>
        Root.TryGetProperty(name, out var section) && section.ValueKind != JsonValueKind.Null ? section : null;

    /// <summary>Reads and checks a genome.</summary>
    /// <exception cref="InvalidInputException">Not JSON, an unknown section, or no <c>target.type</c>.</exception>
    public static Genome Parse(string json)
    {
        var canonical = CanonicalJson.Of(json);
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement.Clone();

        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"A genome is a JSON object with {string.Join(", ", Sections)}; found {Kind(root)}.");

        foreach (var section in root.EnumerateObject())
        {
            if (!Sections.Contains(section.Name))
                throw new InvalidInputException($"Unknown genome section '{section.Name}'; expected {string.Join(", ", Sections)}.");
        }

        if (!root.TryGetProperty("target", out var target) || target.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException("The genome needs a 'target' object that says how the agent is reached, such as { \"type\": \"http\", … }.");

        if (!target.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString()!.Length == 0)
            throw new InvalidInputException("The genome's target needs a 'type', such as \"http\".");

        return new Genome(json, canonical, root);
    }

    /// <returns>The hash of a stored genome text, without rewriting it: any change of the text changes the hash.</returns>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <returns>The hash of the text's canonical form; null when the text is not valid JSON any more.</returns>
    public static string? CanonicalHashOf(string json)
    {
        try
        {
            return HashOf(CanonicalJson.Of(json));
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }

    private static string Kind(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();
}
