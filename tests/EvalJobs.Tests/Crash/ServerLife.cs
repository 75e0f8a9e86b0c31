using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>One server process from its start to its end.</summary>
public sealed class ServerLife(ServerProcess server)
{
    public ServerProcess Server { get; } = server;

    public string Name => Server.Name;

    public DateTimeOffset? KilledAt { get; set; }

    /// <summary>What was stored when it was paused, if it was: none of that may be asked again.</summary>
    public HashSet<(long RunId, string Input)>? StoredAtPause { get; set; }

    /// <summary>What was stored when it was gone: the rest of what it had asked may be asked again.</summary>
    public HashSet<(long RunId, string Input)>? StoredAtDeath { get; set; }
}

/// <summary>One question as the agent heard it.</summary>
/// <param name="Tenant">The slug of the tenant whose run it is.</param>
/// <param name="RunId">The run.</param>
/// <param name="Input">The question; unique in its suite.</param>
/// <param name="Life">The name of the server that asked.</param>
public sealed record Ask(string Tenant, long RunId, string Input, string Life);
