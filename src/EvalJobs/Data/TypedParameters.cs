using System.Collections;
using System.Data;
using Dapper;

namespace EvalJobs.Data;

/// <summary>Parameters with the database types that the queries expect, whatever types the host has configured in Dapper.</summary>
/// <remarks>
/// Dapper's map of types belongs to the whole process. If a host sends its texts as varchar, as many do, our texts would lose every character
/// that its code page does not have: names, replies and genomes would be stored wrong, and a genome would no longer match its hash.
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

    /// <param name="parameters">In a form that Dapper accepts: an object, a list of objects, <c>DynamicParameters</c>, or null.</param>
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
            // For null only the type of a text matters: a column that is compared with another text type is converted row by row.
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
#pragma warning disable CS0618 // Dapper keeps it for its own use, but nothing else gives access to the map.
            if (SqlMapper.LookupDbType(type, "", false, out _) is { } mapped && mapped != own)
                return true;
#pragma warning restore CS0618
        }

        return false;
    }
}
