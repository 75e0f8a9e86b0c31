using Dapper;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>What a migration does with existing rows.</summary>
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

    [Test]
    public async Task Migration0012_VersionsInTesting_GetTheStatusThatTheirLatestTransitionImplies()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        foreach (var migration in ProductSql.SqliteMigrations.Where(file => string.CompareOrdinal(ProductSql.NameOf(file), "0012") < 0))
            await connection.ExecuteAsync(migration.Text);

        // 1: failed its own suite, then passed an easy one. 2: passed. 3: runs. 4: its transition's run was purged. 5: DRAFT with a run. 6: CANDIDATE.
        await connection.ExecuteAsync("""
            INSERT INTO Tenant (Slug, Name) VALUES ('acme', 'Acme');
            INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) VALUES (1, 'own', '', 3, 0.8, 1, '[]'), (1, 'easy', '', 1, 0.5, 0, '[]');
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus) VALUES
                (1, 'a', '1', '{}', 'h', 'TESTING', 'PASS'), (1, 'a', '2', '{}', 'h', 'TESTING', 'PASS'), (1, 'a', '3', '{}', 'h', 'TESTING', 'RUNNING'),
                (1, 'a', '4', '{}', 'h', 'TESTING', 'PASS'), (1, 'a', '5', '{}', 'h', 'DRAFT', 'RUNNING'), (1, 'a', '6', '{}', 'h', 'CANDIDATE', 'PASS');
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount, PassedCount, PassThreshold, CompletedAt) VALUES
                (1, 1, 2, 1, 'COMPLETED', 'NOT_RUN', 'TRANSITION', 10, 7, 0.7, 1), (1, 1, 2, 1, 'COMPLETED', 'PASS', 'MANUAL', 10, 5, 0.7, 2),
                (1, 2, 1, 1, 'COMPLETED', 'FAIL', 'MANUAL', 2, 2, 0.5, 3),
                (1, 1, 3, 2, 'COMPLETED', 'NOT_RUN', 'TRANSITION', 10, 8, 0.8, 4),
                (1, 1, 3, 3, 'PENDING', 'NOT_RUN', 'TRANSITION', 10, 0, 0.8, NULL),
                (1, 1, 3, 5, 'PENDING', 'NOT_RUN', 'MANUAL', 10, 0, 0.8, NULL);
            INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload) VALUES (1, 'VERSION_CREATED', 'AgentVersion', 1, 'cli:alice', '{}');
            """);

        await connection.ExecuteAsync(MigrationText("0012_"));

        (await connection.QueryAsync<string>("SELECT EvalStatus FROM AgentVersion ORDER BY Id")).Should().Equal("FAIL", "PASS", "RUNNING", "NOT_RUN", "NOT_RUN", "PASS");
        (await connection.QueryAsync<string>("SELECT VersionId || ': ' || SuiteId || ' revision ' || SuiteRevision || ' ' || Rule || ' ' || Bound FROM VersionRequirement ORDER BY VersionId"))
            .Should().Equal("1: 1 revision 2 RATE 0.7", "2: 1 revision 3 RATE 0.8", "3: 1 revision 3 RATE 0.8", "4: 1 revision 3 RATE 0.8");
        (await connection.ExecuteScalarAsync<string>("SELECT VersionCreatedBy FROM VersionGate WHERE VersionId = 1")).Should().Be("cli:alice");
        (await connection.QueryAsync<string>("SELECT Payload FROM ChangeRecord WHERE Type = 'VERSION_REQUIRED'")).Should().HaveCount(4)
            .And.OnlyContain(payload => payload.Contains("upgrade", StringComparison.Ordinal) && System.Text.Json.JsonDocument.Parse(payload, default).RootElement.GetProperty("suiteId").GetInt64() == 1);
    }

    private static string MigrationText(string number) =>
        ProductSql.SqliteMigrations.Single(file => ProductSql.NameOf(file).StartsWith(number, StringComparison.Ordinal)).Text;
}
