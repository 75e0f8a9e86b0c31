using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>Reads texts that may or may not be JSON.</summary>
internal static class JsonText
{
    /// <summary>
    /// Reads one JSON value, white space around it allowed. A key given twice and half of a surrogate pair count as not JSON,
    /// because readers disagree on what they mean.
    /// </summary>
    /// <param name="text">The text to read.</param>
    /// <param name="value">The value.</param>
    /// <param name="error">Why the text is not JSON.</param>
    public static bool TryRead(string text, out JsonElement value, [NotNullWhen(false)] out string? error)
    {
        try
        {
            value = JsonElement.Parse(CanonicalJson.Of(text));
            error = null;
            return true;
        }
        catch (InvalidInputException exception)
        {
            value = default;
            error = exception.Message;
            return false;
        }
    }

    /// <summary>The same without the error. Plain texts, as most replies are, are recognized by their beginning and cost no exception.</summary>
    public static bool TryRead(string text, out JsonElement value)
    {
        value = default;
        return CanBeJson(text) && TryRead(text, out value, out _);
    }

    private static bool CanBeJson(ReadOnlySpan<char> text) =>
        text.TrimStart(" \t\r\n") is [var first, ..] && (first is '{' or '[' or '"' or '-' or 't' or 'f' or 'n' || char.IsAsciiDigit(first));

    /// <summary>
    /// Whether both are the same value: key order does not count, numbers are compared by value at any number of digits.
    /// </summary>
    public static bool AreEqual(JsonElement left, JsonElement right)
    {
        try
        {
            return JsonElement.DeepEquals(left, right);
        }
        catch (ArgumentOutOfRangeException)
        {
            // A number has an exponent beyond the int range; such a one is equal only to itself as it is written.
            return CanonicalJson.Of(left) == CanonicalJson.Of(right);
        }
    }
}
