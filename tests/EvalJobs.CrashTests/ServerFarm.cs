using System.Data.Common;
using System.Diagnostics;
using Dapper;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Several real servers on one database, with one agent that records which server asked what, three healthy tenants with a steady backlog
/// and a poisoned one. Servers are killed and restarted, or paused beyond their lease.
/// </summary>
public sealed class ServerFarm : IAsyncDisposable
{
    public const string PoisonedTenant = "poisoned";

    /// <summary>Its agent kills the server that asks.</summary>
    public const string KillerTenant = "killer";

    public const int Workers = 2;
    public const int MaxAttempts = 10;

    /// <summary>More than the number of times that random kills hit the same healthy run in a row.</summary>
    public const int PoisonDeaths = 8;

    /// <summary>
    /// Cases of the first tenant's runs: far more than can be lost at once; otherwise a server that stores nothing before the end of a
    /// run would not be detected.
    /// </summary>
    public const int CasesOfALongRun = 300;

    private const int CasesOfAShortRun = 40;
    private const int Seats = 3;
    private const int MaxParallelCases = 4;
    private const int BacklogPerTenant = 5;

    /// <summary>The answers of one run that a worker may not have stored yet: requested, waiting to be stored, or being stored.</summary>
    public const int UnstoredPerRun = MaxParallelCases + (2 * RunExecutor.MaxBatch);

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    public static readonly string[] HealthyTenants = ["healthy-1", "healthy-2", "healthy-3"];

    private readonly TestDatabase _database;
    private readonly HashSet<int> _seenStored = [];
    private readonly List<ServerLife> _lives = [];
    private readonly ServerLife[] _seats = new ServerLife[Seats];
    private readonly List<Tenant> _healthy = [];
    private readonly SemaphoreSlim _killing = new(1);
    private readonly Random _random;
    private readonly string? _program;
    private Some _some = null!;
    private FarmAgent _agent = null!;

    private ServerFarm(TestDatabase database, int seed, string? program)
    {
        _database = database;
        _random = new Random(seed);
        _program = program;
    }

    public TestDatabase Database => _database;

    /// <summary>Whether a server can be paused with certainty while it holds no lock that others need: only where the test can block all writers.</summary>
    public bool CanPause => _database is SqliteTestDatabase;

    public Tenant Poisoned { get; private set; } = null!;

    /// <summary>The tenant with one run, which kills each server that works it.</summary>
    public Tenant Killer { get; private set; } = null!;

    /// <summary>Every server that was ever started.</summary>
    public IReadOnlyList<ServerLife> Lives => _lives;

    /// <summary>The servers that run now.</summary>
    public IReadOnlyList<ServerLife> Living => _seats;

    /// <summary>The number of runs that were created.</summary>
    public int RunCount { get; private set; }

    public int Pauses { get; private set; }

    /// <summary>Ids of the requests whose answers the farm has ever seen in the database.</summary>
    public IReadOnlySet<int> SeenStored => _seenStored;

    /// <param name="database">A database that is not created yet; the farm drops it when it is disposed.</param>
    /// <param name="seed">The seed of the random choices; the seed of an earlier farm repeats its choices.</param>
    /// <param name="program">Folder of the servers' program; null means the folder of the build.</param>
    public static async Task<ServerFarm> StartAsync(TestDatabase database, int seed, string? program = null)
    {
        var farm = new ServerFarm(database, seed, program);
        await farm._database.CreateAsync();
        farm._some = new Some(farm._database.Database);
        farm._agent = await FarmAgent.StartAsync(farm.KillAskerAsync);
        foreach (var slug in HealthyTenants)
        {
            farm._healthy.Add(await farm._some.TenantAsync(slug));
            await farm._some.SuiteAsync(farm._healthy[^1], slug == HealthyTenants[0] ? CasesOfALongRun : CasesOfAShortRun, scoring: "contains");
        }

        farm.Poisoned = await farm._some.TenantAsync(PoisonedTenant);
        await farm._some.SuiteAsync(farm.Poisoned, cases: 5);
        farm.Killer = await farm._some.TenantAsync(KillerTenant);
        await farm._some.SuiteAsync(farm.Killer, cases: 2);
        await farm.FeedAsync(farm.Killer, 1);
        await farm.FeedAsync();
        for (var seat = 0; seat < Seats; seat++)
            farm.Restart(seat);
        return farm;
    }

    /// <summary>Keeps a backlog for every tenant, so that there is always work to interrupt.</summary>
    public async Task FeedAsync()
    {
        foreach (var tenant in _healthy)
            await FeedAsync(tenant, BacklogPerTenant);
        await FeedAsync(Poisoned, 1);
    }

