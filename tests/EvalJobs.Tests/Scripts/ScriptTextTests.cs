using System.Globalization;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.DependencyInjection;
using EvalJobs.Tests.Support;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Scripts;

/// <summary>The header and session settings of every script, and the rights that the scripts and the server need.</summary>
public sealed partial class ScriptTextTests
{
    /// <summary>01 changes tables under the lock of migrate, while no server works; the other scripts read no row of the product.</summary>
    private static readonly string[] WithoutLocks =
        ["scripts/00-check-database.sql", "scripts/01-install-or-upgrade.sql", "scripts/02-grants.sql", "scripts/41-storage-and-indexes.sql"];

    private static readonly TestCaseData[] Scripts = [.. AdminScript.All.Select(script => new TestCaseData(script).SetArgDisplayNames(script.File))];

    [TestCaseSource(nameof(Scripts))]
    public void Script_Header_NamesPurposeParametersChangesAndUndo(TSqlSource script) =>
        script.Text.Should().MatchRegex(@"^-- Purpose: .*\n(-- .*\n)*-- Parameters: .*\n(-- .*\n)*-- Changes: .*\n(-- .*\n)*-- Undo: ");

    /// <summary>
    /// sqlcmd has QUOTED_IDENTIFIER off, a database may have NUMERIC_ROUNDABORT on, and SQL Server then rejects (error 1934) writes to a table with
    /// a filtered index. With IMPLICIT_TRANSACTIONS, a setting of the server or of a query window, the COMMIT of a script that says "done" would
    /// commit nothing and keep its locks. A query window may also read rows that are not committed, or fail under SNAPSHOT.
    /// </summary>
    [TestCaseSource(nameof(Scripts))]
    public void Script_Session_DependsOnNoSettingOfServerOrWindow(TSqlSource script) =>
        script.Text.Split("\n\n")[0].Should().EndWith("""

            SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
            SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
            SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
            """);

    [Test]
    public void HangfireScript_Session_CommitsWhatItDoes() =>
        HangfireSchema.InstallScript("HangFire").Should().Contain("\nSET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;\n");

    [TestCaseSource(nameof(Scripts))]
    public void Script_Parameters_AreTheVariablesAtItsTop(TSqlSource script)
    {
        var header = script.Text.Split("-- Parameters:")[1].Split("-- Changes:")[0];

        var declared = TopDeclaration().Matches(script.Text.Split("\n\n")[1]).Select(match => match.Groups["name"].Value);

        ParameterLine().Matches("--  " + header.Trim()).Select(match => match.Groups["name"].Value).Should().BeEquivalentTo(declared);
    }

    [TestCaseSource(nameof(Scripts))]
    public void Script_ThatChangesRows_ShowsFirstAndIsTransactional(TSqlSource script)
    {
        if (!ChangesRows().IsMatch(script.Text))
            return;

        script.Text.Should().Contain("DECLARE @Apply bit = 0;").And.Contain("BEGIN TRANSACTION").And.Contain("BEGIN CATCH").And.Contain("INSERT INTO eval.ChangeRecord");
    }

    /// <summary>A script cannot include another, so each script that waits for locks has its own copy of the message about the lock holders. The copies must be equal.</summary>
    [TestCaseSource(nameof(Scripts))]
    public void Script_ThatWaitsForLocks_WaitsTenSecondsAndNamesTheHolders(TSqlSource script)
    {
        var (waits, messages) = (LockWait().Matches(script.Text), LockHolders().Matches(script.Text));
        var isBounded = !WithoutLocks.Contains(script.File);

        waits.Should().HaveCount(isBounded ? 1 : 0, "a stopped process may hold a lock without end");
        messages.Select(WithoutChange).Should().Equal(isBounded ? [WithoutChange(LockHolders().Match(AdminScript.Named("20-pause-tenant").Source.Text))] : []);
    }

    /// <summary>A read outside of TRY of a row that a stopped process has locked ends with a message that does not name the holder.</summary>
    [TestCaseSource(nameof(Scripts))]
    public void Script_ThatWaitsForLocks_ReadsRowsOnlyWhereItCanNameTheHolders(TSqlSource script)
    {
        if (!WithoutLocks.Contains(script.File))
            ReadsOutsideTry(script).Should().BeEmpty();
    }

    [TestCase("DECLARE @Id bigint = (SELECT t.Id FROM eval.Tenant t);")]
    [TestCase("IF EXISTS (SELECT 1 FROM eval.Tenant) THROW 50001, N'x', 1;")]
    [TestCase("BEGIN TRY SELECT 1; END TRY BEGIN CATCH THROW; END CATCH; SELECT COUNT(*) FROM eval.Tenant;")]
    public void ReadsOutsideTry_Planted_AreFound(string text) => ReadsOutsideTry(new("x", text)).Should().ContainSingle();

