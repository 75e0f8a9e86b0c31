namespace EvalJobs.Execution.Scoring;

/// <summary>Which sign separates the decimals of a number.</summary>
internal enum NumberFormat
{
    /// <summary><c>1,234.5</c></summary>
    DecimalPoint,

    /// <summary><c>1.234,5</c> or <c>1 234,5</c></summary>
    DecimalComma,
}
