using System.Collections.Concurrent;
using System.Diagnostics;
using Dapper;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Several real servers on one database with one agent that remembers who asked what, three healthy tenants whose backlog is kept up
/// and a poisoned one; servers are killed and restarted, or paused beyond their lease.
/// </summary>
public sealed class ServerFarm : IAsyncDisposable
{
    public const string PoisonedTenant = "poisoned";
    public const int Workers = 2;
    public const int CasesPerRun = 40;
    public const int MaxAttempts = 10;
    private const int Seats = 3;
    private const int MaxParallelCases = 4;
    private const int BacklogPerTenant = 5;

    /// <summary>Answers of one run that a worker may hold unstored: under way, waiting in the channel (64), being stored (64).</summary>
    public const int UnstoredPerRun = MaxParallelCases + 64 + 64;

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    public static readonly string[] HealthyTenants = ["healthy-1", "healthy-2", "healthy-3"];

    private readonly TestDatabase _database;
    private readonly ConcurrentDictionary<string, long> _runOfVersion = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Ask> _asks = new();
    private readonly List<ServerLife> _lives = [];
    private readonly ServerLife[] _seats = new ServerLife[Seats];
    private readonly List<Tenant> _healthy = [];
    private readonly Random _random;
    private readonly string? _program;
    private Some _some = null!;
    private TestAgentServer _agent = null!;
    private int _versions;

    private ServerFarm(TestDatabase database, int seed, string? program)
    {
        _database = database;
        _random = new Random(seed);
        _program = program;
    }

    public TestDatabase Database => _database;

    /// <summary>Whether a server can be paused for certain without a lock that others need: only where the test can hold all writers.</summary>
    public bool CanPause => _database is SqliteTestDatabase;

    public Tenant Poisoned { get; private set; } = null!;

    /// <summary>Every server there ever was.</summary>
    public IReadOnlyList<ServerLife> Lives => _lives;

    /// <summary>The servers there are now.</summary>
    public IReadOnlyList<ServerLife> Living => _seats;

    /// <summary>How many runs were created.</summary>
    public int RunCount => _runOfVersion.Count;

    public int Pauses { get; private set; }

    /// <param name="database">Not yet created; the farm drops it at its end.</param>
    /// <param name="seed">Repeats the choices of an earlier farm.</param>
    /// <param name="program">Folder of the servers' program; null means the one that was built.</param>
    public static async Task<ServerFarm> StartAsync(TestDatabase database, int seed, string? program = null)
    {
        var farm = new ServerFarm(database, seed, program);
        await farm._database.CreateAsync();
        farm._some = new Some(farm._database.Database);
        farm._agent = await TestAgentServer.StartAsync(farm.AnswerAsync);
        foreach (var slug in HealthyTenants)
        {
            farm._healthy.Add(await farm._some.TenantAsync(slug));
            await farm._some.SuiteAsync(farm._healthy[^1], CasesPerRun);
        }

        farm.Poisoned = await farm._some.TenantAsync(PoisonedTenant);
        await farm._some.SuiteAsync(farm.Poisoned, cases: 5);
        await farm.FeedAsync();
        for (var seat = 0; seat < Seats; seat++)
            farm.Restart(seat);
        return farm;
    }

    /// <summary>Keeps every tenant's backlog up, so that there is always work to interrupt.</summary>
    public async Task FeedAsync()
    {
        foreach (var tenant in _healthy)
            await FeedAsync(tenant, BacklogPerTenant);
        await FeedAsync(Poisoned, 1);
    }

    /// <summary>After a moment, kills one server and starts another: mostly one that is at work, sometimes one that is still starting.</summary>
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

