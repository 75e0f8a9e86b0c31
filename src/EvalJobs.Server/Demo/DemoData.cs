using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Demo;

/// <summary>
/// The three tenants of the demo: a healthy one with a version and its successor, one whose agent does not answer, and one with a backlog above its
/// warning threshold.
/// </summary>
internal sealed class DemoData(TenantRepository tenants, EvaluationSuiteRepository suites, AgentVersionRepository versions)
{
    private const string ClosedPort = "http://127.0.0.1:1";
    private const string Agent = "calculator";
    private const string DemoActor = "demo";

    /// <returns>The two versions of Acme Corp to compare.</returns>
    public async Task<DemoVersions> SeedAsync(string agentUrl, CancellationToken cancellationToken)
    {
        var acme = await AddTenantAsync("acme", "Acme Corp", cancellationToken);
        var parent = await AddVersionAsync(acme, "1.0.0", agentUrl, isCareless: true, parentId: null, cancellationToken);
        var child = await AddVersionAsync(acme, "1.1.0", agentUrl, isCareless: false, parent.Id, cancellationToken);

        // The health check reports an agent that does not answer after three failed attempts.
        var globex = await AddTenantAsync("globex", "Globex (agent down)", cancellationToken);
        foreach (var label in (string[])["1.0.0", "1.0.1", "1.0.2"])
            await AddVersionAsync(globex, label, ClosedPort, isCareless: false, parentId: null, cancellationToken);

        var initech = await AddTenantAsync("initech", "Initech (backlog)", cancellationToken);
        for (var number = 1; number <= 25; number++)
            await AddVersionAsync(initech, $"1.{number}.0", agentUrl, isCareless: number % 5 == 0, parentId: null, cancellationToken);
        return new DemoVersions(parent, child);
    }

    private async Task<Tenant> AddTenantAsync(string slug, string name, CancellationToken cancellationToken)
    {
        var tenant = await tenants.AddAsync(slug, name, new TenantLimits(), DemoActor, cancellationToken);
        await suites.SaveAsync(
            tenant.Id, new SuiteDraft { Name = "arithmetic", Description = "Sums and differences.", IsDefault = true }, Cases(), DemoActor, cancellationToken);
        return tenant;
    }

    private async Task<AgentVersion> AddVersionAsync(
        Tenant tenant, string label, string url, bool isCareless, long? parentId, CancellationToken cancellationToken)
    {
        var genome = Genome.Parse(JsonSerializer.Serialize(new
        {
            prompt = "Answer with the number.",
            target = new
            {
                type = "http",
                url = $"{url}/ask",
                body = new { input = "{{input}}", careless = isCareless },
                replyPath = "reply",
                inputTokensPath = "inputTokens",
                outputTokensPath = "outputTokens",
            },
            provenance = new { author = "the EvalJobs demo", label },
        }));
        var version = await versions.CreateAsync(tenant.Id, Agent, label, genome, parentId, DemoActor, cancellationToken);
        return (await versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, DemoActor, cancellationToken)).Version;
    }

    private static async IAsyncEnumerable<TestCase> Cases()
    {
        (string Input, int Expected)[] questions =
        [
            ("What is 2 plus 3?", 5), ("What is 40 plus 2?", 42), ("What is 19 plus 23?", 42),
            ("What is 8 plus 0?", 8), ("What is 500 plus 250?", 750), ("What is 11 plus 31?", 42),
            ("What is 9 minus 4?", 5), ("What is 100 minus 58?", 42), ("What is 7 minus 7?", 0),
            ("What is 60 minus 15?", 45), ("What is 31 minus 1?", 30), ("What is 1000 minus 999?", 1),
        ];
        for (var index = 0; index < questions.Length; index++)
        {
            yield return new TestCase
            {
                Ordinal = index + 1,
                CaseKey = $"sum-{index + 1}",
                Name = questions[index].Input,
                Input = questions[index].Input,
                ExpectedOutput = $"{questions[index].Expected}",
                Scoring = ScoringSpec.Parse("numeric").Json,
            };
        }

        await Task.CompletedTask;
    }
}

/// <summary>A version that answers carelessly, and a version derived from it that answers correctly.</summary>
internal sealed record DemoVersions(AgentVersion Parent, AgentVersion Child);
