namespace EvalJobs.Domain;

/// <summary>Names for the audit trail's <see cref="ChangeRecord.Actor"/>.</summary>
internal static class Actor
{
    /// <summary>The server itself.</summary>
    public const string System = "system";

    /// <returns>The person at this command line, such as <c>cli:alice</c>.</returns>
    public static string CommandLine() => $"cli:{Environment.UserName}";

    /// <returns>Whether it is a program with a key or a token of its own for the HTTP API, such as <c>key:ci-main</c>: the person behind it is not known.</returns>
    public static bool IsProgram(string actor) => actor.StartsWith("key:", StringComparison.Ordinal) || actor.StartsWith("token:", StringComparison.Ordinal);

    /// <returns>Whether two actors are the same person: <c>cli:alice</c> and <c>web:Alice</c> are.</returns>
    public static bool IsSamePerson(string one, string other) => string.Equals(Person(one), Person(other), StringComparison.OrdinalIgnoreCase);

    private static string Person(string actor) => actor[(actor.IndexOf(':', StringComparison.Ordinal) + 1)..];
}
