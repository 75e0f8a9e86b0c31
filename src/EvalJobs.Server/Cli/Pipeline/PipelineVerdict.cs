namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The verdict on a version for a pipeline.</summary>
internal enum PipelineVerdict
{
    /// <summary>The version is good enough.</summary>
    Pass,

    /// <summary>The version is not good enough.</summary>
    Fail,

    /// <summary>It could not be decided: no run completed, or the evidence is not sufficient.</summary>
    Undecided,
}

/// <summary>The exit codes of <c>eval</c> and <c>gate</c>.</summary>
internal static class PipelineExit
{
    /// <summary>The version is good enough.</summary>
    public const int Pass = 0;

    /// <summary>The version is not good enough.</summary>
    public const int Fail = 1;

    /// <summary>A wrong argument, setting or file. Nothing was asked.</summary>
    public const int Usage = 2;

    /// <summary>It could not be decided.</summary>
    public const int Undecided = 3;

    /// <summary>The server does not answer.</summary>
    public const int Unreachable = 4;

    /// <returns>The exit code of a verdict.</returns>
    public static int Of(PipelineVerdict verdict) => verdict switch
    {
        PipelineVerdict.Pass => Pass,
        PipelineVerdict.Fail => Fail,
        _ => Undecided,
    };
}
