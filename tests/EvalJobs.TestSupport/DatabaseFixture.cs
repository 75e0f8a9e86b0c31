namespace EvalJobs.Tests.Support;

/// <summary>The base of fixtures that run on several databases. Name the databases with <c>[TestFixture(typeof(…))]</c>.</summary>
public abstract class DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    protected TDatabase Database { get; private set; } = null!;

    private protected Some Some { get; private set; } = null!;

    [SetUp]
    public async Task CreateDatabase()
    {
        Database = new TDatabase();
        await Database.CreateAsync();
        Some = new Some(Database.Database);
    }

    [TearDown]
    public async Task DropDatabase() => await Database.DisposeAsync();
}