    /// <summary>A script cannot include another: the SQL for the result of requirements is in both scripts and must be equal.</summary>
    [Test]
    public void Standing_OfTheRequirements_HasTheSameSqlInBothScripts()
    {
        var cancel = Standings(AdminScript.Named("14-cancel-runs").Source.Text);
        var check = Standings(AdminScript.Named("42-integrity-check").Source.Text);

        cancel.Should().ContainSingle().Which.Should().Be(check.Should().ContainSingle().Subject);
    }

    [Test]
    public void CheckOfADatabase_ChecksWhatThePageAndTheServerName()
    {
        var script = AdminScript.Named("00-check-database").Source.Text;
        var says = Findings().Matches(script).Select(match => match.Groups["text"].Value.Replace("''", "'", StringComparison.Ordinal)).Where(text => text != "supported");
        var rows = DocPage.Read("operate/sqlserver.md").Rows("### What 00-check-database.sql shows").ToList();
        var bits = UserOptionBits().Matches(script).Select(match => int.Parse(match.Groups["bit"].Value, CultureInfo.InvariantCulture)).ToList();
        string[] atStart =
        [
            .. bits.SelectMany(bit => new SqlServerSettings { UserOptions = bit, IsParameterizationForced = false, IsReadCommittedSnapshotOn = true }.Warnings()),
            .. new SqlServerSettings { UserOptions = 0, IsParameterizationForced = true, IsReadCommittedSnapshotOn = false }.Warnings(),
        ];

        rows.Select(row => row[0]).Should().Equal(says);
        rows.Where(row => !row[0].StartsWith("not supported", StringComparison.Ordinal)).Zip(atStart)
            .Should().HaveCount(atStart.Length).And.AllSatisfy(each => Setting().Match(each.Second).Value.Should().Be(Setting().Match(each.First[0]).Value));
        script.Should().Contain("@Version < 15").And.Contain("compatibility_level < 150");
        Repository.Read("docs/operate/sqlserver.md").Should().Contain("SQL Server 2019 or newer, or Azure SQL, compatibility level 150 or more.");
    }

    /// <summary>A plan for every value of an optional parameter would read and lock a whole index for one run.</summary>
    [TestCaseSource(nameof(Scripts))]
    public void Script_ThatLocksByAnOptionalParameter_RecompilesForItsValue(TSqlSource script) => UncompiledLocks(script).Should().BeEmpty();

    [Test]
    public void UncompiledLocks_Planted_AreFound() =>
        UncompiledLocks(new("x", "SELECT r.Id FROM eval.EvaluationRun r WITH (UPDLOCK) WHERE (@RunId IS NULL OR r.Id = @RunId)")).Should().ContainSingle();

    /// <summary>Otherwise rows of the tenant's table would be locked together with the runs.</summary>
    [TestCaseSource(nameof(Scripts))]
    public void Script_ThatLocksRunsOfATenant_ReadsItsIdBefore(TSqlSource script) => script.Text.Should().NotMatchRegex(@"UPDLOCK[^;]*JOIN eval\.Tenant ");

    /// <summary>The product divides as double. 1.0 * a / b is a decimal of few digits on SQL Server, and 2 of 3 then misses a threshold of 2/3.</summary>
    [Test]
    public void Text_Rates_AreDividedAsFloat() =>
        AdminScript.All.Concat(ProductSql.SqlServerQueries).Should().OnlyContain(text => !Regex.IsMatch(text.Text, @"\d\.\d+ \*", RegexOptions.None, TimeSpan.FromSeconds(1)));

    [Test]
    public void Readme_Sqlcmd_EndsWithAnErrorWhenTheScriptDoes() =>
        Repository.Read("scripts/README.md").Should().Contain("`sqlcmd -b ").And.NotMatchRegex("`sqlcmd -[^b]");

