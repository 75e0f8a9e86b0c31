using System.Data.Common;

namespace EvalJobs.Data;

/// <summary>A statement changed another number of rows than its caller relies on, or the server did not count them. The unit of work is rolled back.</summary>
internal sealed class RowCountException : DbException
{
    public RowCountException(SqlQuery query, string expected, int reported)
        : base(reported < 0
            ? $"{query}: the server did not report how many rows it changed ({reported}); expected {expected}. SET NOCOUNT ON must not be in force for EvalJobs' connections. Nothing was stored."
            : $"{query}: {reported} rows were changed; expected {expected}. Nothing was stored.") =>
        IsUncounted = reported < 0;

    /// <summary>The server withholds row counts: nobody's run is to blame.</summary>
    public bool IsUncounted { get; }
}
