using System.Data;
using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>What happens to a statement that SQL Server fails or cancels, without a real database.</summary>
public sealed class StatementErrorTests
{
    [Test]
    public async Task QueryAsync_ServerClosesEveryConnection_RetriesAndIsAnOutage()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var visits = 0;
        var closing = CloseEveryConnectionAsync();
        using var database = new EvaluationDatabase(new StorageOptions
        {
            Provider = StorageProvider.SqlServer,
            ConnectionString = $"Server=127.0.0.1,{((IPEndPoint)server.LocalEndpoint).Port};User Id=u;Password=p;Pooling=false",
        });

        var read = () => database.QueryAsync<DateTimeOffset>(SqlQuery.ReadDatabaseClock, null, default);

        (await read.Should().ThrowAsync<SqlException>()).Which.IsOutage().Should().BeTrue("a failover must not count as the run's failure");
        visits.Should().BeGreaterThanOrEqualTo(6);
        server.Stop();
        await closing;

        async Task CloseEveryConnectionAsync()
        {
            try
            {
                while (true)
                {
                    using var visitor = await server.AcceptSocketAsync();
                    visitor.LingerState = new LingerOption(true, 0);
                    visits++;
                }
            }
            catch (SocketException)
            {
                // The listener was stopped.
            }
        }
    }

    private static IEnumerable<Exception> CancellationsAsSqlClientReportsThem() =>
    [
        SomeSqlException.Of(SomeSqlException.OperationCancelled),
        new InvalidOperationException("Operation cancelled by user."),
        new DataException("Error parsing column 5 (Input=what the row says)", SomeSqlException.Of(SomeSqlException.OperationCancelled)),
    ];

    [TestCaseSource(nameof(CancellationsAsSqlClientReportsThem))]
    public async Task DbWork_StatementCancelled_IsACancellationAndNoError(Exception exception)
    {
        using var stop = new CancellationTokenSource();
        await using var connection = new FailingConnection(() =>
        {
            stop.Cancel();
            return exception;
        });
        var work = Work(connection, stop.Token);

        var read = () => work.QueryAsync<long>(SqlQuery.ReadDatabaseClock);
        var write = () => work.ExecuteAsync(SqlQuery.DeleteTenant, new { TenantId = 1 });

        (await read.Should().ThrowAsync<OperationCanceledException>("a run stopped with its server must not count as failed"))
            .Which.CancellationToken.Should().Be(stop.Token);
        await write.Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task DbWork_SameErrorWithoutACancellation_StaysAnError()
    {
        await using var connection = new FailingConnection(() => SomeSqlException.Of(SomeSqlException.OperationCancelled));

        var read = () => Work(connection, default).QueryAsync<long>(SqlQuery.ReadDatabaseClock);

        await read.Should().ThrowAsync<SqlException>();
    }

    [Test]
    public async Task DbWork_ConnectionFailsInTheMiddleOfARow_IsAConnectionError()
    {
        await using var connection = new FailingConnection(
            () => new DataException("Error parsing column 5 (Input=what the row says)", SomeSqlException.Of(SomeSqlException.DeadlockVictim)));

        var read = () => Work(connection, default).QueryAsync<long>(SqlQuery.ReadDatabaseClock);

        (await read.Should().ThrowAsync<SqlException>()).Which.ToString().Should().NotContain("what the row says");
    }

    private static DbWork Work(DbConnection connection, CancellationToken cancellationToken) =>
        new(connection, null, SqlCatalog.Load(StorageProvider.Sqlite), TimeSpan.FromSeconds(30), cancellationToken);

    /// <summary>A connection whose every statement fails in the same way.</summary>
    private sealed class FailingConnection(Func<Exception> error) : SqliteConnection("Data Source=:memory:")
    {
        public override SqliteCommand CreateCommand() => new FailingCommand(error) { Connection = this };

        private sealed class FailingCommand(Func<Exception> error) : SqliteCommand
        {
            public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => throw error();

            protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) => throw error();
        }
    }
}
