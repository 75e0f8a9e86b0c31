using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>One server process from its start to its end.</summary>
public sealed class ServerLife(ServerProcess server)
{
    public ServerProcess Server { get; } = server;

    public string Name => Server.Name;

    public DateTimeOffset? KilledAt { get; set; }
}

/// <summary>One question as the agent received it.</summary>
/// <param name="Id">Its number; the agent writes it into the answer, so that a stored answer names the request it came from.</param>
/// <param name="Tenant">The slug of the run's tenant.</param>
/// <param name="RunId">The run.</param>
/// <param name="Input">The question; unique in its suite.</param>
/// <param name="Life">The name of the server that asked.</param>
/// <param name="At">When the agent received it.</param>
public sealed record Ask(int Id, string Tenant, long RunId, string Input, string Life, DateTimeOffset At);
