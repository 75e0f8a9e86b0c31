using System.Data;
using System.Globalization;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>A host may configure Dapper in its own way, and Dapper's type handlers and type map belong to the whole process.</summary>
[NonParallelizable]
public sealed class HostTimesTests : DatabaseFixture<SqliteTestDatabase>
{
    [TearDown]
    public void ForgetHandlers()
    {
        SqlMapper.ResetTypeHandlers();
        SqlMapper.AddTypeMap(typeof(string), DbType.String);
        SqlMapper.AddTypeMap(typeof(double), DbType.Double);
    }

    [Test]
    public async Task Queries_OfTheLibrary_RegisterNoTypeHandler()
    {
        var tenant = await Some.TenantAsync();

        tenant.CreatedAt.Should().BeAfter(DateTimeOffset.UnixEpoch);
        SqlMapper.HasTypeHandler(typeof(DateTimeOffset)).Should().BeFalse();
    }

    [Test]
    public async Task HostsHandler_ForTimesAsText_ReadsTheHostsTimesAndNotTheLibrarys()
    {
        SqlMapper.AddTypeHandler(new TextTimes());
        var stored = await Some.TenantAsync();

        var read = await Some.Tenants.GetAsync(stored.Id, default);
        using var host = new SqliteConnection("Data Source=:memory:");

        read.CreatedAt.Should().Be(stored.CreatedAt);
        host.QuerySingle<HostRow>("SELECT '2026-05-01T10:00:00+02:00' AS At").At.Should().Be(new DateTimeOffset(2026, 5, 1, 10, 0, 0, TimeSpan.FromHours(2)));
    }

    /// <summary>A text sent as varchar loses the characters that the code page of the database does not have.</summary>
    [Test]
    public async Task HostsTypes_OfTextsAndNumbers_AreNotTheLibrarys()
    {
        SqlMapper.AddTypeMap(typeof(string), DbType.AnsiString);
        SqlMapper.AddTypeMap(typeof(double), DbType.Currency);
        var sent = new List<(object? Value, DbType Type)>();
        using var watched = new EvaluationDatabase(Database.Options, text => new TypesConnection(text, sent));
        var some = new Some(watched);

        var run = await some.ClaimedRunAsync();
        await some.Claims.SaveResultsAsync(run, [Some.Result((await some.UnansweredAsync(run.Id))[0].Id) with { Cost = 0.000001 }], default);

        sent.Where(each => each.Value is string).Should().NotBeEmpty().And.OnlyContain(each => each.Type == DbType.String);
        sent.Where(each => each.Value is double).Should().NotBeEmpty().And.OnlyContain(each => each.Type == DbType.Double);
        sent.Should().NotContain(each => each.Type == DbType.AnsiString);
    }

    /// <summary>A connection that records the parameters of its commands.</summary>
    private sealed class TypesConnection(string connectionString, List<(object? Value, DbType Type)> sent) : LockOrderConnection(connectionString)
    {
        public override SqliteCommand CreateCommand() => Watch(new TypesCommand(sent));

        private sealed class TypesCommand(List<(object? Value, DbType Type)> sent) : WatchedCommand
        {
            public override SqliteDataReader ExecuteReader(CommandBehavior behavior)
            {
                sent.AddRange(Parameters.Cast<SqliteParameter>().Select(parameter => (parameter.Value, parameter.DbType)));
                return base.ExecuteReader(behavior);
            }
        }
    }

    private sealed record HostRow
    {
        public DateTimeOffset At { get; init; }
    }

    private sealed class TextTimes : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => DateTimeOffset.Parse((string)value, CultureInfo.InvariantCulture);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) => parameter.Value = value.ToString("O", CultureInfo.InvariantCulture);
    }
}
