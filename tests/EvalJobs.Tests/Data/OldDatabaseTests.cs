using Dapper;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>What a migration makes of rows that were there before it.</summary>
public sealed class OldDatabaseTests
{
    [Test]
    public async Task Migration0002_RunsOfAnOlderDatabase_GetTheirSuitesThreshold()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        await connection.ExecuteAsync(MigrationText("0001_"));
        await connection.ExecuteAsync("""
            INSERT INTO Tenant (Slug, Name) VALUES ('acme', 'Acme');
            INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, Tags) VALUES (1, 'suite', '', 1, 0.65, '[]');
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus) VALUES (1, 'a', 'v', '{}', 'h', 'TESTING', 'RUNNING');
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger]) VALUES (1, 1, 1, 1, 'PENDING', 'NOT_RUN', 'MANUAL');
            """);

        await connection.ExecuteAsync(MigrationText("0002_"));

        (await connection.ExecuteScalarAsync<double>("SELECT PassThreshold FROM EvaluationRun")).Should().Be(0.65);
    }

    private static string MigrationText(string number) =>
        ProductSql.SqliteMigrations.Single(file => ProductSql.NameOf(file).StartsWith(number, StringComparison.Ordinal)).Text;
}
