using System.Data;
using System.Globalization;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>A host may have its own way to read times with Dapper, whose type handlers belong to the whole process.</summary>
[NonParallelizable]
public sealed class HostTimesTests : DatabaseFixture<SqliteTestDatabase>
{
    [TearDown]
    public void ForgetHandlers() => SqlMapper.ResetTypeHandlers();

    [Test]
    public async Task Queries_OfTheLibrary_LeaveNoTypeHandlerBehind()
    {
        var tenant = await Some.TenantAsync();

        tenant.CreatedAt.Should().BeAfter(DateTimeOffset.UnixEpoch);
        SqlMapper.HasTypeHandler(typeof(DateTimeOffset)).Should().BeFalse();
    }

    [Test]
    public async Task HostsHandler_ForTimesAsText_ReadsTheHostsTimesAndNotOurs()
    {
        SqlMapper.AddTypeHandler(new TextTimes());
        var stored = await Some.TenantAsync();

        var read = await Some.Tenants.GetAsync(stored.Id, default);
        using var host = new SqliteConnection("Data Source=:memory:");

        read.CreatedAt.Should().Be(stored.CreatedAt);
        host.QuerySingle<HostRow>("SELECT '2026-05-01T10:00:00+02:00' AS At").At.Should().Be(new DateTimeOffset(2026, 5, 1, 10, 0, 0, TimeSpan.FromHours(2)));
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
