using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary>Reads stored words, such as PENDING, from addresses.</summary>
internal static class ApiWord
{
    /// <returns>The word's value; null when there is none.</returns>
    /// <exception cref="InvalidInputException">Another word; the message names the parameter and lists the right ones.</exception>
    public static TEnum? Parse<TEnum>(string? word, string parameter) where TEnum : struct, Enum => word is null ? null
        : StoredWord.Find<TEnum>(word) ?? throw new InvalidInputException($"{parameter}: expected one of {StoredWord.List<TEnum>()}.");
}
