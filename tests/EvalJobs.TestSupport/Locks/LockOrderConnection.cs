using System.Collections.Concurrent;
using System.Data;
using System.Runtime.CompilerServices;
using EvalJobs.Data;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Support;

/// <summary>
/// A connection to SQLite that holds every transaction to <see cref="LockOrder"/> while it runs. SQLite has one writer, so its lock order does not matter;
/// but the program sends the same queries, in the same order, to SQL Server.
/// </summary>
internal class LockOrderConnection(string connectionString) : SqliteConnection(connectionString)
{
    private static readonly Dictionary<string, SqlQuery> Queries = Enum.GetValues<SqlQuery>().ToDictionary(query => SqlCatalog.Load(StorageProvider.Sqlite)[query], StringComparer.Ordinal);

    private static readonly ConditionalWeakTable<SqliteTransaction, TransactionLocks> Transactions = [];

    private static readonly ConcurrentDictionary<SqlQuery, int> Runs = new();

    /// <summary>How often a query has run without a violation since the tests began.</summary>
    public static int TimesRun(SqlQuery query) => Runs.GetValueOrDefault(query);

    /// <inheritdoc/>
    public override SqliteCommand CreateCommand() => Watch(new WatchedCommand());

    /// <summary>Gives a command this connection and its current transaction.</summary>
    protected SqliteCommand Watch(SqliteCommand command)
    {
        command.Connection = this;
        command.Transaction = Transaction;
        return command;
    }

    /// <summary>A command that is checked before it runs.</summary>
    protected class WatchedCommand : SqliteCommand
    {
        /// <inheritdoc/>
        /// <exception cref="LockOrderException">The command would violate the order of locks.</exception>
        public override SqliteDataReader ExecuteReader(CommandBehavior behavior)
        {
            if (Queries.TryGetValue(CommandText, out var query))
            {
                var locks = Transaction is { } transaction ? Transactions.GetValue(transaction, _ => new TransactionLocks(LockOrder.Documented)) : new TransactionLocks(LockOrder.Documented);
                Runs.AddOrUpdate(query, 1, (_, times) => times + 1);
                if (locks.Take(query.ToString(), LockOrder.Of(query)) is { } violation)
                    throw new LockOrderException($"{violation}: docs/develop/lock-order.md has the order of locks.");
            }

            return base.ExecuteReader(behavior);
        }
    }
}

/// <summary>A transaction takes its locks in an order other than the documented one.</summary>
public sealed class LockOrderException(string message) : Exception(message);
