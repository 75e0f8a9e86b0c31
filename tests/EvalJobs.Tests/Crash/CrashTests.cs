using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Dapper;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Several real servers on one database, killed at random moments and restarted, some paused beyond their lease and resumed, one
/// tenant poisoned. Nothing may be lost, nothing doubled, and no stored answer may be paid for again.
/// </summary>
/// <remarks><c>EVALJOBS_TEST_KILLS</c> sets the number of kills for a longer run, <c>EVALJOBS_TEST_SEED</c> repeats a run's choices.</remarks>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
[Platform(Exclude = "Win", Reason = "needs SIGSTOP and SIGCONT")]
[NonParallelizable]
public sealed partial class CrashTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Servers = 3;
    private const int Workers = 2;
    private const int MaxParallelCases = 4;
    private const int CasesPerRun = 40;
    private const int BacklogPerTenant = 5;
    private const int MaxAttempts = 10;

    /// <summary>Answers of one run that a worker may hold unstored: under way, waiting in the channel (64), being stored (64).</summary>
    private const int UnstoredPerRun = MaxParallelCases + 64 + 64;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private static readonly string[] HealthyTenants = ["healthy-1", "healthy-2", "healthy-3"];

    private readonly ConcurrentDictionary<string, long> _runOfVersion = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Ask> _asks = new();
    private readonly List<Life> _lives = [];
    private readonly Life?[] _seats = new Life?[Servers];
    private readonly List<Tenant> _healthy = [];

    private TDatabase _database = null!;
    private Some _some = null!;
    private TestAgentServer _agent = null!;
    private Tenant _poisoned = null!;
    private Random _random = null!;
    private int _versions;
    private int _pauses;

    [SetUp]
    public async Task Create()
    {
        _database = new TDatabase();
        await _database.CreateAsync();
        _some = new Some(_database.Database);
        _agent = await TestAgentServer.StartAsync(AnswerAsync);
        foreach (var slug in HealthyTenants)
        {
            _healthy.Add(await _some.TenantAsync(slug));
            await _some.SuiteAsync(_healthy[^1], CasesPerRun);
        }

        _poisoned = await _some.TenantAsync("poisoned");
        await _some.SuiteAsync(_poisoned, cases: 5);
    }

    [TearDown]
    public async Task Drop()
    {
        foreach (var life in _lives)
            await life.Server.DisposeAsync();
        if (_agent is not null)
            await _agent.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    [CancelAfter(3_600_000)]
    public async Task Servers_KilledAndPausedAtRandom_LoseNothingAndDoubleNothing(CancellationToken cancellationToken)
    {
        var kills = Setting("EVALJOBS_TEST_KILLS", 30);
        var seed = Setting("EVALJOBS_TEST_SEED", Random.Shared.Next());
        _random = new Random(seed);
        await TestContext.Progress.WriteLineAsync($"Crash test: {kills} kills, seed {seed}");
        var clock = Stopwatch.StartNew();

        await FeedAsync();
        for (var seat = 0; seat < Servers; seat++)
            Restart(seat);
        for (var kill = 1; kill <= kills; kill++)
        {
            await Task.Delay(_random.Next(500, 1800), cancellationToken);
            await KillOneAsync(cancellationToken);
            await FeedAsync();
            if (kill % 15 == 8)
                await PauseOneBeyondItsLeaseAsync(cancellationToken);
        }

        var chaos = clock.Elapsed;
        await WaitUntilAllEndedAsync(cancellationToken);
        foreach (var life in _seats)
            (await life!.Server.StopAsync()).Should().Be(0, "a server without work stops cleanly; its log ends with {0}", string.Join('\n', life.Server.Log.TakeLast(5)));

        var runs = await RunsAsync();
        var account = await AccountForRepeatsAsync();
        await ReportAsync(kills, runs, account, chaos, clock.Elapsed);

        (await Invariants.CheckAsync(_database)).Should().BeEmpty();
        runs.Should().HaveCount(_runOfVersion.Count, "no run is lost and none appears");
        runs.Where(run => run.TenantId != _poisoned.Id).Should().OnlyContain(
            run => run.Status == "COMPLETED" && run.PassedCount == CasesPerRun, "a crash is not the agent's fault");
        runs.Where(run => run.TenantId == _poisoned.Id).Should().OnlyContain(run => run.Status == "FAILED", "its agent never answers");
        account.Unexplained.Should().BeEmpty("only what was not yet stored when its worker died or lost its lease may be asked again");
        account.MostLostInOneKill.Should().BeLessThanOrEqualTo(Workers * UnstoredPerRun);
        account.AskedByZombies.Should().BeLessThanOrEqualTo(account.ZombieRuns * UnstoredPerRun);
        AsksOf("poisoned").Should().OnlyContain(asks => asks.Count() <= MaxAttempts, "a poisoned case is asked once an attempt");
        account.TakenFromZombies.Should().BePositive("what a process paused beyond its lease had in hand is asked again, or the test tests nothing");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    /// <summary>The agent: remembers who asked what, then answers like one that thinks for a moment.</summary>
    private async Task AnswerAsync(HttpContext context, RecordedRequest request)
    {
        var parts = request.PathAndQuery.Split('/');
        var input = request.Json.GetProperty("input").GetString()!;
        _asks.Enqueue(new Ask(parts[1], parts[2], input, request.Headers["X-Life"]));
        await Task.Delay(Random.Shared.Next(10, 30), context.RequestAborted);
        if (parts[1] == "poisoned")
            await Behave.Status(500, "poisoned")(context, request);
        else
            await Behave.Json($$"""{"reply":"{{input.Replace("question", "answer", StringComparison.Ordinal)}}"}""")(context, request);
    }

    /// <summary>Keeps every tenant's backlog up, so that there is always work to interrupt.</summary>
    private async Task FeedAsync()
    {
        foreach (var tenant in _healthy)
            await FeedAsync(tenant, BacklogPerTenant);
        await FeedAsync(_poisoned, 1);
    }

    private async Task FeedAsync(Tenant tenant, int backlog)
    {
        var pending = await _database.ScalarAsync<int>($"SELECT COUNT(*) FROM {_database.Schema}EvaluationRun WHERE TenantId = @Id AND Status = 'PENDING'", new { tenant.Id });
        for (; pending < backlog; pending++)
        {
            var version = $"v{++_versions}";
            var target = $$$"""{"type":"http","url":"{{{_agent.Url}}}{{{tenant.Slug}}}/{{{version}}}","replyPath":"reply","headers":{"X-Life":"{{secret:life}}"}}""";
            _runOfVersion[version] = (await _some.PendingRunAsync(tenant, genome: Some.Genome(target))).Id;
        }
    }

    private void Restart(int seat)
    {
        var name = $"life-{_lives.Count + 1}";
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["EvalJobs:Storage:Provider"] = $"{_database.Options.Provider}",

            // Our own storage is on trial, not Hangfire's.
            ["EvalJobs:Hangfire:Storage"] = "InMemory",
            ["EvalJobs:Storage:ConnectionString"] = _database.Options.ConnectionString,
            ["EvalJobs:Dispatch:Cron"] = "* * * * * *",
            ["EvalJobs:Dispatch:BatchLimit"] = "3",
            ["EvalJobs:Hangfire:SchedulePollingInterval"] = "00:00:01",
            ["EvalJobs:Hangfire:Pools:evaluations"] = $"{Workers}",
            ["EvalJobs:Execution:Lease"] = $"{Lease}",
            ["EvalJobs:Execution:RetryBackoff"] = "00:00:00",
            ["EvalJobs:Execution:MaxAttempts"] = $"{MaxAttempts}",
            ["EvalJobs:Execution:MaxParallelCases"] = $"{MaxParallelCases}",
            ["EvalJobs:Agents:AllowedHosts:0"] = "127.0.0.1",
            ["EvalJobs:Agents:MaxRetries"] = "0",
        };
        foreach (var slug in HealthyTenants.Append("poisoned"))
            settings[$"EvalJobs:Secrets:{slug}:life"] = name;

        _seats[seat] = new Life(ServerProcess.Start(name, settings));
        _lives.Add(_seats[seat]!);
    }

    /// <summary>Mostly one that is at work, sometimes one that is still starting.</summary>
    private async Task KillOneAsync(CancellationToken cancellationToken)
    {
        var seat = _random.Next(Servers);
        var waited = Stopwatch.StartNew();
        while (_random.Next(5) > 0 && !HasAsked(_seats[seat]!) && waited.Elapsed < TimeSpan.FromSeconds(5))
        {
            await Task.Delay(100, cancellationToken);
            seat = _random.Next(Servers);
        }

        var life = _seats[seat]!;
        life.Server.HasExited.Should().BeFalse("a server must not end by itself; its log ends with {0}", string.Join('\n', life.Server.Log.TakeLast(20)));
        life.KilledAt = DateTimeOffset.UtcNow;
        await life.Server.KillAsync();
        life.StoredAtDeath = await StoredAsync();
        Restart(seat);
    }

    private bool HasAsked(Life life) => _asks.Any(ask => ask.Life == life.Name);

    /// <summary>SIGSTOP for longer than the lease, with unstored answers in hand but not with the database's write lock.</summary>
    private async Task PauseOneBeyondItsLeaseAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            await Task.Delay(_random.Next(20, 200), cancellationToken);
            var life = _seats[_random.Next(Servers)]!;
            if (!await HoldsUnstoredAnswersAsync(life))
                continue;

            await life.Server.PauseAsync();
            try
            {
                if (!await _database.IsWritableAsync() || !await HoldsUnstoredAnswersAsync(life))
                    continue;

                _pauses++;
                life.StoredAtPause = await StoredAsync();
                await Task.Delay(Lease + TimeSpan.FromSeconds(2.5), cancellationToken);
            }
            finally
            {
                await life.Server.ResumeAsync();
            }

            // Time to do damage in, before it is killed.
            await Task.Delay(1500, cancellationToken);
            return;
        }

        Assert.Fail("No server was found at work in 200 looks.");
    }

    private async Task<bool> HoldsUnstoredAnswersAsync(Life life)
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        var held = await connection.QueryAsync<long>(
            $"SELECT Id FROM {_database.Schema}EvaluationRun WHERE Status = 'RUNNING' AND LeaseOwner LIKE @Owner", new { Owner = $"%:{life.Server.Id}:%" });
        var stored = await StoredAsync();
        return AsksOf(HealthyTenants).Any(asks => held.Contains(asks.Key.RunId) && !stored.Contains(asks.Key) && asks.Last().Life == life.Name);
    }

    private async Task WaitUntilAllEndedAsync(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var left = await _database.ScalarAsync<int>($"SELECT COUNT(*) FROM {_database.Schema}EvaluationRun WHERE Status IN ('PENDING', 'RUNNING')");
            if (left == 0)
                return;
            if (waited.Elapsed > TimeSpan.FromMinutes(3))
                Assert.Fail($"{left} runs have not ended 3 minutes after the last kill.\n{string.Join('\n', _seats.SelectMany(life => life!.Server.Log.TakeLast(10)))}");
            await Task.Delay(250, cancellationToken);
        }
    }

    private async Task<HashSet<(long RunId, string Input)>> StoredAsync()
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        return [.. await connection.QueryAsync<(long, string)>($"SELECT x.RunId, c.Input FROM {_database.Schema}TestCaseResult x JOIN {_database.Schema}TestCase c ON c.Id = x.TestCaseId")];
    }

    private async Task<List<EndedRun>> RunsAsync()
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        return (await connection.QueryAsync<EndedRun>($"SELECT Id, TenantId, Status, Attempt, PassedCount FROM {_database.Schema}EvaluationRun")).AsList();
    }

    private IEnumerable<IGrouping<(long RunId, string Input), Ask>> AsksOf(params string[] tenants) =>
        _asks.Where(ask => tenants.Contains(ask.Tenant)).GroupBy(ask => (_runOfVersion[ask.Version], ask.Input));

    /// <summary>
    /// Takes every question that was asked again and finds the reason: the process that asked before was killed before it had stored
    /// the answer, or one of the two had lost its lease of that run while it lived.
    /// </summary>
    private async Task<Account> AccountForRepeatsAsync()
    {
        var lives = _lives.ToDictionary(life => life.Server.Name, StringComparer.Ordinal);
        var zombies = await ZombiesAsync();
        var account = new Account { ZombieRuns = zombies.Count };
        var lostByLife = new Dictionary<string, int>(StringComparer.Ordinal);

        foreach (var asks in AsksOf(HealthyTenants))
        {
            account.Cases++;
            foreach (var (before, after) in asks.Zip(asks.Skip(1)))
            {
                account.Total++;
                var earlier = lives[before.Life];
                if (zombies.Contains((asks.Key.RunId, before.Life)) && earlier.StoredAtPause?.Contains(asks.Key) != true)
                {
                    account.TakenFromZombies++;
                }
                else if (zombies.Contains((asks.Key.RunId, after.Life)))
                {
                    account.AskedByZombies++;
                }
                else if (earlier.StoredAtDeath is { } stored && !stored.Contains(asks.Key) && before.Life != after.Life)
                {
                    lostByLife[before.Life] = lostByLife.GetValueOrDefault(before.Life) + 1;
                }
                else
                {
                    account.Unexplained.Add($"run {asks.Key.RunId}, '{asks.Key.Input}': asked by {before.Life} and again by {after.Life}");
                }
            }
        }

        account.MostLostInOneKill = lostByLife.Values.DefaultIfEmpty().Max();
        return account;
    }

    /// <returns>The runs that were taken back from a process that was alive at that moment.</returns>
    private async Task<HashSet<(long RunId, string Life)>> ZombiesAsync()
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        var requeued = await connection.QueryAsync<Requeued>(
            $"SELECT TargetId AS RunId, Payload, At FROM {_database.Schema}ChangeRecord WHERE Type = @Type", new { Type = ChangeType.RunRequeued });
        return
        [
            .. from record in requeued
               let process = int.Parse(OwnerPattern().Match(record.Payload).Groups["process"].ValueSpan, CultureInfo.InvariantCulture)
               let life = _lives.Single(each => each.Server.Id == process)
               where life.KilledAt is null || record.At < life.KilledAt
               select (record.RunId, life.Server.Name),
        ];
    }

    [GeneratedRegex(@"its worker \(.*:(?<process>\d+):[0-9a-f]+\) vanished", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OwnerPattern();

    private async Task ReportAsync(int kills, List<EndedRun> runs, Account account, TimeSpan chaos, TimeSpan total)
    {
        var faults = _lives.SelectMany(life => life.Server.Log).Where(line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal)).ToList();
        var requeued = await _database.ScalarAsync<int>($"SELECT COUNT(*) FROM {_database.Schema}ChangeRecord WHERE Type = @Type", new { Type = ChangeType.RunRequeued });
        var report = $"""
            Crash test: {kills} kills, {_pauses} pauses beyond the lease, {Servers} servers; {chaos.TotalSeconds:F0} s of chaos, {total.TotalSeconds:F0} s in all
              {runs.Count} runs ({runs.Count(run => run.Status == "COMPLETED")} completed, {runs.Count(run => run.Status == "FAILED")} failed: the poisoned tenant's), at most {runs.Where(run => run.TenantId != _poisoned.Id).Max(run => run.Attempt)} attempts of a healthy one
              {requeued} runs taken back, {account.ZombieRuns} of them from living processes
              {account.Cases} healthy cases, {account.Total} asked again: {account.Total - account.TakenFromZombies - account.AskedByZombies - account.Unexplained.Count} lost unstored in kills (at most {account.MostLostInOneKill} in one), {account.TakenFromZombies} in the hands of a paused process, {account.AskedByZombies} by one that had just woken, {account.Unexplained.Count} unexplained
              {faults.Count} error lines in the servers' logs
            """;
        await TestContext.Progress.WriteLineAsync(report);
        await TestContext.Out.WriteLineAsync(report);
        foreach (var fault in faults.Take(10))
            await TestContext.Progress.WriteLineAsync($"  {fault}");
    }

    /// <summary>One question as the agent heard it.</summary>
    private sealed record Ask(string Tenant, string Version, string Input, string Life);

    /// <summary>One server process from its start to its end.</summary>
    private sealed class Life(ServerProcess server)
    {
        public ServerProcess Server { get; } = server;

        public string Name => Server.Name;

        public DateTimeOffset? KilledAt { get; set; }

        /// <summary>What was stored when it was paused, if it was: none of that may be asked again.</summary>
        public HashSet<(long RunId, string Input)>? StoredAtPause { get; set; }

        /// <summary>What was stored when it was gone: the rest of what it had asked may be asked again.</summary>
        public HashSet<(long RunId, string Input)>? StoredAtDeath { get; set; }
    }

    /// <summary>How the table has a run at the end.</summary>
    private sealed record EndedRun
    {
        public required long Id { get; init; }

        public required long TenantId { get; init; }

        public required string Status { get; init; }

        public required int Attempt { get; init; }

        public required int PassedCount { get; init; }
    }

    /// <summary>A run that was taken back from its worker.</summary>
    private sealed record Requeued
    {
        public required long RunId { get; init; }

        public required string Payload { get; init; }

        public required DateTimeOffset At { get; init; }
    }

    /// <summary>Questions asked more than once, by reason.</summary>
    private sealed class Account
    {
        public int Cases { get; set; }

        public int Total { get; set; }

        /// <summary>Asked by a process that then lost its lease while it lived, and again by the successor.</summary>
        public int TakenFromZombies { get; set; }

        /// <summary>Asked again by a process that had not yet noticed that its lease was gone.</summary>
        public int AskedByZombies { get; set; }

        public int ZombieRuns { get; init; }

        public int MostLostInOneKill { get; set; }

        public List<string> Unexplained { get; } = [];
    }
}
