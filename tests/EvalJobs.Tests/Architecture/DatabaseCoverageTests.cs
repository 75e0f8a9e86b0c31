using EvalJobs.Tests.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Architecture;

public sealed class DatabaseCoverageTests : DatabaseCoverage
{
    [TestCase(typeof(PlantedLocal))]
    [TestCase(typeof(PlantedLambda))]
    [TestCase(typeof(PlantedServer))]
    [TestCase(typeof(PlantedHarness))]
    [TestCase(typeof(PlantedBase))]
    [TestCase(typeof(RunClaimRepositoryTests<>))]
    public void UsesDatabase_InAnyWay_IsFound(Type fixture) => UsesDatabase(fixture).Should().BeTrue();

    [Test]
    public void UsesDatabase_None_IsFalse() => UsesDatabase(typeof(LayerTests)).Should().BeFalse();

    [TestCase(typeof(RunClaimRepositoryTests<>), true)]
    [TestCase(typeof(PlantedOnTwo<>), false)]
    [TestCase(typeof(PlantedBase), false)]
    public void IsOnAllThree_OnlyOfThoseWithThreeFixtures_IsTrue(Type fixture, bool expected) => IsOnAllThree(fixture).Should().Be(expected);

    private sealed class PlantedLocal
    {
        public static async Task RunAsync()
        {
            await using var database = new SqliteTestDatabase();
            await database.CreateAsync();
        }
    }

    private sealed class PlantedLambda
    {
        public static Func<string> Make() => () => new SqliteTestDatabase().File;
    }

    private sealed class PlantedServer
    {
        public static Task<RunningServer> StartAsync() => RunningServer.StartAsync();
    }

    private sealed class PlantedHarness
    {
        public static async Task TickAsync(Func<Task<JobHarness>> start) => await (await start()).TickAsync();
    }

    private abstract class PlantedBase : DatabaseFixture<SqliteTestDatabase>;

    [TestFixture(typeof(SqliteTestDatabase))]
    [TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
    private abstract class PlantedOnTwo<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new();
}
