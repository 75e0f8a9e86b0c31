using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>The words for our enums in the database and in JSON: <c>NotRun</c> is stored as <c>NOT_RUN</c>.</summary>
internal static class StoredWord
{
    /// <returns>The stored word, such as <c>NOT_RUN</c>.</returns>
    public static string Of<TEnum>(TEnum value) where TEnum : struct, Enum => Words<TEnum>.ByValue[value];

    /// <summary>Reads a stored word, case-insensitively.</summary>
    /// <exception cref="InvalidInputException">The word is none of the enum's; the message lists the right ones.</exception>
    public static TEnum Parse<TEnum>(string word) where TEnum : struct, Enum =>
        Find<TEnum>(word) ?? throw new InvalidInputException($"'{word}' is not known here; expected one of {List<TEnum>()}.");

    /// <returns>What a word means, case-insensitively; null when it is none of the enum's.</returns>
    public static TEnum? Find<TEnum>(string word) where TEnum : struct, Enum => Words<TEnum>.ByWord.TryGetValue(word, out var value) ? value : null;

    /// <returns>The enum's words, with commas between them.</returns>
    public static string List<TEnum>() where TEnum : struct, Enum => string.Join(", ", Words<TEnum>.ByWord.Keys);

    private static class Words<TEnum> where TEnum : struct, Enum
    {
        public static readonly Dictionary<TEnum, string> ByValue = Enum.GetValues<TEnum>()
            .ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString()));

        public static readonly Dictionary<string, TEnum> ByWord =
            ByValue.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase);
    }
}
