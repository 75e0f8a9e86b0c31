namespace EvalJobs.Jobs;

/// <summary>The lease owner of this process: machine, process id, and a random part that is unique for each start.</summary>
internal sealed class ProcessIdentity
{
    /// <summary>The lease owner's name, such as <c>web01:4121:7f3a9c02</c>.</summary>
    public string Name { get; } = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("N")[..8]}";
}
