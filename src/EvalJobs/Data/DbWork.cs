using System.Data.Common;
using Dapper;

namespace EvalJobs.Data;

/// <summary>One connection and, in a unit of work, its transaction: runs catalogue queries by name.</summary>
public sealed class DbWork(
    DbConnection connection, DbTransaction? transaction, SqlCatalog sql, TimeSpan commandTimeout, CancellationToken cancellationToken)
{
    /// <returns>The number of rows touched. A list of parameters runs the query once each.</returns>
    public Task<int> ExecuteAsync(SqlQuery query, object? parameters = null) => connection.ExecuteAsync(Command(query, parameters));

    /// <returns>All rows.</returns>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(SqlQuery query, object? parameters = null) =>
        (await connection.QueryAsync<T>(Command(query, parameters))).AsList();

    /// <returns>The only row.</returns>
    /// <exception cref="InvalidOperationException">No row, or more than one.</exception>
    public async Task<T> QuerySingleAsync<T>(SqlQuery query, object? parameters = null) =>
        (await QueryAsync<T>(query, parameters)).Single();

    /// <returns>The only row, or the type's default when there is none.</returns>
    /// <exception cref="InvalidOperationException">More than one row.</exception>
    public async Task<T?> QuerySingleOrDefaultAsync<T>(SqlQuery query, object? parameters = null) =>
        (await QueryAsync<T>(query, parameters)).SingleOrDefault();

    private CommandDefinition Command(SqlQuery query, object? parameters) =>
        new(sql[query], parameters, transaction, (int)Math.Ceiling(commandTimeout.TotalSeconds), cancellationToken: cancellationToken);
}
