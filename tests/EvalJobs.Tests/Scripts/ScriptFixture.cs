using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>The administrators' scripts on a database with data for each of them.</summary>
public abstract class ScriptFixture<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private protected AdminTestData TestData { get; private set; } = null!;

    [SetUp]
    public async Task Build() => TestData = await AdminTestData.BuildAsync(Database, Some);

    private protected Task ApplyAsync(string name, params (string, object?)[] variables) => AdminScript.Named(name).RunAsync(Database, [.. variables, ("@Apply", true)]);
}
