using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>
/// What texts may be stored. U+0000 ends a text for SQLite's functions and, from 512 bytes on, for its parameters: what follows would be lost, and a part
/// could pass for the whole. So such a text is rejected, on both databases.
/// </summary>
internal static class StoredText
{
    /// <returns>Why a text cannot be stored, in words that follow its name; null when it can.</returns>
    public static string? Problem(string? text) => text?.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var place
        ? string.Create(CultureInfo.InvariantCulture, $"contains the character U+0000 at position {place + 1}, which cannot be stored")
        : null;

    /// <exception cref="InvalidInputException">The text cannot be stored; the message names the field.</exception>
    public static void Validate(string field, string? text)
    {
        if (Problem(text) is { } problem)
            throw new InvalidInputException($"{field} {problem}. Remove it.") { Field = JsonNamingPolicy.CamelCase.ConvertName(field) };
    }

    /// <returns>An error message that can be stored: U+0000 is replaced by U+FFFD. Only for messages, never for texts that are scored.</returns>
    [return: NotNullIfNotNull(nameof(message))]
    public static string? Clean(string? message) => message?.Replace('\0', '\uFFFD');
}
