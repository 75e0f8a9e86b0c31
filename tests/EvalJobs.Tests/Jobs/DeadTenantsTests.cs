using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>
/// Tenants whose agents do not answer, in every possible way, together with tenants whose agents work: as many as there are workers, and ten times as many.
/// Counted in batches, never in seconds.
/// </summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
[Platform(Exclude = "Win", Reason = "needs a shell script as an agent")]
public sealed class DeadTenantsTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Workers = 4;

    /// <summary>A quarter of the workers.</summary>
    private const int DeadShare = 1;

    [TestCase(Workers)]
    [TestCase(2 * Workers)]
    [TestCase(10 * Workers)]
    [CancelAfter(300_000)]
    public async Task DeadTenants_TogetherWithHealthyOnes_UseOnlyTheirShareAndCompleteWhenTheirAgentsRecover(int deadCount, CancellationToken cancellationToken)
    {
        await using var agents = await DeadAgents.StartAsync();
        await using var server = await JobHarness.StartAsync(
            new TDatabase(), agents.Settings(), pools: new Dictionary<string, int>(StringComparer.Ordinal) { [Tenant.CommonPool] = Workers });
        await server.Get<WorkerPoolRepository>().AnnounceAsync("test", server.Get<WorkerPools>().Pools, TimeSpan.FromHours(1), cancellationToken);
        var dead = new List<Tenant>();
        for (var index = 0; index < deadCount; index++)
            dead.Add(await server.Some.TenantWithRunsAsync(1, cases: 6, genome: agents.Genomes[index % agents.Genomes.Count]));
        var early = await server.Some.TenantWithRunsAsync(1, cases: 1);

        using var workers = new FairWorkers(server, Workers);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = Task.WhenAll(workers.WorkAsync(stopping.Token), TickAsync(server, stopping.Token));
        try
        {
            // At first no outage is known: each tenant has one turn, which ends soon.
            await WaitAsync(server, working, $"SELECT COUNT(*) FROM {server.Database.Schema}Tenant WHERE UnansweredSince IS NOT NULL", deadCount, cancellationToken);
            await WaitAsync(server, working, CompletedOf(server, early), 1, cancellationToken);
            BegunBefore(workers, early).CountBy(tenant => tenant).Should().OnlyContain(turns => turns.Value == 1, "no tenant has a second turn before every tenant had its first");

            var late = await server.Some.TenantWithRunsAsync(2, cases: 1);
            await server.Get<RunPickup>().PickUpAsync(late.Id, cancellationToken);
            await WaitAsync(server, working, CompletedOf(server, late), 2, cancellationToken);
            (await HeldAtOnceWhileWaitingAsync(server, late)).Should().BeLessThanOrEqualTo(DeadShare, "the other workers are for tenants that get answers, while one of these waits");

            (await server.Database.ScalarAsync<long>($"SELECT MAX(FailedAttempts) FROM {server.Database.Schema}EvaluationRun")).Should().Be(0, "an agent that does not answer costs no run an attempt");
            (await server.Get<HealthCheckJob>().RunAsync(cancellationToken)).Tenants.Count(tenant => tenant.Reasons.Any(reason => reason.Contains("has not answered since")))
                .Should().Be(deadCount);

            agents.Recover();
            await WaitAsync(server, working, $"SELECT COUNT(*) FROM {server.Database.Schema}EvaluationRun WHERE Status = 'COMPLETED'", deadCount + 3, cancellationToken);
        }
        finally
        {
            await stopping.CancelAsync();
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await working;

        (await server.Get<EndpointOutageRepository>().ListAsync(cancellationToken)).Should().BeEmpty("every breaker has closed by itself");
        (await server.Get<HealthCheckJob>().RunAsync(cancellationToken)).Tenants.Should().OnlyContain(tenant => tenant.Reasons.Count == 0);
    }

    /// <returns>The tenants whose batches began before a tenant's first one.</returns>
    private static IEnumerable<long> BegunBefore(FairWorkers workers, Tenant tenant)
    {
        var turns = workers.Turns;
        for (var index = 0; turns[index].TenantId != tenant.Id || turns[index].Kind != TurnKind.Begins; index++)
        {
            var begun = turns[index];
            if (begun.Kind == TurnKind.Begins && turns.Skip(index + 1).FirstOrDefault(turn => turn.TenantId == begun.TenantId)?.Kind != TurnKind.PutOff)
                yield return begun.TenantId;
        }
    }

    /// <returns>The highest number of batches of the dead tenants that ran at the same time, of those that began while a tenant's first batch was queued, by the database's clock.</returns>
    private static Task<long> HeldAtOnceWhileWaitingAsync(JobHarness server, Tenant waiting)
    {
        var batches = $"{server.Database.Schema}TenantBatch";
        var first = $"(SELECT MIN(Id) FROM {batches} WHERE TenantId = {waiting.Id})";
        return server.Database.ScalarAsync<long>($"""
            SELECT COALESCE(MAX(held), 0) FROM (
                SELECT COUNT(*) AS held
                FROM {batches} own
                JOIN {batches} begun ON begun.TenantId <> own.TenantId AND begun.StartedAt > own.QueuedAt AND begun.StartedAt < own.StartedAt
                JOIN {batches} other ON other.TenantId <> own.TenantId AND other.StartedAt > own.QueuedAt AND other.StartedAt <= begun.StartedAt
                    AND (other.FinishedAt IS NULL OR other.FinishedAt > begun.StartedAt)
                WHERE own.Id = {first}
                GROUP BY begun.Id) counts
            """);
    }

    private static string CompletedOf(JobHarness server, Tenant tenant) =>
        $"SELECT COUNT(*) FROM {server.Database.Schema}EvaluationRun WHERE Status = 'COMPLETED' AND TenantId = {tenant.Id}";

    private static async Task TickAsync(JobHarness server, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await server.TickAsync();
            await Task.Delay(100, CancellationToken.None);
        }
    }

    private static async Task WaitAsync(JobHarness server, Task working, string count, long expected, CancellationToken cancellationToken)
    {
        while (await server.Database.ScalarAsync<long>(count) < expected)
        {
            if (working.IsFaulted)
                await working;
            if (cancellationToken.IsCancellationRequested)
                Assert.Fail($"'{count}' did not reach {expected}. The runs:\n{string.Join('\n', await server.Some.RunsAsync(new RunListFilter(), 100))}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Agents that do not answer until they recover: no answer, one byte at a time, connection refused, HTTP 500, a TLS handshake that never ends, a program that sleeps.</summary>
    private sealed class DeadAgents : IAsyncDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evaljobs-dead-");
        private readonly List<TestAgentServer> _servers = [];
        private readonly List<AgentGate> _gates = [];
        private readonly List<Genome> _genomes = [];

        public IReadOnlyList<Genome> Genomes => _genomes;

        private string Awake => Path.Combine(_folder.FullName, "awake");

        private string Script => Path.Combine(_folder.FullName, "agent.sh");

        private string Certificate => Path.Combine(_folder.FullName, "certificate.pem");

        public static async Task<DeadAgents> StartAsync()
        {
            var agents = new DeadAgents();
            await agents.AddAsync(Behave.Never());
            await agents.AddAsync(Behave.Drip());
            await agents.AddAsync(Behave.Status(500, "broken"));
            await agents.AddGateAsync(accepts: false, certificate: null);
            using var certificate = SelfSigned();
            await File.WriteAllTextAsync(agents.Certificate, certificate.ExportCertificatePem());
            await agents.AddGateAsync(accepts: true, X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null));
            await File.WriteAllTextAsync(agents.Script, $$"""
                if [ -e "{{agents.Awake}}" ]; then sed -n 's/.*"input":"question \([0-9]*\)".*/answer \1/p'; else exec sleep 600; fi
                """);
            agents._genomes.Add(Some.Genome("""{"type":"process","command":"sleeper"}"""));
            return agents;
        }

        public Dictionary<string, string?> Settings() => new(StringComparer.Ordinal)
        {
            ["EvalJobs:Execution:CaseTimeout"] = "00:00:00.4",
            ["EvalJobs:Execution:RunTimeout"] = "00:01:00",
            ["EvalJobs:Agents:OutageInterval"] = "00:00:00.5",
            ["EvalJobs:Agents:MaxRetries"] = "0",
            ["EvalJobs:Agents:AllowedHosts:0"] = "127.0.0.1",
            ["EvalJobs:Agents:AllowedHosts:1"] = "localhost",
            ["EvalJobs:Agents:AllowedCommands:sleeper:Path"] = "/bin/sh",
            ["EvalJobs:Agents:AllowedCommands:sleeper:Arguments:0"] = Script,
            ["EvalJobs:Agents:TrustedCertificates:0:Host"] = "localhost",
            ["EvalJobs:Agents:TrustedCertificates:0:File"] = Certificate,
        };

        public void Recover()
        {
            _servers.ForEach(server => server.Reply(Behave.RightAnswer));
            _gates.ForEach(gate => gate.Open());
            File.WriteAllText(Awake, "");
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var gate in _gates)
                await gate.DisposeAsync();
            foreach (var server in _servers)
                await server.DisposeAsync();
            _folder.Delete(recursive: true);
        }

        private async Task AddAsync(AgentBehaviour behaviour)
        {
            _servers.Add(await TestAgentServer.StartAsync(behaviour));
            _genomes.Add(Some.HttpGenome(_servers[^1]));
        }

        private async Task AddGateAsync(bool accepts, X509Certificate2? certificate)
        {
            _servers.Add(await TestAgentServer.StartAsync(Behave.RightAnswer, certificate));
            _gates.Add(new AgentGate(_servers[^1].Url, accepts));
            _genomes.Add(Some.Genome($$"""{"type":"http","url":"{{_gates[^1].Url}}/","replyPath":"reply"}"""));
        }

        private static X509Certificate2 SelfSigned()
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }
    }
}
