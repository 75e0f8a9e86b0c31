using System.Reflection;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>The violations planted for the invariants are T-SQL that SQL Server accepts. They are compiled, because no server may be available.</summary>
[Category("TSql")]
internal sealed class PlantedViolationTests
{
    private TSqlCompiler _compiler;

    [OneTimeSetUp]
    public void BuildSchema() => _compiler = new TSqlCompiler(ProductSql.SqlServerMigrations);

    [OneTimeTearDown]
    public void DropSchema() => _compiler?.Dispose();

    [TestCaseSource(nameof(Planted))]
    public void Planted_AgainstTheMigratedSchema_Compiles(string planted) =>
        _compiler.CompileScript(new TSqlSource("planted", new SqlServerTestDatabase().Planted(planted))).Should().BeEmpty();

    /// <summary>A foreign key or CHECK that stays on would reject the planted rows. SQLite can ignore all of them, SQL Server only table by table.</summary>
    [Test]
    public void Planted_OnSqlServer_TurnsOffTheConstraintsOfEveryTable() =>
        AdminTestData.Tables.Should().OnlyContain(table => new SqlServerTestDatabase().Planted("").Contains($"ALTER TABLE eval.{table} NOCHECK CONSTRAINT ALL"));

    private static IEnumerable<string> Planted() =>
        typeof(InvariantsTests<SqliteTestDatabase>).GetMethods().Where(method => method.Name.Contains("Planted", StringComparison.Ordinal)).SelectMany(method => method.GetCustomAttributes<TestCaseAttribute>()).Select(each => each.Arguments[0]).OfType<string>();
}
