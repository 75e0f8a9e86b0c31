namespace EvalJobs.Domain;

/// <summary>The word that goes with a count.</summary>
internal static class Plural
{
    /// <returns>The word for one, or for any other number: with an s unless said otherwise.</returns>
    public static string Of(double count, string one, string? many = null) => count == 1 ? one : many ?? $"{one}s";
}
