using Hangfire.SqlServer;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>The schema that Hangfire's own installer builds on an empty database, read from the script inside its package.</summary>
/// <remarks>
/// The installer is one batch of IF statements on the version it finds. On an empty database it executes all of them, so its CREATE, ALTER
/// and DROP statements run in their order. Its indexes are left out, because no script names them and the installer drops some of
/// them by dynamic SQL.
/// </remarks>
public static class HangfireSql
{
    public static IReadOnlyList<TSqlSource> Installation { get; } = [new("Hangfire.SqlServer/Install.sql", Flatten())];

    /// <summary>The table that DbUp creates for its journal.</summary>
    public static TSqlSource Journal { get; } = new("DbUp/journal", """
        CREATE TABLE dbo.EvalJobsSchemaVersions (
            Id int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_EvalJobsSchemaVersions_Id PRIMARY KEY,
            ScriptName nvarchar(255) NOT NULL,
            Applied datetime NOT NULL
        );
        """);

    private static string Flatten()
    {
        var failures = new List<TSqlFailure>();
        var script = TSqlText.Parse(new("Install.sql", SqlServerObjectsInstaller.GetInstallScript("HangFire", enableHeavyMigrations: true)), failures)
            ?? throw new InvalidOperationException(string.Join(Environment.NewLine, failures));
        var statements = new Statements();
        script.Accept(statements);
        return string.Join("\nGO\n", statements.Found);
    }

    private sealed class Statements : TSqlFragmentVisitor
    {
        public List<string> Found { get; } = ["CREATE SCHEMA [HangFire]"];

        public override void Visit(CreateTableStatement node) => Add(node);

        public override void Visit(DropTableStatement node) => Add(node);

        public override void Visit(AlterTableAddTableElementStatement node) => Add(node);

        public override void Visit(AlterTableAlterColumnStatement node) => Add(node);

        public override void Visit(AlterTableDropTableElementStatement node)
        {
            // The second ALTER runs only where a person added the column by hand: see the comment in the installer.
            if (!Found.Contains(TSqlText.Of(node).TrimEnd(';'), StringComparer.Ordinal) || node.AlterTableDropTableElements[0].TableElementType != TableElementType.Column)
                Add(node);
        }

        private void Add(TSqlStatement node) => Found.Add(TSqlText.Of(node).TrimEnd(';'));
    }
}
