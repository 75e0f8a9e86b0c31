using System.Text.Encodings.Web;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>The tags of a case: a few short words, stored as a JSON array.</summary>
internal static class CaseTags
{
    /// <summary>Tags a case has at most.</summary>
    public const int MaxCount = 20;

    /// <summary>Characters a tag has at most.</summary>
    public const int MaxLength = 100;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The JSON array, in order of the words and each word once.</returns>
    /// <exception cref="InvalidInputException">Too many, or one that is empty, too long or holds a comma.</exception>
    public static string ToJson(IReadOnlyList<string> words)
    {
        if (words.Select(Problem).FirstOrDefault(problem => problem is not null) is { } wrong)
            throw new InvalidInputException(wrong);
        var distinct = words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return distinct.Count > MaxCount
            ? throw new InvalidInputException($"a case has at most {MaxCount} tags; this one has {distinct.Count}.")
            : JsonSerializer.Serialize(distinct, Json);
    }

    /// <returns>What is wrong with a tag, of a case or a suite; null when nothing is.</returns>
    public static string? Problem(string word) =>
        word.Length is 0 or > MaxLength || word.Trim() != word || word.Contains(',', StringComparison.Ordinal)
            ? $"the tag '{word}' is not allowed: a tag has 1 to {MaxLength} characters, no comma, and no white space at its ends."
            : null;

    /// <returns>The words of a stored array.</returns>
    public static IReadOnlyList<string> FromJson(string json) => JsonSerializer.Deserialize<List<string>>(json)!;
}