        var life = _seats[seat];
        life.Server.HasExited.Should().BeFalse("a server must not end by itself; its log ends with {0}", LastWords(life));
        life.KilledAt = DateTimeOffset.UtcNow;
        await life.Server.KillAsync();
        life.StoredAtDeath = await StoredAsync();
        Restart(seat);
    }

    /// <summary>
    /// SIGSTOP with finished answers in hand that are not stored, until others have ended the runs they belong to; then SIGCONT, until the
    /// woken process has written about those runs or given up.
    /// </summary>
    /// <remarks>While the test holds the write lock nobody stores, so answers pile up, and the paused server cannot have the lock.</remarks>
    public async Task PauseOneBeyondItsLeaseAsync(CancellationToken cancellationToken)
    {
        ServerLife? life = null;
        HashSet<long> inHand = [];
        for (var attempt = 0; life is null; attempt++)
        {
            attempt.Should().BeLessThan(100, "some server must be found at work");
            await Task.Delay(_random.Next(20, 300), cancellationToken);
            await using var writer = await ((SqliteTestDatabase)_database).HoldWriterAsync();
            var waited = Stopwatch.StartNew();
            while (life is null && waited.Elapsed < TimeSpan.FromSeconds(1))
            {
                await Task.Delay(20, cancellationToken);
                (life, inHand) = await FindOneWithAnswersInHandAsync();
            }

            if (life is null)
                continue;
            await life.Server.PauseAsync();
            life.StoredAtPause = await StoredAsync();
        }

        Pauses++;
        try
        {
            await WaitUntilEndedAsync(inHand, cancellationToken);
        }
        finally
        {
            await life.Server.ResumeAsync();
        }

        foreach (var runId in inHand)
            await life.Server.WaitForLogAsync($"run {runId}, attempt .*(was cancelled or taken over|The attempt failed|Completed:)", cancellationToken);
    }

    /// <param name="runIds">The runs to wait for; null means all.</param>
    /// <param name="cancellationToken">The test's time is over.</param>
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
                Assert.Fail($"{left} runs have not ended after 3 minutes without a kill.\n{string.Join('\n', _seats.Select(LastWords))}");
            await Task.Delay(250, cancellationToken);
        }
    }

    /// <summary>What has a result, by run and question.</summary>
    public async Task<HashSet<(long RunId, string Input)>> StoredAsync()
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        return [.. await connection.QueryAsync<(long, string)>($"SELECT x.RunId, c.Input FROM {_database.Schema}TestCaseResult x JOIN {_database.Schema}TestCase c ON c.Id = x.TestCaseId")];
    }

    /// <summary>Every question asked for these tenants, each with its askers in order.</summary>
    public IEnumerable<IGrouping<(long RunId, string Input), Ask>> AsksOf(params string[] tenants) =>
        _asks.Where(ask => tenants.Contains(ask.Tenant)).GroupBy(ask => (ask.RunId, ask.Input));

    public static string LastWords(ServerLife life) => string.Join('\n', life.Server.Log.TakeLast(10));

    public async ValueTask DisposeAsync()
    {
        foreach (var life in _lives)
            await life.Server.DisposeAsync();
        await _agent.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>The agent: remembers who asked what, then answers like one that thinks for a moment.</summary>
    private async Task AnswerAsync(HttpContext context, RecordedRequest request)
    {
        var parts = request.PathAndQuery.Split('/');
        _asks.Enqueue(new Ask(parts[1], _runOfVersion[parts[2]], Behave.Question(request), request.Headers["X-Life"]));
        await Task.Delay(Random.Shared.Next(10, 30), context.RequestAborted);
        if (parts[1] == PoisonedTenant)
            await Behave.Status(500, "poisoned")(context, request);
        else
            await Behave.RightAnswer(context, request);
    }

    private async Task FeedAsync(Tenant tenant, int backlog)
    {
        var pending = await _database.ScalarAsync<int>($"SELECT COUNT(*) FROM {_database.Schema}EvaluationRun WHERE TenantId = @Id AND Status = 'PENDING'", new { tenant.Id });
        for (; pending < backlog; pending++)
        {
            // Known before a worker can see the run: the next id is certain, since only the test creates runs.
            var version = $"v{++_versions}";
            _runOfVersion[version] = _versions;
            var target = $$$"""{"type":"http","url":"{{{_agent.Url}}}{{{tenant.Slug}}}/{{{version}}}","replyPath":"reply","headers":{"X-Life":"{{secret:life}}"}}""";
            (await _some.PendingRunAsync(tenant, genome: Some.Genome(target))).Id.Should().Be(_versions);
        }
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
            ("Execution:MaxParallelCases", $"{MaxParallelCases}"),
            .. HealthyTenants.Append(PoisonedTenant).Select(slug => ($"Secrets:{slug}:life", name)),
        ];
        _seats[seat] = new ServerLife(ServerProcess.Start(name, _database, settings, _program));
        _lives.Add(_seats[seat]);
    }

    private bool HasAsked(ServerLife life) => _asks.Any(ask => ask.Life == life.Name);

    /// <summary>More unstored questions of one run than can be under way: at least one of them is answered.</summary>
    private async Task<(ServerLife? Life, HashSet<long> RunIds)> FindOneWithAnswersInHandAsync()
    {
        var stored = await StoredAsync();
        var unstored = AsksOf(HealthyTenants).Where(asks => !stored.Contains(asks.Key)).Select(asks => asks.Last()).ToList();
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        foreach (var life in _seats.OrderBy(_ => _random.Next()))
        {
            var held = await connection.QueryAsync<long>(
                $"SELECT Id FROM {_database.Schema}EvaluationRun WHERE Status = 'RUNNING' AND LeaseOwner LIKE @Owner", new { Owner = $"%:{life.Server.Id}:%" });
            var runs = unstored.Where(ask => ask.Life == life.Name && held.Contains(ask.RunId)).CountBy(ask => ask.RunId)
                .Where(run => run.Value > MaxParallelCases).Select(run => run.Key).ToHashSet();
            if (runs.Count > 0)
                return (life, runs);
        }

        return (null, []);
    }
}
