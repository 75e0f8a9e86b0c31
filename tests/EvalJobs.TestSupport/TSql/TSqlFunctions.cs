using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>The built-in functions of SQL Server 2019 this project may call, with how many arguments they take.</summary>
/// <remarks>
/// Neither the parser nor DacFx checks a built-in function's name. Before adding one here, look up that SQL Server 2019 has it:
/// GREATEST, LEAST, DATETRUNC, DATE_BUCKET, JSON_OBJECT and GENERATE_SERIES, for example, exist only since
/// 2022. CAST, CONVERT, COALESCE, NULLIF, IIF, LEFT, RIGHT and their like are grammar, and the parser checks them.
/// </remarks>
public sealed class TSqlFunctions(TSqlSource source, ICollection<TSqlFailure> failures) : TSqlFragmentVisitor
{
    private const int Many = 254;

    private static readonly string[] Aggregates = ["COUNT", "COUNT_BIG", "SUM", "AVG", "MIN", "MAX", "STDEV", "VAR", "STRING_AGG"];

    private static readonly string[] DateParts =
    [
        "year", "quarter", "month", "dayofyear", "day", "week", "weekday", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond",
    ];

    private static readonly Dictionary<string, (int Least, int Most)> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ABS"] = (1, 1),
        ["APP_NAME"] = (0, 0),
        ["APPLOCK_MODE"] = (3, 3),
        ["AVG"] = (1, 1),
        ["CEILING"] = (1, 1),
        ["CHARINDEX"] = (2, 3),
        ["COL_LENGTH"] = (2, 2),
        ["CONCAT"] = (2, Many),
        ["CONCAT_WS"] = (3, Many),
        ["COUNT"] = (1, 1),
        ["COUNT_BIG"] = (1, 1),
        ["DATABASE_PRINCIPAL_ID"] = (0, 1),
        ["DATABASEPROPERTYEX"] = (2, 2),
        ["DATALENGTH"] = (1, 1),
        ["DATEADD"] = (3, 3),
        ["DATEDIFF"] = (3, 3),
        ["DATEDIFF_BIG"] = (3, 3),
        ["DATEFROMPARTS"] = (3, 3),
        ["DATENAME"] = (2, 2),
        ["DATEPART"] = (2, 2),
        ["DB_ID"] = (0, 1),
        ["DB_NAME"] = (0, 1),
        ["DENSE_RANK"] = (0, 0),
        ["ERROR_LINE"] = (0, 0),
        ["ERROR_MESSAGE"] = (0, 0),
        ["ERROR_NUMBER"] = (0, 0),
        ["ERROR_PROCEDURE"] = (0, 0),
        ["ERROR_SEVERITY"] = (0, 0),
        ["ERROR_STATE"] = (0, 0),
        ["FIRST_VALUE"] = (1, 1),
        ["FLOOR"] = (1, 1),
        ["FORMAT"] = (2, 3),
        ["HAS_PERMS_BY_NAME"] = (3, 5),
        ["HASHBYTES"] = (2, 2),
        ["HOST_NAME"] = (0, 0),
        ["ISJSON"] = (1, 1),
        ["ISNULL"] = (2, 2),
        ["JSON_MODIFY"] = (3, 3),
        ["JSON_QUERY"] = (1, 2),
        ["JSON_VALUE"] = (2, 2),
        ["LAG"] = (1, 3),
        ["LAST_VALUE"] = (1, 1),
        ["LEAD"] = (1, 3),
        ["LEN"] = (1, 1),
        ["LOG"] = (1, 2),
        ["LOWER"] = (1, 1),
        ["LTRIM"] = (1, 1),
        ["MAX"] = (1, 1),
        ["MIN"] = (1, 1),
        ["NEWID"] = (0, 0),
        ["NTILE"] = (1, 1),
        ["OBJECT_ID"] = (1, 2),
        ["OBJECT_NAME"] = (1, 2),
        ["OBJECT_SCHEMA_NAME"] = (1, 2),
        ["PATINDEX"] = (2, 2),
        ["PERCENTILE_CONT"] = (1, 1),
        ["PERCENTILE_DISC"] = (1, 1),
        ["POWER"] = (2, 2),
        ["QUOTENAME"] = (1, 2),
        ["RANK"] = (0, 0),
        ["REPLACE"] = (3, 3),
        ["REPLICATE"] = (2, 2),
        ["ROUND"] = (2, 3),
        ["ROW_NUMBER"] = (0, 0),
        ["ROWCOUNT_BIG"] = (0, 0),
        ["RTRIM"] = (1, 1),
        ["SCHEMA_ID"] = (0, 1),
        ["SCHEMA_NAME"] = (0, 1),
        ["SCOPE_IDENTITY"] = (0, 0),
        ["SERVERPROPERTY"] = (1, 1),
        ["SIGN"] = (1, 1),
        ["SPACE"] = (1, 1),
        ["STDEV"] = (1, 1),
        ["STRING_AGG"] = (2, 2),
        ["STRING_ESCAPE"] = (2, 2),
        ["STR"] = (1, 3),
        ["STUFF"] = (4, 4),
        ["SUBSTRING"] = (3, 3),
        ["SUM"] = (1, 1),
        ["SUSER_SNAME"] = (0, 1),
        ["SYSDATETIME"] = (0, 0),
        ["SYSUTCDATETIME"] = (0, 0),
        ["TRANSLATE"] = (3, 3),
        ["TRIM"] = (1, 2),
        ["TYPE_ID"] = (1, 1),
        ["UPPER"] = (1, 1),
        ["USER_NAME"] = (0, 1),
        ["VAR"] = (1, 1),
        ["XACT_STATE"] = (0, 0),
    };

    /// <summary>Whether the first argument is a word such as <c>millisecond</c>, which the parser reads as a column.</summary>
    public static bool TakesDatePart(FunctionCall call) =>
        call.FunctionName.Value.ToUpperInvariant() is "DATEADD" or "DATEDIFF" or "DATEDIFF_BIG" or "DATEPART" or "DATENAME";

    /// <summary>Whether it is an aggregate.</summary>
    public static bool IsAggregate(FunctionCall call) =>
        call.OverClause is null && Aggregates.Contains(call.FunctionName.Value, StringComparer.OrdinalIgnoreCase);

    public override void Visit(FunctionCall node)
    {
        var name = node.FunctionName.Value;
        if (node.CallTarget is not null)
            return; // DacFx resolves dbo.Function(); x.value() is a method of XML.

        if (!Known.TryGetValue(name, out var arguments))
            Fail(node, $"Unknown function {name}; if SQL Server 2019 has it, add it to {nameof(TSqlFunctions)}.");
        else if (node.Parameters.Count < arguments.Least || node.Parameters.Count > arguments.Most)
            Fail(node, $"{name} takes {arguments.Least} to {arguments.Most} arguments, not {node.Parameters.Count}.");
        else if (TakesDatePart(node) && !DateParts.Contains(TSqlText.Of(node.Parameters[0]), StringComparer.OrdinalIgnoreCase))
            Fail(node.Parameters[0], $"{TSqlText.Of(node.Parameters[0])} is not a date part.");
    }

    private void Fail(TSqlFragment node, string message) => failures.Add(new(source.File, node.StartLine, node.StartColumn, message));
}
