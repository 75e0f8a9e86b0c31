using System.Globalization;

namespace EvalJobs.Server.Cli;

/// <summary>An error of the program itself: the details go to a file for developers, and one sentence to the user.</summary>
internal static class UnexpectedError
{
    /// <returns>The message for the user.</returns>
    public static async Task<string> ReportAsync(Exception error)
    {
        var file = Path.Combine(Path.GetTempPath(), $"evaljobs-error-{DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{Guid.NewGuid():N}.txt");
        try
        {
            await File.WriteAllTextAsync(file, error.ToString());
            return $"an unexpected error in the program ({error.GetType().Name}). Please report it with the file {file}.";
        }
        catch (Exception second) when (second is IOException or UnauthorizedAccessException)
        {
            return $"an unexpected error in the program ({error.GetType().Name}: {error.Message}). Its details could not be written to {file}.";
        }
    }
}
