using EvalJobs.Tests.Support;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>Finds what SQL Server does without an error: the conversion of an indexed column, the truncation of a text, and a filtered index that PARAMETERIZATION FORCED makes unusable. The types of columns come from DacFx.</summary>
[Category("TSql")]
public sealed class ConversionTests
{
    private TSqlColumnTypes _schema;
    private TSqlConversions _conversions;

    [OneTimeSetUp]
    public void ReadSchema()
    {
        using var compiler = new TSqlCompiler(ProductSql.SqlServerMigrations);
        _schema = compiler.ColumnTypes();
        _conversions = new(_schema);
    }

    [TestCase("eval.EvaluationRun.Status", "varchar(20)", true, true)]
    [TestCase("eval.EvaluationRun.DueAt", "datetime2(3)", true, false)]
    [TestCase("eval.EvaluationRun.Priority", "int", true, false)]
    [TestCase("eval.EvaluationSuite.Name", "nvarchar(200)", true, false)]
    [TestCase("eval.TestCaseResult.Output", "nvarchar(max)", false, false)]
    [TestCase("eval.TestCaseResult.Score", "float", false, false)]
    public void Column_OfTheMigratedSchema_IsReadFromTheModel(string column, string type, bool isIndexed, bool isFiltered)
    {
        _schema.Types[column].ToString().Should().Be(type);
        _schema.Indexed.Contains(column).Should().Be(isIndexed);
        _schema.Filtered.Contains(column).Should().Be(isFiltered);
    }

    [TestCaseSource(nameof(Queries))]
    public void Query_Comparisons_ConvertNoIndexedColumn(TSqlSource query) =>
        _conversions.Check(query, TSqlParameters.Read(query, [])!.Declaration).Should().BeEmpty();

    [TestCaseSource(nameof(Scripts))]
    public void Script_Comparisons_ConvertNoIndexedColumn(TSqlSource script) => _conversions.Check(script, "").Should().BeEmpty();

    [TestCase("@Status varchar(20)", "SELECT r.Id FROM eval.EvaluationRun r WHERE r.Status = @Status", "eval.EvaluationRun.Status is varchar(20) and @Status is nvarchar(4000)")]
    [TestCase("", "SELECT Id FROM eval.EvaluationRun WHERE Status = N'PENDING'", "and N'PENDING' is nvarchar(7)")]
    [TestCase("", "SELECT Id FROM eval.EvaluationRun WHERE Status IN ('A', N'B')", "and N'B' is nvarchar(1)")]
    [TestCase("", "SELECT Id FROM eval.EvaluationRun WHERE DueAt <= SYSUTCDATETIME()", "eval.EvaluationRun.DueAt is datetime2(3) and SYSUTCDATETIME() is datetime2(7)")]
    [TestCase("@Ms int", "SELECT Id FROM eval.EvaluationRun WHERE DueAt <= DATEADD(millisecond, @Ms, SYSUTCDATETIME())", "is datetime2(7)")]
    [TestCase("@Revision bigint", "SELECT Id FROM eval.TestCase WHERE Revision = @Revision", "eval.TestCase.Revision is int and @Revision is bigint")]
    [TestCase("@Keys nvarchar(max)", "SELECT Id FROM eval.TestCase WHERE CaseKey IN (SELECT j.value FROM OPENJSON(@Keys) j)", "eval.TestCase.CaseKey is nvarchar(200) and j.value is nvarchar(max)")]
    [TestCase("@Ids nvarchar(max)", "SELECT r.Id FROM OPENJSON(@Ids) j JOIN eval.EvaluationRun r ON r.Id = CAST(j.value AS decimal(20, 0))", "is bigint and CAST")]
    [TestCase("", "SELECT c.Id FROM eval.TestCase c JOIN eval.EvaluationRun r ON r.Id = c.Revision", "eval.TestCase.Revision is int and r.Id is bigint")]
    [TestCase("", "DECLARE @Word nvarchar(20); UPDATE eval.EvaluationRun SET Priority = 1 WHERE Status = @Word", "and @Word is nvarchar(20)")]
    [TestCase("", "SELECT x.Id FROM (SELECT s.Id, s.Status FROM eval.EvaluationRun s) x WHERE x.Status = N'A'", "eval.EvaluationRun.Status")]
    [TestCase("@Low float", "SELECT Id FROM eval.EvaluationRun WHERE Priority BETWEEN @Low AND 3", "eval.EvaluationRun.Priority is int and @Low is float")]
    [TestCase("@Name nvarchar(100)", "SELECT Id FROM eval.EvaluationSuite WHERE Name = @Name", "Name is nvarchar(200) and @Name is nvarchar(100): a longer text is cut")]
    [TestCase("@Name nvarchar(200)", "SELECT Id FROM eval.EvaluationSuite WHERE Name = CAST(@Name AS nvarchar(50))", "is nvarchar(50): a longer text is cut")]
    [TestCase("@Status varchar(20)", "SELECT Id FROM eval.EvaluationRun WHERE Status = (CAST(@Status AS varchar(8)))", "is varchar(8): a longer text is cut")]
    [TestCase("", "DECLARE @Error nvarchar(40); SELECT RunId FROM eval.TestCaseResult WHERE Error = @Error", "Error is nvarchar(max) and @Error is nvarchar(40): a longer text is cut")]
    public void Check_PlantedConversion_IsReported(string header, string text, string failure) =>
        _conversions.Check(new("x", text), header).Should().ContainSingle().Which.Message.Should().Contain(failure);

