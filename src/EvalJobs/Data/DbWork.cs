using System.Data;
using System.Data.Common;
using System.Runtime.ExceptionServices;
using Dapper;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Data;

/// <summary>One connection and, in a unit of work, its transaction: runs catalogue queries by name.</summary>
public sealed class DbWork(
    DbConnection connection, DbTransaction? transaction, SqlCatalog sql, TimeSpan commandTimeout, CancellationToken cancellationToken)
{
    /// <returns>The number of rows touched. A list of parameters runs the query once each.</returns>
    public Task<int> ExecuteAsync(SqlQuery query, object? parameters = null) => AskAsync(() => connection.ExecuteAsync(Command(query, parameters)));

    /// <returns>All rows.</returns>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(SqlQuery query, object? parameters = null) =>
        (await AskAsync(() => connection.QueryAsync<T>(Command(query, parameters)))).AsList();

    /// <returns>The only row.</returns>
    /// <exception cref="InvalidOperationException">No row, or more than one.</exception>
    public async Task<T> QuerySingleAsync<T>(SqlQuery query, object? parameters = null) =>
        (await QueryAsync<T>(query, parameters)).Single();

    /// <returns>The only row, or the type's default when there is none.</returns>
    /// <exception cref="InvalidOperationException">More than one row.</exception>
    public async Task<T?> QuerySingleOrDefaultAsync<T>(SqlQuery query, object? parameters = null) =>
        (await QueryAsync<T>(query, parameters)).SingleOrDefault();

    /// <summary>Gives two faults the names the rest of the program knows them by.</summary>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception error) when (
            error is SqlException or InvalidOperationException or DataException { InnerException: SqlException } && cancellationToken.IsCancellationRequested)
        {
            // SqlClient tells of a cancelled command as of an error (dotnet/SqlClient#26): a run stopped with its server would count as failed.
            throw new OperationCanceledException("The statement was cancelled.", error, cancellationToken);
        }
        catch (DataException error) when (error.InnerException is SqlException cause)
        {
            // The connection broke in the middle of a row. Dapper's own words would hide that, and quote the row.
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    private CommandDefinition Command(SqlQuery query, object? parameters)
    {
        TextParameters.Validate(parameters);
        return new(sql[query], parameters, transaction, (int)Math.Ceiling(commandTimeout.TotalSeconds), cancellationToken: cancellationToken);
    }
}
