using System.Net;
using System.Net.Sockets;
using EvalJobs.Data;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Server;

/// <summary>A start while the database server is not available: a limited wait, then an error in one sentence.</summary>
public sealed class UnreachableDatabaseTests
{
    private string _connectionString;
    private Socket _closed;

    [SetUp]
    public void ReservePort()
    {
        _closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _connectionString =
            $"Server=tcp:127.0.0.1,{((IPEndPoint)_closed.LocalEndPoint!).Port};Database=EvalJobs;User Id=x;Password=topsecret;Connect Timeout=1;Connect Retry Count=0";
    }

    [TearDown]
    public void ReleasePort() => _closed.Dispose();

    [Test]
    [CancelAfter(60_000)]
    public async Task WaitAsync_NoServer_RetriesWithWarningsAndThenGivesUp(CancellationToken cancellationToken)
    {
        var log = new ListLogger<DatabaseReadiness>();
        var readiness = new DatabaseReadiness(new StorageOptions { StartupTimeout = TimeSpan.FromSeconds(10) }, new LeapingClock(), log);

        (await FluentActions.Awaiting(() => readiness.WaitAsync(_connectionString, cancellationToken))
            .Should().ThrowAsync<DatabaseUnreachableException>().WithMessage("*EvalJobs*127.0.0.1*"))
            .Which.ToString().Should().NotContain("topsecret");
        log.Lines.Should().HaveCount(3, "after pauses of 1, 2 and 4 s a pause of 8 s would end too late").And.OnlyContain(line => line.Level == LogLevel.Warning && line.Text.Contains("Trying again"))
            .And.NotContain(line => line.Text.Contains("topsecret"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task WaitAsync_Cancelled_StopsWaiting(CancellationToken cancellationToken)
    {
        var readiness = new DatabaseReadiness(new StorageOptions { StartupTimeout = TimeSpan.FromHours(1) }, TimeProvider.System, new ListLogger<DatabaseReadiness>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(500);

        await FluentActions.Awaiting(() => readiness.WaitAsync(_connectionString, stop.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [TestCase("serve")]
    [TestCase("migrate")]
    [TestCase("tenant", "list")]
    public async Task Command_NoServer_FailsWithoutShowingThePassword(params string[] command)
    {
        using var cli = new Cli();
        cli.Environment["EvalJobs__Storage__Provider"] = "SqlServer";
        cli.Environment["EvalJobs__Storage__ConnectionString"] = _connectionString;
        cli.Environment["EvalJobs__Storage__StartupTimeout"] = "00:00:00";
        cli.Environment["Urls"] = "http://127.0.0.1:0";

        var answer = await cli.RunProcessAsync(command);

        answer.ExitCode.Should().Be(ExitCode.Broken, answer.Output + answer.Error);
        answer.Error.Should().Contain("error: ");
        (answer.Output + answer.Error).Should().NotContain("topsecret");
    }

    /// <summary>A clock that advances at once by exactly the requested wait.</summary>
    private sealed class LeapingClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref _ticks, dueTime.Ticks);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    private sealed class ListLogger<T> : ILogger<T>
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
