using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Plans;

/// <summary>Checks that <see cref="ShowPlan"/> finds each violation, in handwritten plans in the form of SQL Server's plans.</summary>
[Category("TSql")]
public sealed class ShowPlanTests
{
    private const string Seek = """
        <RelOp PhysicalOp="Index Seek" LogicalOp="Index Seek">
          <RunTimeInformation><RunTimeCountersPerThread Thread="0" ActualRows="5" ActualRowsRead="5" /></RunTimeInformation>
          <IndexScan Ordered="1"><Object Database="[db]" Schema="[eval]" Table="[EvaluationRun]" Index="[IX_EvaluationRun_Pending]" /></IndexScan>
        </RelOp>
        """;

    private static readonly PlanExpectation Expected = new() { Seeks = ["EvaluationRun.IX_EvaluationRun_Pending"], MaxRowsRead = 10 };

    [Test]
    public void Violations_GoodPlan_AreNone()
    {
        var plan = Plan($"""<RelOp PhysicalOp="Top" LogicalOp="Top"><Top>{Seek}</Top></RelOp>""");

        plan.Violations(Expected).Should().BeEmpty();
        plan.Seeks.Should().Equal("EvaluationRun.IX_EvaluationRun_Pending");
        plan.RowsRead.Should().Be(5);
        plan.Lines().Should().Equal("Top, 0 rows", "  Index Seek EvaluationRun.IX_EvaluationRun_Pending, 5 rows");
    }

    [Test]
    public void Violations_OtherIndex_AreReported() =>
        Plan(Seek.Replace("[IX_EvaluationRun_Pending]", "[IX_EvaluationRun_Tenant]", StringComparison.Ordinal)).Violations(Expected).Should()
            .Equal("does not seek EvaluationRun.IX_EvaluationRun_Pending; it seeks EvaluationRun.IX_EvaluationRun_Tenant");

    [TestCase("Clustered Index Scan", "PK_EvaluationRun")]
    [TestCase("Index Scan", "IX_EvaluationRun_Tenant")]
    public void Violations_ScanOfHistory_AreReported(string operation, string index) =>
        Plan(Seek + Scan(operation, "EvaluationRun", index, 1)).Violations(Expected).Should().Equal($"scans EvaluationRun.{index}");

    [TestCase("EvaluationRun.IX_EvaluationRun_PendingByAge")]
    [TestCase("EvaluationRun")]
    public void Violations_AllowedScan_AreNone(string allowed) =>
        Plan(Seek + Scan("Index Scan", "EvaluationRun", "IX_EvaluationRun_PendingByAge", 1))
            .Violations(Expected with { ScansAllowed = new HashSet<string>(StringComparer.Ordinal) { allowed } }).Should().BeEmpty();

    [Test]
    public void Violations_SortBelowTop_AreReportedUnlessAllowed()
    {
        var plan = Plan($"""<RelOp PhysicalOp="Top" LogicalOp="Top"><Top><RelOp PhysicalOp="Sort" LogicalOp="Sort"><Sort>{Seek}</Sort></RelOp></Top></RelOp>""");

        plan.Violations(Expected).Should().Equal("sorts below TOP: it reads all rows to return a few");
        plan.Violations(Expected with { MaySort = true }).Should().BeEmpty("OFFSET and FETCH are a TOP over a sort, and their input is small");
    }

    [Test]
    public void Violations_TopNSort_AreReportedUnlessAllowed()
    {
        var plan = Plan($"""<RelOp PhysicalOp="Sort" LogicalOp="TopN Sort"><TopSort>{Seek}</TopSort></RelOp>""");

        plan.Violations(Expected).Should().Equal("sorts all rows for the first few (TopN Sort)");
        plan.Violations(Expected with { MaySort = true }).Should().BeEmpty();
    }

    [Test]
    public void Violations_SortAboveTop_AreNone() =>
        Plan($"""<RelOp PhysicalOp="Sort" LogicalOp="Sort"><Sort><RelOp PhysicalOp="Top" LogicalOp="Top"><Top>{Seek}</Top></RelOp></Sort></RelOp>""").Violations(Expected).Should().BeEmpty();

    [Test]
    public void Violations_TooMuchMemory_AreReported() =>
        Plan(Seek, """<MemoryGrantInfo SerialRequiredMemory="512" GrantedMemory="300000" MaxUsedMemory="100" />""").Violations(Expected).Should().Equal("is granted 300000 KB of memory; at most 4096");

    [Test]
    public void Violations_TooManyRowsRead_AreCountedOverAllThreads() =>
        Plan(Seek.Replace("</RunTimeInformation>", """<RunTimeCountersPerThread Thread="1" ActualRows="1" ActualRowsRead="1000000" /></RunTimeInformation>""", StringComparison.Ordinal))
            .Violations(Expected).Should().Equal("reads 1000005 rows; at most 10");

    [TestCase("""<Warnings><PlanAffectingConvert ConvertIssue="Seek Plan" Expression="CONVERT_IMPLICIT(nvarchar(20),[r].[Status],0)=[@Status]" /></Warnings>""", "converts a column: CONVERT_IMPLICIT(nvarchar(20),[r].[Status],0)=[@Status]")]
    [TestCase("""<Warnings><SpillToTempDb SpillLevel="1" /></Warnings>""", "spills to tempdb")]
    [TestCase("""<Warnings NoJoinPredicate="1" />""", "joins without a predicate")]
    public void Violations_Warning_AreReported(string warning, string violation) => Plan(Seek, warning).Violations(Expected).Should().Equal(violation);

    [TestCase("""<Warnings><PlanAffectingConvert ConvertIssue="Cardinality Estimate" Expression="x" /></Warnings>""")]
    public void Violations_WarningAboutEstimatesOnly_AreNone(string warning) => Plan(Seek, warning).Violations(Expected).Should().BeEmpty();

    [Test]
    public void Violations_ScanOfTableVariable_AreNone() =>
        Plan(Seek + """<RelOp PhysicalOp="Table Scan" LogicalOp="Table Scan"><TableScan><Object Table="[@Chosen]" /></TableScan></RelOp>""").Violations(Expected).Should().BeEmpty();

    [TestCase("<a />")]
    [TestCase("""<ShowPlanXML xmlns="http://schemas.microsoft.com/sqlserver/2004/07/showplan" />""")]
    public void Parse_NoPlanOfRows_Throws(string xml) => FluentActions.Invoking(() => ShowPlan.Parse(xml)).Should().Throw<InvalidOperationException>();

    private static string Scan(string operation, string table, string index, int rows) => $"""
        <RelOp PhysicalOp="{operation}" LogicalOp="{operation}">
          <RunTimeInformation><RunTimeCountersPerThread Thread="0" ActualRows="{rows}" ActualRowsRead="{rows}" /></RunTimeInformation>
          <IndexScan><Object Schema="[eval]" Table="[{table}]" Index="[{index}]" /></IndexScan>
        </RelOp>
        """;

    private static ShowPlan Plan(string operators, string more = "") => ShowPlan.Parse($"""
        <ShowPlanXML xmlns="http://schemas.microsoft.com/sqlserver/2004/07/showplan" Version="1.5">
          <BatchSequence><Batch><Statements><StmtSimple StatementText="x"><QueryPlan>{more}{operators}</QueryPlan></StmtSimple></Statements></Batch></BatchSequence>
        </ShowPlanXML>
        """);
}