    [Test]
    public void Readme_Table_NamesEveryScript()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "scripts", "README.md"));

        FileLink().Matches(readme).Select(match => match.Groups["file"].Value).Distinct(StringComparer.Ordinal).Should()
            .BeEquivalentTo(AdminScript.All.Select(script => Path.GetFileName(script.File)));
    }

    /// <summary>02-grants.sql lets the server change rows of schema eval, but not the audit trail, and run no DDL.</summary>
    [Test]
    public void ServersQueries_NeedNoRight_ThatItsRoleLacks() =>
        ProductSql.SqlServerQueries.Where(query => BeyondTheRole().IsMatch(query.Text)).Select(query => query.File)
            .Should().Equal(["SqlServer/CopyRunsFromArchive"], "restoring keeps old ids, which needs an administrator's login on SQL Server");

    [TestCase("evaljobs_server")]
    [TestCase("evaljobs_admin")]
    public void Grants_RoleThatWrites_CannotRewriteTheAuditTrail(string role) =>
        GrantScript.Statements().Should().Contain($"DENY UPDATE ON eval.ChangeRecord TO {role}");

    [Test]
    public void Scripts_OfTheAdministrator_DoNotRewriteTheAuditTrail() =>
        AdminScript.All.Should().OnlyContain(script => !script.Text.Contains("UPDATE eval.ChangeRecord", StringComparison.Ordinal));

    [TestCase("UPDATE eval.ChangeRecord SET Payload = N'{}'")]
    [TestCase("TRUNCATE TABLE eval.TestCaseResult")]
    [TestCase("SET IDENTITY_INSERT eval.Tenant ON")]
    [TestCase("SELECT 1 FROM sys.dm_exec_sessions")]
    public void BeyondTheRole_Planted_IsFound(string text) => BeyondTheRole().IsMatch(text).Should().BeTrue();

    /// <summary>Removes the part of the message that only scripts with changes have.</summary>
    private static string WithoutChange(Match message) => message.Value.Replace("; this transaction changed nothing", "", StringComparison.Ordinal);

    /// <returns>A script's SQL for the result of requirements, without indentation.</returns>
    private static List<string> Standings(string script) => [.. Standing().Matches(script).Select(match => WhiteSpace().Replace(match.Value, " "))];

    /// <returns>Statements that take update locks by a parameter that may be NULL, without OPTION (RECOMPILE).</returns>
    private static List<string> UncompiledLocks(TSqlSource script)
    {
        var failures = new List<TSqlFailure>();
        var found = new Statements();
        TSqlText.Parse(script, failures)!.Accept(found);
        failures.Should().BeEmpty();
        return [.. found.Read.Where(statement => statement.OptimizerHints.Count == 0).Select(TSqlText.Of).Where(text => LockByOptionalParameter().IsMatch(text))];
    }

    /// <returns>Statements outside of TRY … CATCH that name a table of the product.</returns>
    private static List<string> ReadsOutsideTry(TSqlSource script)
    {
        var failures = new List<TSqlFailure>();
        var parsed = TSqlText.Parse(script, failures)!;
        failures.Should().BeEmpty();
        return [.. parsed.Batches.SelectMany(batch => batch.Statements).Where(statement => statement is not TryCatchStatement).Select(TSqlText.Of)
            .Where(text => text.Contains("eval.", StringComparison.Ordinal))];
    }

    private sealed class Statements : TSqlFragmentVisitor
    {
        public List<StatementWithCtesAndXmlNamespaces> Read { get; } = [];

        public override void Visit(StatementWithCtesAndXmlNamespaces node) => Read.Add(node);
    }

    [GeneratedRegex(@"UPDLOCK.*@\w+ IS NULL", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LockByOptionalParameter();

    [GeneratedRegex(@"^DECLARE (?<name>@\w+) [^=\n]*= ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TopDeclaration();

    [GeneratedRegex(@"^--\s+(?<name>@\w+)  ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ParameterLine();

    [GeneratedRegex(@"(INSERT INTO|UPDATE|DELETE FROM) eval\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ChangesRows();

    [GeneratedRegex(@"^-- The longest wait for a lock, because a stopped process may hold one indefinitely\.\nSET LOCK_TIMEOUT 10000;\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LockWait();

    [GeneratedRegex(@"^    IF ERROR_NUMBER\(\) = 1222\n.*?^    END;\n    THROW;\nEND CATCH;\n", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LockHolders();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"N'(?<text>(not supported: |supported|the server|PARAMETERIZATION|READ_COMMITTED)([^']|'')*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Findings();

    [GeneratedRegex(@"@UserOptions & (?<bit>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UserOptionBits();

    [GeneratedRegex("NOCOUNT|IMPLICIT_TRANSACTIONS|NUMERIC_ROUNDABORT|PARAMETERIZATION FORCED|READ_COMMITTED_SNAPSHOT is off", RegexOptions.None, 1000)]
    private static partial Regex Setting();

    [GeneratedRegex(@"SELECT q\.VersionId,.*?n\.Round > g\.Round\)", RegexOptions.Singleline, 1000)]
    private static partial Regex Standing();

    [GeneratedRegex(@"\((?<file>[\w-]+\.sql)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileLink();

    [GeneratedRegex(@"UPDATE eval\.ChangeRecord|\b(TRUNCATE|CREATE|ALTER|DROP|GRANT|IDENTITY_INSERT)\b|\bsys\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BeyondTheRole();
}
