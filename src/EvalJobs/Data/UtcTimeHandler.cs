using System.Data;
using System.Runtime.CompilerServices;
using Dapper;

namespace EvalJobs.Data;

/// <summary>Reads the time of both dialects as UTC: SQLite's integer milliseconds and SQL Server's <c>datetime2(3)</c>.</summary>
/// <remarks>Times are never sent as parameters: whatever a time decides is decided by the database's own clock.</remarks>
internal sealed class UtcTimeHandler : SqlMapper.TypeHandler<DateTimeOffset>
{
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "Dapper's handlers are process-wide and must stand before the first query.")]
    internal static void Register() => SqlMapper.AddTypeHandler(new UtcTimeHandler());

    public override DateTimeOffset Parse(object value) => value switch
    {
        long milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        _ => throw new DataException($"A time column held {value.GetType().Name}; expected integer milliseconds or datetime2."),
    };

    public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
        throw new NotSupportedException("Times are not parameters; use the database's clock.");
}
