namespace EvalJobs.Server.Cli;

/// <summary>What the command line returns to the shell.</summary>
internal static class ExitCode
{
    /// <summary>Done, and nothing is wrong.</summary>
    public const int Ok = 0;

    /// <summary>Done, and something needs attention: health WARNING, or an attempt failed.</summary>
    public const int Attention = 1;

    /// <summary>Rejected: bad input, an unknown name, or a state that does not allow it. Nothing was changed.</summary>
    public const int Rejected = 2;

    /// <summary>Could not be done: the database, the network or the machine failed.</summary>
    public const int Broken = 3;

    /// <summary>Stopped by the user.</summary>
    public const int Interrupted = 130;
}
