using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Plans;

/// <summary>Checks without a server the parts of <see cref="HotQueryPlanTests{TDatabase}"/> that need none: no query is forgotten, and its values, indexes and rows are valid.</summary>
[Category("TSql")]
internal sealed class HotQueryListTests
{
    private static readonly IReadOnlyDictionary<SqlQuery, (object? Parameters, PlanExpectation Expected)> Hot = HotQueries.Of(new(1, 2, 3, 4, 5, 6));

    private TSqlCompiler _compiler;

    [OneTimeSetUp]
    public void BuildSchema() => _compiler = new(ProductSql.SqlServerMigrations);

    [OneTimeTearDown]
    public void DropSchema() => _compiler?.Dispose();

    [Test]
    public void EveryQuery_IsHotOrHasAReason() =>
        Hot.Keys.Concat(ColdQueries.Reasons.Keys).Should().BeEquivalentTo(Enum.GetValues<SqlQuery>(), "a query without a plan check must be listed with a reason");

    [TestCaseSource(nameof(Queries))]
    public void Query_WithItsValues_GetsTheParametersItDeclares(SqlQuery query)
    {
        var text = ProductSql.SqlServerQueries.Single(each => ProductSql.NameOf(each) == $"{query}");
        var declared = TSqlParameters.Read(text, [])!.Names.Select(name => name[1..]);

        (Hot[query].Parameters?.GetType().GetProperties().Select(property => property.Name) ?? []).Should().BeEquivalentTo(declared);
    }

    [TestCaseSource(nameof(Queries))]
    public void Query_Expectation_NamesExistingIndexesAndTables(SqlQuery query)
    {
        var indexes = _compiler.ColumnTypes().Indexes;
        var tables = indexes.Select(index => index.Split('.')[0]);

        Hot[query].Expected.Seeks.Should().BeSubsetOf(indexes);
        Hot[query].Expected.ScansAllowed.Should().BeSubsetOf(indexes.Concat(tables));
    }

    /// <summary>These steps run only on a real server, after the database was created.</summary>
    [TestCaseSource(nameof(LoadSteps))]
    public void LoadStep_AgainstTheMigratedSchema_Compiles(string step)
    {
        var names = Regex.Matches(step, @"@\w+", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(name => name.Value).Distinct(StringComparer.Ordinal);

        _compiler.CompileQuery(new("step", $"-- Parameters: {string.Join(", ", names.Select(name => $"{name} int"))}\n{BulkData.Numbers}\n{step}")).Should().BeEmpty();
    }

    private static IEnumerable<SqlQuery> Queries() => Hot.Keys;

    private static IEnumerable<TestCaseData> LoadSteps() => HotQueryLoad.Steps.Select((step, index) => new TestCaseData(step).SetArgDisplayNames($"step {index + 1}"));
}
