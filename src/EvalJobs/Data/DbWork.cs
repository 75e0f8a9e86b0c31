using System.Data;
using System.Data.Common;
using System.Runtime.ExceptionServices;
using Dapper;
using EvalJobs.Domain;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Data;

/// <summary>One connection and, in a unit of work, its transaction: runs catalogue queries by name.</summary>
internal sealed class DbWork(
    DbConnection connection, DbTransaction? transaction, SqlCatalog sql, TimeSpan commandTimeout, CancellationToken cancellationToken)
{
    /// <inheritdoc cref="EvaluationDatabase.Notified"/>
    public IReadOnlySet<AlertTopic> Notified { get; init; } = Alert.WarningTopics;

    /// <summary>Changes rows. A list of parameters runs the query once each.</summary>
    /// <returns>The number of rows changed, 0 or more.</returns>
    /// <exception cref="DbException">The server did not count them. A caller that relies on the count must not treat this as success.</exception>
    public async Task<int> ExecuteAsync(SqlQuery query, object? parameters = null)
    {
        var rows = await AskAsync(() => connection.ExecuteAsync(Command(query, parameters)));
        return rows >= 0 ? rows : throw new RowCountException(query, "0 or more", rows);
    }

    /// <summary>Changes one row, if it is as the query's conditions say.</summary>
    /// <returns>True when exactly one row was changed, false when none.</returns>
    /// <exception cref="DbException">Another number of rows, or the server did not count them.</exception>
    public async Task<bool> ExecuteOneAsync(SqlQuery query, object? parameters) => await ExecuteAsync(query, parameters) switch
    {
        0 => false,
        1 => true,
        var rows => throw new RowCountException(query, "0 or 1", rows),
    };

    /// <summary>Changes an expected number of rows.</summary>
    /// <exception cref="DbException">Another number of rows, or the server did not count them.</exception>
    public async Task ExecuteExactlyAsync(SqlQuery query, object? parameters, int expected)
    {
        var rows = await ExecuteAsync(query, parameters);
        if (rows != expected)
            throw new RowCountException(query, $"{expected}", rows);
    }

    /// <returns>All rows.</returns>
    public Task<IReadOnlyList<T>> QueryAsync<T>(SqlQuery query, object? parameters = null) => AskAsync(async () =>
    {
        await using var reader = await connection.ExecuteReaderAsync(Command(query, parameters));
        return await RowReader.ReadAsync<T>(reader, cancellationToken);
    });

    /// <returns>The only row.</returns>
    /// <exception cref="InvalidOperationException">No row, or more than one.</exception>
    public async Task<T> QuerySingleAsync<T>(SqlQuery query, object? parameters = null) =>
        (await QueryAsync<T>(query, parameters)).Single();

    /// <returns>The only row, or the type's default when there is none.</returns>
    /// <exception cref="InvalidOperationException">More than one row.</exception>
    public async Task<T?> QuerySingleOrDefaultAsync<T>(SqlQuery query, object? parameters = null) =>
        (await QueryAsync<T>(query, parameters)).SingleOrDefault();

    /// <summary>Converts two kinds of error to the exceptions that the program handles.</summary>
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
            // SqlClient reports a cancelled command as an error (dotnet/SqlClient#26), so a run that stopped with its server would count as failed.
            throw new OperationCanceledException("The statement was cancelled.", error, cancellationToken);
        }
        catch (DataException error) when (error.InnerException is SqlException cause)
        {
            // The connection broke in the middle of a row.
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    private CommandDefinition Command(SqlQuery query, object? parameters)
    {
        TextParameters.Validate(parameters);
        return new(sql[query], TypedParameters.Of(parameters), transaction, (int)Math.Ceiling(commandTimeout.TotalSeconds), cancellationToken: cancellationToken);
    }
}
