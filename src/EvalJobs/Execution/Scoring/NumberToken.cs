namespace EvalJobs.Execution.Scoring;

/// <summary>The place of a number in a text.</summary>
/// <param name="Start">Its first character, sign and currency included.</param>
/// <param name="End">The character after its last, percent sign included.</param>
/// <param name="Text">The place as written.</param>
/// <param name="Value">The number; null when it cannot be read as exactly one.</param>
/// <param name="Problem">Why it cannot be read; null when it can.</param>
internal sealed record NumberToken(int Start, int End, string Text, ExactNumber? Value, string? Problem);
