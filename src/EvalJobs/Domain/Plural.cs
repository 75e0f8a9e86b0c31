namespace EvalJobs.Domain;

/// <summary>The word that goes with a count.</summary>
internal static class Plural
{
    /// <returns>The word for one, or for any other number, which by default ends with an s.</returns>
    public static string Of(double count, string one, string? many = null) => count == 1 ? one : many ?? $"{one}s";
}
