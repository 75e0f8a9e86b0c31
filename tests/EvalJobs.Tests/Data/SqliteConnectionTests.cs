using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The settings at the start of each use of an SQLite connection, although the provider keeps connections open between uses.</summary>
internal sealed class SqliteConnectionTests : DatabaseFixture<SqliteTestDatabase>
{
    private const int Full = 2;

    [Test]
    public async Task OpenAsync_AfterEveryKindOfUse_WaitsForLocksAndForTheDisk()
    {
        for (var round = 0; round < 3; round++)
        {
            await EnsureSettingsAsync();
            await Database.Database.WriteAsync(db => db.RecordAsync(null, "TEST", "Server", 0, "test", new { }), default);
            await EnsureSettingsAsync();
            await Database.Database.WriteBookkeepingAsync(
                async db =>
                {
                    await db.RecordAsync(null, "TEST", "Server", 0, "test", new { });
                    return true;
                },
                default);
            await EnsureSettingsAsync();
        }
    }

    private async Task EnsureSettingsAsync()
    {
        await using var connection = await Database.Database.OpenAsync(default);
        (await connection.ExecuteScalarAsync<int>("PRAGMA synchronous")).Should().Be(Full, "a stored result must survive a power failure");
        (await connection.ExecuteScalarAsync<int>("PRAGMA foreign_keys")).Should().Be(1);
        (await connection.ExecuteScalarAsync<int>("PRAGMA busy_timeout")).Should().BePositive();
    }
}
