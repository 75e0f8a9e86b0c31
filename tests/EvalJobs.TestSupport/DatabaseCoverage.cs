using System.Reflection;
using System.Text.RegularExpressions;
using NUnit.Framework.Interfaces;

namespace EvalJobs.Tests.Support;

/// <summary>
/// Checks a claim of docs/operate/sqlserver.md: of the tests of data, jobs and crashes, every fixture that uses a database runs on SQLite and on
/// SQL Server with read-committed snapshot off and on, except those that the page lists with a reason. Each test project derives this class once.
/// </summary>
public abstract class DatabaseCoverage
{
    private const BindingFlags Fields = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    private static readonly string[] Suites = ["EvalJobs.Tests.Data", "EvalJobs.Tests.Jobs", "EvalJobs.Tests.Crash"];

    private static readonly Type[] Databases = [typeof(SqliteTestDatabase), typeof(SqlServerTestDatabase), typeof(SqlServerSnapshotTestDatabase)];

    [Test]
    public void Fixture_ThatUsesADatabase_IsOnAllThreeOrNamedInTheDocs()
    {
        var exceptions = DocPage.Read("operate/sqlserver.md").Rows("| on SQLite alone |").ToList();
        var named = exceptions.SelectMany(row => row[0].Split(", ")).Select(name => name.Trim('`')).ToList();
        var types = GetType().Assembly.GetTypes();

        var missing = types.Where(IsFixture)
            .Where(fixture => UsesDatabase(fixture) && !IsOnAllThree(fixture)).Select(fixture => fixture.Name.Split('`')[0]);

        missing.Should().BeEquivalentTo(named.Intersect(types.Select(type => type.Name.Split('`')[0]), StringComparer.Ordinal));
        named.Should().OnlyContain(name => IsInSources(name), "every fixture named in the docs must exist");
        exceptions.Should().OnlyContain(row => row[1].Length > 0, "each line must give a reason");
    }

    /// <summary>Whether its code uses a test database, or a class that has one.</summary>
    protected static bool UsesDatabase(Type fixture) =>
        fixture.GetGenericArguments().Any(IsDatabase)
        || WithNested(fixture).SelectMany(TypeUse.TypesUsedBy).Any(used => IsDatabase(used) || used.GetFields(Fields).Any(field => IsDatabase(field.FieldType)));

    protected static bool IsOnAllThree(Type fixture)
    {
        var fixtures = fixture.GetCustomAttributes<TestFixtureAttribute>(inherit: false)
            .Select(each => (Database: each.Arguments.Concat(each.TypeArgs).OfType<Type>().FirstOrDefault(), each.Category)).ToList();
        return Databases.All(database => fixtures.Contains((database, database == typeof(SqliteTestDatabase) ? null : "SqlServer")));
    }

    private static bool IsInSources(string fixture) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Any(file => Regex.IsMatch(File.ReadAllText(file), $@"\bclass {fixture}\b", RegexOptions.None, TimeSpan.FromSeconds(5)));

    private static bool IsFixture(Type type) =>
        !type.IsAbstract
        && Suites.Any(suite => type.Namespace == suite || type.Namespace?.StartsWith($"{suite}.", StringComparison.Ordinal) == true)
        && type.GetMethods().Any(method => method.GetCustomAttributes().Any(each => each is ISimpleTestBuilder or ITestBuilder));

    private static bool IsDatabase(Type type) => typeof(TestDatabase).IsAssignableFrom(type);

    /// <summary>Lambdas and async methods are compiled into nested types.</summary>
    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).SelectMany(WithNested).Prepend(type);
}
