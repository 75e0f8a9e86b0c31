using System.Data.Common;

namespace EvalJobs.Data;

/// <summary>A statement changed an unexpected number of rows, or the server did not count them. The unit of work is rolled back.</summary>
internal sealed class RowCountException : DbException
{
    public RowCountException(SqlQuery query, string expected, int reported)
        : base(reported < 0
            ? $"{query}: the server did not report how many rows it changed ({reported}); expected {expected}. SET NOCOUNT ON must not be in force for EvalJobs' connections. Nothing was stored."
            : $"{query}: {reported} rows were changed; expected {expected}. Nothing was stored.") =>
        IsUncounted = reported < 0;

    /// <summary>The server does not return row counts; no run is the cause.</summary>
    public bool IsUncounted { get; }
}