    /// <summary>After a short delay, kills one server and starts another. In most cases the killed server is working, sometimes it is still starting.</summary>
    public async Task KillOneAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_random.Next(500, 1800), cancellationToken);
        var seat = _random.Next(Seats);
        var waited = Stopwatch.StartNew();
        while (_random.Next(5) > 0 && !HasAsked(_seats[seat]) && waited.Elapsed < TimeSpan.FromSeconds(5))
        {
            await Task.Delay(100, cancellationToken);
            seat = _random.Next(Seats);
        }

        await KillAsync(seat);
    }

    /// <summary>
    /// Kills a server that has asked most of a long run, but not all, in one attempt, and starts another: if the answers were not stored
    /// as they arrive, this would lose more than <see cref="UnstoredPerRun"/>.
    /// </summary>
    public async Task KillOneLateInALongRunAsync(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        int? seat;
        while ((seat = await FindOneLateInALongRunAsync()) is null)
        {
            waited.Elapsed.Should().BeLessThan(TimeSpan.FromMinutes(2), "there must always be a long run to work");
            await Task.Delay(20, cancellationToken);
        }

        await KillAsync(seat.Value);
    }

    /// <summary>
    /// Sends SIGSTOP to a server that has unstored answers, and waits until others have ended the runs of these answers. Then sends SIGCONT,
    /// and waits until the resumed process has written to those runs or stopped.
    /// </summary>
    /// <remarks>While the test holds the write lock no server can store, so answers accumulate, and the paused server cannot hold the lock.</remarks>
    public async Task PauseOneBeyondItsLeaseAsync(CancellationToken cancellationToken)
    {
        ServerLife? life = null;
        HashSet<long> unstored = [];
        for (var attempt = 0; life is null; attempt++)
        {
            attempt.Should().BeLessThan(100, "some server must be working");
            await Task.Delay(_random.Next(20, 300), cancellationToken);
            await using var writer = await ((SqliteTestDatabase)_database).HoldWriterAsync();
            var waited = Stopwatch.StartNew();
            while (life is null && waited.Elapsed < TimeSpan.FromSeconds(1))
            {
                await Task.Delay(20, cancellationToken);
                (life, unstored) = await FindOneWithAnswersInHandAsync();
            }

            if (life is null)
                continue;
            await life.Server.PauseAsync();
            await RememberStoredAsync();
        }

        Pauses++;
        try
        {
            await WaitUntilEndedAsync(unstored, cancellationToken);
        }
        finally
        {
            await life.Server.ResumeAsync();
        }

        foreach (var runId in unstored)
            await life.Server.WaitForLogAsync($"run {runId}, attempt .*(was cancelled or taken over|Attempt failed|Completed:)", cancellationToken);
    }

    /// <param name="runIds">The runs to wait for; null means all.</param>
    /// <param name="cancellationToken">Cancelled when the time of the test is over.</param>
    public async Task WaitUntilEndedAsync(IReadOnlyCollection<long>? runIds, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            await using var connection = await _database.Database.OpenAsync(cancellationToken);
            var left = (await connection.QueryAsync<long>($"SELECT Id FROM {_database.Schema}EvaluationRun WHERE Status IN ('PENDING', 'RUNNING')"))
                .Count(id => runIds is null || runIds.Contains(id));
            if (left == 0)
                return;
            if (waited.Elapsed > TimeSpan.FromMinutes(3))
                Assert.Fail($"{left} runs have not ended after 3 minutes without a kill.\n{string.Join('\n', _seats.Select(EndOfLog))}");
            await Task.Delay(250, cancellationToken);
        }
    }

    /// <summary>Adds the currently stored answers to <see cref="SeenStored"/>.</summary>
    public async Task RememberStoredAsync() => _seenStored.UnionWith(await StoredAsync());

    /// <summary>Every question that was asked for these tenants, each with its requests in order.</summary>
    public IEnumerable<IGrouping<(long RunId, string Input), Ask>> AsksOf(params string[] tenants) =>
        _agent.Asks.Where(ask => tenants.Contains(ask.Tenant)).GroupBy(ask => (ask.RunId, ask.Input));

    public static string EndOfLog(ServerLife life) => string.Join('\n', life.Server.Log.TakeLast(10));

    public async ValueTask DisposeAsync()
    {
        foreach (var life in _lives)
            await life.Server.DisposeAsync();
        await _agent.DisposeAsync();
        await _database.DisposeAsync();
        _killing.Dispose();
    }

    private async Task FeedAsync(Tenant tenant, int backlog)
    {
        var pending = await _database.ScalarAsync<int>($"SELECT COUNT(*) FROM {_database.Schema}EvaluationRun WHERE TenantId = @Id AND Status = 'PENDING'", new { tenant.Id });
        for (; pending < backlog; pending++)
        {
            // The id is known before a worker can see the run, because only the test creates runs.
            var run = ++RunCount;
            (await _some.PendingRunAsync(tenant, genome: _agent.Genome(tenant, run))).Id.Should().Be(run);
        }
    }

    /// <summary>Kills the server that asked the killer's agent, and starts another.</summary>
    private async Task KillAskerAsync(string name)
    {
        await _killing.WaitAsync();
        try
        {
            var seat = Array.FindIndex(_seats, life => life.Name == name);
            if (seat >= 0)
                await KillSeatAsync(seat);
        }
        finally
        {
            _killing.Release();
        }
    }

    private async Task KillAsync(int seat)
    {
        await _killing.WaitAsync();
        try
        {
            await KillSeatAsync(seat);
        }
        finally
        {
            _killing.Release();
        }
    }

    private async Task KillSeatAsync(int seat)
    {
        var life = _seats[seat];
        life.Server.HasExited.Should().BeFalse("a server must not end by itself; its log ends with {0}", EndOfLog(life));
        life.KilledAt = DateTimeOffset.UtcNow;
        await life.Server.KillAsync();
        await RememberStoredAsync();
        Restart(seat);
    }

    private void Restart(int seat)
    {
        var name = $"life-{_lives.Count + 1}";
        (string, string)[] settings =
        [
            ("Dispatch:BatchLimit", "3"),
            ("Hangfire:Pools:evaluations", $"{Workers}"),
            ("Execution:Lease", $"{Lease}"),
            ("Execution:MaxAttempts", $"{MaxAttempts}"),
            ("Execution:PoisonDeaths", $"{PoisonDeaths}"),

            // The poisoned tenant's agent always answers 500: its runs must end within the time of the test.
            ("Agents:OutageInterval", "00:00:01"),
            ("Agents:OutagePatience", "00:00:00"),
            ("Execution:MaxParallelCases", $"{MaxParallelCases}"),
            .. HealthyTenants.Append(PoisonedTenant).Append(KillerTenant).Select(slug => ($"Secrets:{slug}:life", name)),
        ];
        _seats[seat] = new ServerLife(ServerProcess.Start(name, _database, settings, _program));
        _lives.Add(_seats[seat]);
    }

    /// <summary>Ids of the requests whose answers have a row.</summary>
    private async Task<HashSet<int>> StoredAsync()
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        var answers = await connection.QueryAsync<string>($"SELECT Output FROM {_database.Schema}TestCaseResult WHERE Output IS NOT NULL");
        return [.. answers.Select(FarmAgent.AskingOf)];
    }

    private bool HasAsked(ServerLife life) => _agent.Asks.Any(ask => ask.Life == life.Name);

    /// <summary>The seat of a server that is in the last third of a long run that it holds now, but not about to end it.</summary>
    private async Task<int?> FindOneLateInALongRunAsync()
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        for (var seat = 0; seat < Seats; seat++)
        {
            var life = _seats[seat];
            var held = await HeldByAsync(connection, life);
            if (_agent.Asks.Where(ask => ask.Life == life.Name && ask.Tenant == HealthyTenants[0] && held.Contains(ask.RunId))
                .CountBy(ask => ask.RunId).Any(run => run.Value is > UnstoredPerRun * 3 / 2 and < CasesOfALongRun * 9 / 10))
                return seat;
        }

        return null;
    }

    /// <summary>More unstored questions of one run than can be open, so at least one of them is answered.</summary>
    private async Task<(ServerLife? Life, HashSet<long> RunIds)> FindOneWithAnswersInHandAsync()
    {
        var stored = await StoredAsync();
        var unstored = AsksOf(HealthyTenants).Select(asks => asks.Last()).Where(ask => !stored.Contains(ask.Id)).ToList();
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        foreach (var life in _seats.OrderBy(_ => _random.Next()))
        {
            var held = await HeldByAsync(connection, life);
            var runs = unstored.Where(ask => ask.Life == life.Name && held.Contains(ask.RunId)).CountBy(ask => ask.RunId)
                .Where(run => run.Value > MaxParallelCases).Select(run => run.Key).ToHashSet();
            if (runs.Count > 0)
                return (life, runs);
        }

        return (null, []);
    }
    /// <summary>The runs that the server works now.</summary>
    private async Task<List<long>> HeldByAsync(DbConnection connection, ServerLife life) => (await connection.QueryAsync<long>(
        $"SELECT Id FROM {_database.Schema}EvaluationRun WHERE Status = 'RUNNING' AND LeaseOwner LIKE @Owner", new { Owner = $"%:{life.Server.Id}:%" })).AsList();
}
