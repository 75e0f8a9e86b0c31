using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class SchemaMigratorTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task MigrateAsync_SecondTime_FindsNothingToDo()
    {
        await using var database = new TDatabase();
        await database.CreateAsync();

        (await Migrator(database).MigrateAsync(default)).Should().BeEmpty();
    }

    [Test]
    public async Task MigrateAsync_SchemaNewerThanTheProgram_IsRejectedByName()
    {
        await using var database = new TDatabase();
        await database.CreateAsync();
        await database.ExecuteAsync($"INSERT INTO {database.Journal} (ScriptName, Applied) VALUES ('9999_FromTheFuture', '2026-01-01')");

        await FluentActions.Awaiting(() => Migrator(database).MigrateAsync(default))
            .Should().ThrowAsync<SchemaException>().WithMessage("*newer EvalJobs*9999_FromTheFuture*");
    }

    [Test]
    public async Task MigrateAsync_ManyAtOnce_OneMigratesAndTheOthersWait()
    {
        await using var database = new TDatabase();
        await database.CreateEmptyAsync();

        var ran = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Migrator(database).MigrateAsync(default))));

        ran.Count(scripts => scripts.Count > 0).Should().Be(1);
    }

    [Test]
    public async Task EnsureCurrent_MigrationMissing_IsRejectedByName()
    {
        await using var database = new TDatabase();
        await database.CreateAsync();
        await database.ExecuteAsync($"DELETE FROM {database.Journal}");

        FluentActions.Invoking(() => Migrator(database).EnsureCurrent()).Should().Throw<SchemaException>().WithMessage("*0001_Initial*migrate*");
    }

    private static SchemaMigrator Migrator(TestDatabase database) => new(database.Database, NullLogger<SchemaMigrator>.Instance);
}
