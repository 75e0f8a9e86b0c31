using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Tests.Data;

public sealed class SchemaMigratorTests
{
    [Test]
    public async Task MigrateAsync_SecondTime_FindsNothingToDo()
    {
        await using var database = new SqliteTestDatabase();
        await database.CreateAsync();

        (await Migrator(database).MigrateAsync(default)).Should().BeEmpty();
    }

    [Test]
    public async Task MigrateAsync_SchemaNewerThanTheProgram_IsRefusedByName()
    {
        await using var database = new SqliteTestDatabase();
        await database.CreateAsync();
        await database.ExecuteAsync("INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('9999_FromTheFuture', '2026-01-01')");

        await FluentActions.Awaiting(() => Migrator(database).MigrateAsync(default))
            .Should().ThrowAsync<SchemaException>().WithMessage("*newer EvalJobs*9999_FromTheFuture*");
    }

    [Test]
    public async Task MigrateAsync_ManyAtOnce_OneWorksAndTheOthersWait()
    {
        await using var database = new SqliteTestDatabase();
        var folder = Path.GetDirectoryName(database.File)!;
        using var shared = new EvaluationDatabase(new StorageOptions { ConnectionString = $"Data Source={Path.Combine(folder, "shared.db")}" });

        var ran = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => Task.Run(() => new SchemaMigrator(shared, NullLogger<SchemaMigrator>.Instance).MigrateAsync(default))));

        ran.Count(scripts => scripts.Count > 0).Should().Be(1);
        await database.CreateAsync();
    }

    [Test]
    public async Task DemandCurrent_MigrationMissing_IsRefusedByName()
    {
        await using var database = new SqliteTestDatabase();
        await database.CreateAsync();
        await database.ExecuteAsync("DELETE FROM SchemaVersions");

        FluentActions.Invoking(() => Migrator(database).DemandCurrent()).Should().Throw<SchemaException>().WithMessage("*0001_Initial*migrate*");
    }

    private static SchemaMigrator Migrator(TestDatabase database) => new(database.Database, NullLogger<SchemaMigrator>.Instance);

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
