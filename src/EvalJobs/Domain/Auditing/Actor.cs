namespace EvalJobs.Domain;

/// <summary>Names for the audit trail's <see cref="ChangeRecord.Actor"/>.</summary>
public static class Actor
{
    /// <summary>The server itself.</summary>
    public const string System = "system";

    /// <returns>The person at this command line, such as <c>cli:alice</c>.</returns>
    public static string CommandLine() => $"cli:{Environment.UserName}";
}
