using System.Collections;
using System.Data;
using Dapper;

namespace EvalJobs.Data;

/// <summary>Parameters with the database types that the queries expect, whatever types the host has told Dapper to use.</summary>
/// <remarks>
/// Dapper's map of types belongs to the whole process. A host that sends its own texts as varchar, as many do, would have ours lose every character
/// that its code page does not have: names, replies and genomes would be stored wrong, and a genome then no longer fits its hash.
/// </remarks>
internal sealed class TypedParameters(object parameters) : SqlMapper.IDynamicParameters
{
    private static readonly Dictionary<Type, DbType> Types = new()
    {
        [typeof(string)] = DbType.String,
        [typeof(long)] = DbType.Int64,
        [typeof(int)] = DbType.Int32,
        [typeof(bool)] = DbType.Boolean,
        [typeof(double)] = DbType.Double,
        [typeof(decimal)] = DbType.Decimal,
    };

    /// <param name="parameters">As Dapper takes them: an object, a list of objects, <c>DynamicParameters</c>, or null.</param>
    /// <returns>The same, with our types where the host has changed Dapper's.</returns>
    public static object? Of(object? parameters) =>
        parameters is null || !IsChangedByHost() ? parameters
        : parameters is IEnumerable list and not SqlMapper.IDynamicParameters ? list.Cast<object>().Select(each => new TypedParameters(each)).ToList()
        : new TypedParameters(parameters);

    /// <inheritdoc/>
    public void AddParameters(IDbCommand command, SqlMapper.Identity identity)
    {
        var made = parameters as SqlMapper.IDynamicParameters ?? new DynamicParameters(parameters);
        made.AddParameters(command, identity);
        foreach (IDbDataParameter parameter in command.Parameters)
        {
            // Of a value that is null only text matters: a column compared with varchar is converted, row by row.
            if (parameter.Value is { } value && Types.TryGetValue(value.GetType(), out var type))
                parameter.DbType = type;
            else if (parameter.DbType is DbType.AnsiString or DbType.AnsiStringFixedLength)
                parameter.DbType = DbType.String;
        }
    }

    private static bool IsChangedByHost()
    {
        foreach (var (type, own) in Types)
        {
#pragma warning disable CS0618 // Meant for Dapper itself; nothing else says what the map holds.
            if (SqlMapper.LookupDbType(type, "", false, out _) is { } mapped && mapped != own)
                return true;
#pragma warning restore CS0618
        }

        return false;
    }
}
