namespace EvalJobs.Execution.Agents;

/// <summary>What an HTTP header may hold. A line break would end the header and begin another one of the writer's choice.</summary>
internal static class HeaderText
{
    public static bool IsSafe(string value) => value.All(c => c is '\t' or (>= ' ' and <= '~'));

    /// <returns>Whether it is an RFC 9110 token.</returns>
    public static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
