namespace EvalJobs.Server.Cli;

/// <summary>The exit codes of the commands.</summary>
internal static class ExitCode
{
    /// <summary>Done, without a problem.</summary>
    public const int Ok = 0;

    /// <summary>Done, and something needs attention: health WARNING, or an attempt failed.</summary>
    public const int Attention = 1;

    /// <summary>Rejected: bad input, an unknown name, or a state that does not allow it. Nothing was changed.</summary>
    public const int Rejected = 2;

    /// <summary>Not done: the database, the network or the machine failed.</summary>
    public const int Broken = 3;

    /// <summary>Stopped by the user.</summary>
    public const int Interrupted = 130;
}
