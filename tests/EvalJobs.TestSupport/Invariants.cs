namespace EvalJobs.Tests.Support;

/// <summary>Conditions that the evaluation tables meet at any moment, even after a process died while it wrote: scripts/42-integrity-check.sql.</summary>
public static class Invariants
{
    /// <returns>One sentence for each violation; empty when there is none.</returns>
    /// <remarks>Reads without a transaction, so the result is only exact while nobody writes.</remarks>
    public static async Task<List<string>> CheckAsync(TestDatabase database) =>
        (await AdminScript.Named("42-integrity-check").RunAsync(database)).Single().Select(row => (string)row["Violation"]!).ToList();
}
