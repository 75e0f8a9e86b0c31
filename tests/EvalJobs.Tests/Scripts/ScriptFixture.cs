using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>The administrators' scripts on a database in which there is something for each of them.</summary>
public abstract class ScriptFixture<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private protected AdminWorld World { get; private set; } = null!;

    [SetUp]
    public async Task Build() => World = await AdminWorld.BuildAsync(Database, Some);

    private protected Task ApplyAsync(string name, params (string, object?)[] variables) => AdminScript.Named(name).RunAsync(Database, [.. variables, ("@Apply", true)]);
}
