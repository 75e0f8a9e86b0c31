using System.Collections.Concurrent;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;

namespace EvalJobs.Tests.Support;

/// <summary>An agent whose reply is a function of the test. It counts its questions.</summary>
public sealed class ScriptedAgent : IAgentType
{
    private readonly Lock _lock = new();
    private int _inFlight;

    /// <summary>Answers "answer N" to "question N" unless the test sets another function.</summary>
    public Func<AgentQuestion, CancellationToken, Task<string>> Answer { get; set; } =
        (question, _) => Task.FromResult(question.Input.Replace("question", "answer", StringComparison.Ordinal));

    /// <summary>The number of input tokens it reports for each question.</summary>
    public long Tokens { get; set; } = 10;

    public ConcurrentBag<string> Asked { get; } = [];

    public int MostInFlight { get; private set; }

    public string Name => "scripted";

    public IAgentClient CreateClient(AgentBinding binding) => new Client(this);

    public void Validate(Genome genome)
    {
    }

    private void Enter()
    {
        lock (_lock)
            MostInFlight = Math.Max(MostInFlight, Interlocked.Increment(ref _inFlight));
    }

    private sealed class Client(ScriptedAgent script) : IAgentClient
    {
        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            script.Enter();
            try
            {
                script.Asked.Add(question.CaseKey);
                return new AgentReply(await script.Answer(question, cancellationToken), script.Tokens, 5, 0.001);
            }
            finally
            {
                Interlocked.Decrement(ref script._inFlight);
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
