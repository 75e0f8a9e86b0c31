using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>The repositories call both dialects of a query the same way, so they must have the same parameters and columns.</summary>
[Category("TSql")]
public sealed class SqlDialectTests
{
    private SqliteConnection _sqlite;

    [OneTimeSetUp]
    public void MigrateSqlite()
    {
        _sqlite = new SqliteConnection("Data Source=:memory:");
        _sqlite.Open();
        foreach (var migration in ProductSql.SqliteMigrations)
        {
            using var command = _sqlite.CreateCommand();
            command.CommandText = migration.Text;
            command.ExecuteNonQuery();
        }
    }

    [OneTimeTearDown]
    public void CloseSqlite() => _sqlite?.Dispose();

    [Test]
    public void Queries_InBothDialects_HaveTheSameNames() =>
        ProductSql.SqlServerQueries.Select(ProductSql.NameOf).Should().Equal(ProductSql.SqliteQueries.Select(ProductSql.NameOf));

    [TestCaseSource(nameof(Queries))]
    public void Dialects_OfOneQuery_HaveTheSameParameters(TSqlSource sqlServer, TSqlSource sqlite)
    {
        var failures = new List<TSqlFailure>();

        var parameters = TSqlParameters.Read(sqlServer, failures);

        failures.Should().BeEmpty();
        SqliteStatement.Prepare(_sqlite, sqlite.Text).Parameters.Should().BeEquivalentTo(parameters!.Names);
    }

    [TestCaseSource(nameof(Queries))]
    public void Dialects_OfOneQuery_ReturnTheSameColumns(TSqlSource sqlServer, TSqlSource sqlite)
    {
        var columns = TSqlResult.Columns(sqlServer);

        columns.Should().OnlyHaveUniqueItems("Dapper maps by name").And.NotContain(string.Empty, "an expression needs a name");
        SqliteStatement.Prepare(_sqlite, sqlite.Text).Columns.Should().Equal(columns);
    }

    private static IEnumerable<TestCaseData> Queries() =>
        ProductSql.SqlServerQueries.Join(
            ProductSql.SqliteQueries, ProductSql.NameOf, ProductSql.NameOf,
            (sqlServer, sqlite) => new TestCaseData(sqlServer, sqlite).SetArgDisplayNames(ProductSql.NameOf(sqlServer)),
            StringComparer.Ordinal);
}
