namespace EvalJobs.Tests.Support;

/// <summary>What must be true of the evaluation tables at any moment, whoever died while writing them: scripts/42-integrity-check.sql.</summary>
public static class Invariants
{
    /// <returns>Every violation found, as a sentence; empty when all is well.</returns>
    /// <remarks>Read outside a transaction: meaningful when nobody is writing.</remarks>
    public static async Task<List<string>> CheckAsync(TestDatabase database) =>
        (await AdminScript.Named("42-integrity-check").RunAsync(database)).Single().Select(row => (string)row["Violation"]!).ToList();
}
