namespace EvalJobs.Tests.Support;

/// <summary>A T-SQL file: its name for messages, and its text.</summary>
public sealed record TSqlSource(string File, string Text);

/// <summary>One reason why SQL Server would reject a text, or why this project does. Line and column start at 1.</summary>
public sealed record TSqlFailure(string File, int Line, int Column, string Message)
{
    public override string ToString() => $"{File}({Line},{Column}): {Message}";
}
