using System.Reflection;
using EvalJobs.Tests.Crash;
using EvalJobs.Tests.Docs;
using EvalJobs.Tests.Server.Dashboard;
using EvalJobs.Tests.Support;
using NUnit.Framework.Interfaces;

namespace EvalJobs.Tests.Architecture;

/// <summary>
/// What docs/sqlserver.md claims: of the tests of data, jobs and crashes, every fixture that uses a database sits the exam on SQLite and on
/// SQL Server with read-committed snapshot off and on, but for those it names with the reason.
/// </summary>
public sealed class DatabaseExamTests
{
    private const BindingFlags Fields = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    private static readonly string[] Suites = ["EvalJobs.Tests.Data", "EvalJobs.Tests.Jobs", "EvalJobs.Tests.Crash"];

    private static readonly Type[] Databases = [typeof(SqliteTestDatabase), typeof(SqlServerTestDatabase), typeof(SqlServerSnapshotTestDatabase)];

    [Test]
    public void Fixture_ThatUsesADatabase_IsOnAllThreeOrNamedInTheDocs()
    {
        var exceptions = DocPage.Read("sqlserver.md").Rows("| on SQLite alone |").ToList();

        var missing = typeof(DatabaseExamTests).Assembly.GetTypes().Where(IsFixture)
            .Where(fixture => UsesDatabase(fixture) && !IsOnAllThree(fixture)).Select(fixture => fixture.Name.Split('`')[0]);

        missing.Should().BeEquivalentTo(exceptions.SelectMany(row => row[0].Split(", ")).Select(name => name.Trim('`')));
        exceptions.Should().OnlyContain(row => row[1].Length > 0, "each has its reason");
    }

    [TestCase(typeof(PlantedLocal))]
    [TestCase(typeof(PlantedLambda))]
    [TestCase(typeof(PlantedServer))]
    [TestCase(typeof(PlantedHarness))]
    [TestCase(typeof(PlantedBase))]
    [TestCase(typeof(CrashTests<>))]
    public void UsesDatabase_InWhateverWay_IsFound(Type fixture) => UsesDatabase(fixture).Should().BeTrue();

    [Test]
    public void UsesDatabase_None_IsSeen() => UsesDatabase(typeof(LayerTests)).Should().BeFalse();

    [TestCase(typeof(CrashTests<>), true)]
    [TestCase(typeof(FenceTests<>), true)]
    [TestCase(typeof(TimelineEntryTests<>), false)]
    [TestCase(typeof(PlantedBase), false)]
    public void IsOnAllThree_OnlyOfThoseWithThreeFixtures_IsTrue(Type fixture, bool expected) => IsOnAllThree(fixture).Should().Be(expected);

    private static bool IsFixture(Type type) =>
        !type.IsAbstract
        && Suites.Any(suite => type.Namespace == suite || type.Namespace?.StartsWith($"{suite}.", StringComparison.Ordinal) == true)
        && type.GetMethods().Any(method => method.GetCustomAttributes().Any(each => each is ISimpleTestBuilder or ITestBuilder));

    /// <summary>Whether its code names a test database, or a class that holds one.</summary>
    private static bool UsesDatabase(Type fixture) =>
        fixture.GetGenericArguments().Any(IsDatabase)
        || WithNested(fixture).SelectMany(LayerRules.TypesUsedBy).Any(used => IsDatabase(used) || used.GetFields(Fields).Any(field => IsDatabase(field.FieldType)));

    private static bool IsDatabase(Type type) => typeof(TestDatabase).IsAssignableFrom(type);

    private static bool IsOnAllThree(Type fixture)
    {
        var fixtures = fixture.GetCustomAttributes<TestFixtureAttribute>(inherit: false)
            .Select(each => (Database: each.Arguments.Concat(each.TypeArgs).OfType<Type>().FirstOrDefault(), each.Category)).ToList();
        return Databases.All(database => fixtures.Contains((database, database == typeof(SqliteTestDatabase) ? null : "SqlServer")));
    }

    /// <summary>Lambdas and async methods are compiled into nested types.</summary>
    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).SelectMany(WithNested).Prepend(type);

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
}
