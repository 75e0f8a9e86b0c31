using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary>Reads our words, such as PENDING, from addresses.</summary>
internal static class ApiWord
{
    /// <returns>The word's value; null when there is none.</returns>
    /// <exception cref="InvalidInputException">Another word; the message names the parameter and lists the right ones.</exception>
    public static TEnum? Parse<TEnum>(string? word, string parameter) where TEnum : struct, Enum => word is null ? null
        : Enum.GetValues<TEnum>().Cast<TEnum?>().FirstOrDefault(value => string.Equals(StoredWord.Of(value!.Value), word, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidInputException($"{parameter}: expected one of {string.Join(", ", Enum.GetValues<TEnum>().Select(StoredWord.Of))}.");
}
