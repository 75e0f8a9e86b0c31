using EvalJobs.Application;
using EvalJobs.Domain;

namespace EvalJobs.ExampleHost;

/// <summary>Uses EvalJobs from the host's own code.</summary>
public sealed class Evaluation(EvalJobsClient evalJobs)
{
    /// <summary>Evaluates one version of an agent on two cases: one for the host's own scorer, one for a scorer that runs in a separate process.</summary>
    /// <returns>The pending run; the host's servers work it.</returns>
    public async Task<EvaluationRun> StartAsync(string prefix, CancellationToken cancellationToken)
    {
        var tenant = await evalJobs.AddTenantAsync("acme", "Acme Corp", limits: null, actor: "example", cancellationToken);
        await evalJobs.CreateSuiteAsync(
            tenant.Id,
            new SuiteDraft { Name = "greetings", IsDefault = true },
            [
                new TestCase { Ordinal = 1, CaseKey = "hello", Input = "world", ExpectedOutput = "hello", Scoring = ScoringSpec.Parse("starts_with").Json },
                new TestCase { Ordinal = 2, CaseKey = "pattern", Input = "world", Scoring = """{ "type": "regex", "pattern": "^hello \\w+$" }""" },
            ],
            actor: "example",
            cancellationToken);
        var version = new NewVersion
        {
            TenantId = tenant.Id,
            AgentName = "greeter",
            Label = "1.0.0",
            Genome = Genome.Parse($$"""{ "target": { "type": "echo", "prefix": "{{prefix}}" } }"""),
            EntersTesting = true,
        };
        return (await evalJobs.CreateVersionAsync(version, actor: "example", cancellationToken)).Run!;
    }

    /// <summary>Waits for a run to end.</summary>
    public async Task<EvaluationRun> WaitAsync(long runId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var run = await evalJobs.GetRunAsync(runId, cancellationToken);
            if (!RunLifecycle.IsLive(run.Status))
                return run;
            await Task.Delay(100, cancellationToken);
        }
    }
}