    [TestCase("@Id int", "SELECT Id FROM eval.EvaluationRun WHERE Id = @Id")]
    [TestCase("@Name nvarchar(200)", "SELECT Id FROM eval.EvaluationSuite WHERE Name = @Name")]
    [TestCase("@Score int", "SELECT RunId FROM eval.TestCaseResult WHERE DurationMs = @Score OR Error = @Score")]
    [TestCase("", "SELECT Id FROM eval.EvaluationRun WHERE DueAt <= CAST(SYSUTCDATETIME() AS datetime2(3)) AND Status = 'PENDING'")]
    [TestCase("@Status varchar(20)", "SELECT Id FROM eval.EvaluationRun WHERE Status = CAST(@Status AS varchar(20))")]
    public void Check_NoConversionOfAnIndexedColumn_Passes(string header, string text) => _conversions.Check(new("x", text), header).Should().BeEmpty();

    /// <summary>A text without parameters is a separate batch: PARAMETERIZATION FORCED replaces its literals, so SQL Server can no longer use the filtered index.</summary>
    [TestCaseSource(nameof(Queries))]
    public void Query_WithoutParametersOnAFilteredIndex_IsRecompiled(TSqlSource query) => Unprotected(query).Should().BeEmpty();

    [Test]
    public void Unprotected_Planted_IsFound()
    {
        Unprotected(new("x", "-- Parameters: none\nSELECT Id FROM eval.EvaluationRun WHERE Status = 'PENDING'")).Should().Equal("Status");
        Unprotected(new("x", "-- Parameters: none\nSELECT Id FROM eval.EvaluationRun WHERE Status = 'PENDING' OPTION (RECOMPILE)")).Should().BeEmpty();
    }

    private List<string> Unprotected(TSqlSource query)
    {
        if (TSqlParameters.Read(query, [])!.Names.Count > 0)
            return [];
        var found = new Filters();
        TSqlText.Parse(query, [])!.Accept(found);
        return found.IsRecompiled ? [] : [.. found.Columns.Where(column => _schema.Filtered.Any(filtered => found.Tables.Contains(filtered[..filtered.LastIndexOf('.')]) && filtered.EndsWith("." + column, StringComparison.Ordinal)))];
    }

    private static IEnumerable<TestCaseData> Queries() => Cases(ProductSql.SqlServerQueries);

    // 01 consists of the migrations; 02 and 41 read only the catalogue.
    private static IEnumerable<TestCaseData> Scripts() => Cases(AdminScript.All.Where(script => script.File is not "scripts/01-install-or-upgrade.sql"));

    private static IEnumerable<TestCaseData> Cases(IEnumerable<TSqlSource> sources) => sources.Select(source => new TestCaseData(source).SetArgDisplayNames(source.File));

    private sealed class Filters : TSqlFragmentVisitor
    {
        public HashSet<string> Tables { get; } = new(StringComparer.Ordinal);

        public List<string> Columns { get; } = [];

        public bool IsRecompiled { get; private set; }

        public override void Visit(NamedTableReference node) => Tables.Add(TSqlText.NameOf(node.SchemaObject));

        public override void Visit(OptimizerHint node) => IsRecompiled |= node.HintKind == OptimizerHintKind.Recompile;

        /// <summary>A CASE selects no rows.</summary>
        public override void ExplicitVisit(SearchedWhenClause node)
        {
        }

        public override void Visit(BooleanComparisonExpression node)
        {
            if (node is { FirstExpression: ColumnReferenceExpression column, SecondExpression: Literal })
                Columns.Add(column.MultiPartIdentifier.Identifiers[^1].Value);
        }

        public override void Visit(InPredicate node)
        {
            if (node.Expression is ColumnReferenceExpression column && node.Values.Any(value => value is Literal))
                Columns.Add(column.MultiPartIdentifier.Identifiers[^1].Value);
        }
    }
}
