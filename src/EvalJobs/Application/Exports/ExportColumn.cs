namespace EvalJobs.Application;

/// <summary>A column of an export: its name in CSV and JSONL, and its value in a row.</summary>
/// <param name="Name">In camel case.</param>
/// <param name="Value">A text, number, truth value, time or null.</param>
internal sealed record ExportColumn<T>(string Name, Func<T, object?> Value);
