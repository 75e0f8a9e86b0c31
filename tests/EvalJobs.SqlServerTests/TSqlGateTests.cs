using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>There may be no SQL Server where this is built, so every T-SQL text is compiled here.</summary>
[Category("TSql")]
public sealed class TSqlGateTests
{
    private TSqlCompiler _compiler;

    [OneTimeSetUp]
    public void BuildSchema() => _compiler = new([.. ProductSql.SqlServerMigrations, HangfireSql.Journal, .. HangfireSql.Installation]);

    [OneTimeTearDown]
    public void DropSchema() => _compiler?.Dispose();

    [Test]
    public void Resources_OfTheProduct_ContainQueriesAndMigrations()
    {
        ProductSql.SqlServerQueries.Should().NotBeEmpty();
        ProductSql.SqlServerMigrations.Should().NotBeEmpty();
        AdminScript.All.Should().NotBeEmpty();
    }

    [Test]
    public void Migrations_OnAnEmptyDatabase_Compile() => _compiler.SchemaFailures.Should().BeEmpty();

    [TestCaseSource(nameof(Queries))]
    public void Query_AgainstTheMigratedSchema_Compiles(TSqlSource query) => _compiler.CompileQuery(query).Should().BeEmpty();

    [Test]
    public void Connection_SettingsItSetsAndReads_Compile()
    {
        _compiler.CompileScript(new("EvaluationDatabase.SqlServerSession", EvaluationDatabase.SqlServerSession)).Should().BeEmpty();
        _compiler.CompileScript(new("SqlServerSettings.Query", SqlServerSettings.Query)).Should().BeEmpty();
    }

    [TestCaseSource(nameof(AdminScripts))]
    public void AdminScript_AgainstTheMigratedSchema_Compiles(TSqlSource script) => _compiler.CompileScript(script).Should().BeEmpty();

    [TestCaseSource(nameof(CronJobsQueries))]
    public void Query_OfTheCronJobsPage_Compiles(TSqlSource query) => _compiler.CompileQuery(query).Should().BeEmpty();

    [Test]
    public void Grants_AsTheScriptComposesThem_Compile()
    {
        var roles = GrantScript.Roles().Select(role => $"CREATE ROLE {role} AUTHORIZATION dbo");

        GrantScript.Statements().Should().Contain("GRANT SELECT ON SCHEMA::eval TO evaljobs_reader");
        _compiler.CompileScript(new("scripts/02-grants.sql", string.Join(";\n", roles.Concat(GrantScript.Statements())))).Should().BeEmpty();
    }

    [TestCaseSource(nameof(AllTexts))]
    public void Text_OfEveryQueryAndScript_FollowsTheStyle(TSqlSource text) => TSqlStyle.Check(text).Should().BeEmpty();

    [Test]
    public void ClaimAlerts_BeforeItReads_TakesTheLockThatSerializesClaims()
    {
        var text = ProductSql.SqlServerQueries.Single(query => ProductSql.NameOf(query) == "ClaimAlerts").Text;

        var statements = Regex.Matches(text, @"^(DECLARE|EXEC|IF|UPDATE)\b.*", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(each => each.Value).ToList();

        statements.Select(each => each.Split(' ')[0]).Should().Equal("DECLARE", "EXEC", "IF", "UPDATE");
        statements[1].Should().Contain("sp_getapplock").And.Contain("'Exclusive'").And.Contain("@LockOwner = 'Transaction'", "the lock is held until the earlier ones are claimed, too");
        statements[2].Should().MatchRegex("@Lock < 0.*THROW|@Lock < 0$");
    }

    private static IEnumerable<TestCaseData> Queries() => Cases(ProductSql.SqlServerQueries);

    private static IEnumerable<TestCaseData> AdminScripts() => Cases(AdminScript.All);

    private static IEnumerable<TestCaseData> CronJobsQueries() =>
        Cases(DocPage.Read("CRON_JOBS.md").Blocks("sql").Select((text, index) => new TSqlSource($"CRON_JOBS.md, query {index + 1}", $"-- Parameters: none\n{text}")));

    private static IEnumerable<TestCaseData> AllTexts() => Cases([.. ProductSql.SqlServerQueries, .. ProductSql.SqlServerMigrations, .. AdminScript.All]);

    private static IEnumerable<TestCaseData> Cases(IEnumerable<TSqlSource> sources) =>
        sources.Select(source => new TestCaseData(source).SetArgDisplayNames(source.File));
}
