using EvalJobs.Tests.Support;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>What SQL Server would do to a plan without a word: convert an indexed column, or lose a filtered index to PARAMETERIZATION FORCED.</summary>
[Category("TSql")]
public sealed class ConversionTests
{
    private static readonly TSqlSchema Schema = Migrated();

    private static readonly TSqlConversions Conversions = new(Schema);

    [TestCaseSource(nameof(Queries))]
    public void Query_Comparisons_ConvertNoIndexedColumn(TSqlSource query) =>
        Conversions.Check(query, TSqlParameters.Read(query, [])!.Declaration).Should().BeEmpty();

    [TestCaseSource(nameof(Scripts))]
    public void Script_Comparisons_ConvertNoIndexedColumn(TSqlSource script) => Conversions.Check(script, "").Should().BeEmpty();

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
    public void Check_PlantedConversion_IsSeen(string header, string text, string failure) =>
        Conversions.Check(new("x", text), header).Should().ContainSingle().Which.Message.Should().Contain(failure);

    [TestCase("@Id int", "SELECT Id FROM eval.EvaluationRun WHERE Id = @Id")]
    [TestCase("@Name nvarchar(200)", "SELECT Id FROM eval.EvaluationSuite WHERE Name = @Name")]
    [TestCase("@Score int", "SELECT RunId FROM eval.TestCaseResult WHERE DurationMs = @Score OR Error = @Score")]
    [TestCase("", "SELECT Id FROM eval.EvaluationRun WHERE DueAt <= CAST(SYSUTCDATETIME() AS datetime2(3)) AND Status = 'PENDING'")]
    [TestCase("@Status varchar(20)", "SELECT Id FROM eval.EvaluationRun WHERE Status = CAST(@Status AS varchar(20))")]
    public void Check_WhatConvertsNoIndexedColumn_Passes(string header, string text) => Conversions.Check(new("x", text), header).Should().BeEmpty();

    /// <summary>A text without parameters is a batch of its own: PARAMETERIZATION FORCED replaces its literals, and the filtered index is no longer seen to fit.</summary>
    [TestCaseSource(nameof(Queries))]
    public void Query_WithoutParametersOnAFilteredIndex_IsRecompiled(TSqlSource query) => Unprotected(query).Should().BeEmpty();

    [Test]
    public void Unprotected_Planted_IsSeen()
    {
        Unprotected(new("x", "-- Parameters: none\nSELECT Id FROM eval.EvaluationRun WHERE Status = 'PENDING'")).Should().Equal("Status");
        Unprotected(new("x", "-- Parameters: none\nSELECT Id FROM eval.EvaluationRun WHERE Status = 'PENDING' OPTION (RECOMPILE)")).Should().BeEmpty();
    }

    private static List<string> Unprotected(TSqlSource query)
    {
        if (TSqlParameters.Read(query, [])!.Names.Count > 0)
            return [];
        var found = new Filters();
        TSqlText.Parse(query, [])!.Accept(found);
        return found.IsRecompiled ? [] : [.. found.Columns.Where(column => Schema.FilteredColumns().Any(filtered => found.Tables.Contains(filtered[..filtered.LastIndexOf('.')]) && filtered.EndsWith("." + column, StringComparison.Ordinal)))];
    }

    private static TSqlSchema Migrated()
    {
        var schema = new TSqlSchema();
        foreach (var migration in ProductSql.SqlServerMigrations)
            schema.Apply(migration);
        return schema;
    }

    private static IEnumerable<TestCaseData> Queries() => Cases(ProductSql.SqlServerQueries);

    // 01 is the migrations; 02 and 41 read the catalogue only.
    private static IEnumerable<TestCaseData> Scripts() => Cases(AdminScript.All.Where(script => script.File is not "scripts/01-install-or-upgrade.sql"));

    private static IEnumerable<TestCaseData> Cases(IEnumerable<TSqlSource> sources) => sources.Select(source => new TestCaseData(source).SetArgDisplayNames(source.File));

    private sealed class Filters : TSqlFragmentVisitor
    {
        public HashSet<string> Tables { get; } = new(StringComparer.Ordinal);

        public List<string> Columns { get; } = [];

        public bool IsRecompiled { get; private set; }

        public override void Visit(NamedTableReference node) => Tables.Add(TSqlText.NameOf(node.SchemaObject));

        public override void Visit(OptimizerHint node) => IsRecompiled |= node.HintKind == OptimizerHintKind.Recompile;

        /// <summary>A CASE chooses no rows.</summary>
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
