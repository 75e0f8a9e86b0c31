using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>The server is killed after it stored the result of a request and before it answered. The program repeats the request with its Idempotency-Key.</summary>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class RepeatedRequestCrashTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int RequestsPerKill = 24;
    private const int MaxKills = 15;
    private const int RequiredHits = 2;

    private string _secret = null!;
    private long _suiteId;

    [SetUp]
    public async Task CreateKey()
    {
        var tenant = await Some.TenantAsync();
        _suiteId = (await Some.SuiteAsync(tenant)).Id;
        await Some.Tenants.SetPausedAsync(tenant.Id, true, "test", CancellationToken.None);
        _secret = (await new CreateApiKey(new ApiKeyRepository(Database.Database)).ExecuteAsync(
            new NewApiKey { Name = "ci", TenantId = tenant.Id, Role = ApiKeyRole.Operator }, "test", CancellationToken.None)).Secret.Text;
    }

    [Test]
    [CancelAfter(600_000)]
    public async Task Create_KilledBetweenStoringAndAnswering_GivesTheRepetitionTheSameRun(CancellationToken cancellationToken)
    {
        var random = new Random(15);
        var answers = new Dictionary<string, (int Status, string Text, bool IsRepeated)?>(StringComparer.Ordinal);
        for (var kill = 0; kill < MaxKills && await CountAsync("ApiAnswer") - answers.Values.Count(answer => answer is not null) < RequiredHits; kill++)
        {
            await using var server = await StartAsync($"victim {kill}", cancellationToken);
            var before = await CountAsync("ApiAnswer");
            var sent = Enumerable.Range(0, RequestsPerKill).Select(number => $"kill-{kill}-{number}").ToDictionary(key => key, key => TrySendAsync(server.Url, key, cancellationToken), StringComparer.Ordinal);

            var enough = before + random.Next(1, RequestsPerKill / 2);
            while (await CountAsync("ApiAnswer") < enough)
                cancellationToken.ThrowIfCancellationRequested();
            await server.Process.KillAsync();

            foreach (var (key, answer) in sent)
                answers[key] = await answer;
        }

        var stored = await CountAsync("ApiAnswer");
        (stored - answers.Values.Count(answer => answer is not null)).Should().BePositive("a kill must have hit between storing and answering, otherwise this test proves nothing");

        await using var last = await StartAsync("last", cancellationToken);
        var repeated = 0;
        foreach (var (key, first) in answers)
        {
            var again = await TrySendAsync(last.Url, key, cancellationToken) ?? throw new InvalidOperationException("The last server does not answer.");
            again.Status.Should().Be(201, "{0}: {1}", key, again.Text);
            JsonElement.Parse(again.Text).GetProperty("runs").GetArrayLength().Should().Be(1);
            if (first is { } known)
                again.Should().Be((known.Status, known.Text, true));
            repeated += again.IsRepeated ? 1 : 0;
        }

        repeated.Should().Be(stored, "what was stored before a kill is answered, not done again");
        (await CountAsync("EvaluationRun")).Should().Be(answers.Count);
        (await CountAsync("AgentVersion")).Should().Be(answers.Count);
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();
    }

    private Task<int> CountAsync(string table) => Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}{table}");

    private async Task<Victim> StartAsync(string name, CancellationToken cancellationToken)
    {
        const string Address = @"http://127\.0\.0\.1:[1-9][0-9]*";
        var process = ServerProcess.Start(name, Database, []);
        await process.WaitForLogAsync(Address, cancellationToken);
        return new Victim(process, process.Log.Select(line => Regex.Match(line, Address, RegexOptions.None, TimeSpan.FromSeconds(1))).First(match => match.Success).Value);
    }

    /// <returns>The answer; null when the server was killed before the answer was complete.</returns>
    private async Task<(int Status, string Text, bool IsRepeated)?> TrySendAsync(string url, string key, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{url}/api/v1/versions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _secret);
        request.Headers.Add("Idempotency-Key", key);
        request.Content = new StringContent(
            $$"""{"agent":"bot","label":"{{key}}","state":"TESTING","suiteId":{{_suiteId}},"genome":{"target":{"type":"http","url":"http://127.0.0.1:1/{{key}}"} } }""", Encoding.UTF8, "application/json");
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken), answer.Headers.Contains("Idempotency-Replayed"));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private sealed record Victim(ServerProcess Process, string Url) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
