using Microsoft.Data.Sqlite;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Runs the control flow of an administrator's T-SQL script on SQLite, one translated statement after another.</summary>
/// <remarks>
/// It supports DECLARE, SET, IF, WHILE, BEGIN … END, TRY … CATCH (whose CATCH rolls back and throws again), transactions, THROW, and the
/// statements on rows. Anything else (grants, database options, dynamic SQL, system views) is rejected: such scripts are only compiled.
/// </remarks>
public sealed class SqliteScriptRunner
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, object?> _given;
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<IReadOnlyDictionary<string, object?>>> _results = [];
    private readonly List<string> _tables = [];
    private SqliteTransaction? _transaction;
    private long _rowCount;

    /// <param name="connection">An open connection.</param>
    /// <param name="given">Values for variables the script declares.</param>
    public SqliteScriptRunner(SqliteConnection connection, Dictionary<string, object?> given)
    {
        _connection = connection;
        _given = given;
        SqliteDialect.AddFunctions(connection);
    }

    /// <returns>The result sets.</returns>
    /// <exception cref="AdminScriptException">The script threw.</exception>
    public IReadOnlyList<IReadOnlyList<IReadOnlyDictionary<string, object?>>> Run(TSqlScript script)
    {
        try
        {
            foreach (var statement in script.Batches.SelectMany(batch => batch.Statements))
                Run(statement);
        }
        finally
        {
            // As XACT_ABORT does: an open transaction is rolled back when a script fails.
            _transaction?.Dispose();
            _transaction = null;
            foreach (var table in _tables)
                Execute($"DROP TABLE {table}");
        }

        var unknown = _given.Keys.Where(name => !_variables.ContainsKey(name)).ToList();
        return unknown.Count == 0 ? _results : throw new InvalidOperationException($"The script declares no {string.Join(", ", unknown)}.");
    }

    private void Run(TSqlStatement statement)
    {
        switch (statement)
        {
            case DeclareVariableStatement declare:
                foreach (var variable in declare.Declarations)
                    _variables[variable.VariableName.Value] = _given.TryGetValue(variable.VariableName.Value, out var given) ? given : variable.Value is null ? null : Evaluate(variable.Value);
                break;
            case DeclareTableVariableStatement { Body: var table }:
                _tables.Add(SqliteDialect.TableFor(table.VariableName.Value));
                Execute($"CREATE TABLE {_tables[^1]} ({string.Join(", ", table.Definition.ColumnDefinitions.Select(column => column.ColumnIdentifier.Value))})");
                break;
            case SetVariableStatement set:
                _variables[set.Variable.Name] = Evaluate(set.Expression);
                break;
            // SET LOCK_TIMEOUT is one of them: no other process uses a test's file.
            case PredicateSetStatement or SetIdentityInsertStatement or SetCommandStatement or SetTransactionIsolationLevelStatement:
                break;
            case IfStatement choice:
                if (IsTrue(choice.Predicate))
                    Run(choice.ThenStatement);
                else if (choice.ElseStatement is not null)
                    Run(choice.ElseStatement);
                break;
            case WhileStatement loop:
                while (IsTrue(loop.Predicate))
                    Run(loop.Statement);
                break;
            case BeginEndBlockStatement block:
                foreach (var inner in block.StatementList.Statements)
                    Run(inner);
                break;
            case TryCatchStatement attempt:
                foreach (var inner in attempt.TryStatements.Statements)
                    Run(inner);
                break;
            case BeginTransactionStatement:
                _transaction = _connection.BeginTransaction(deferred: false);
                break;
            case CommitTransactionStatement:
                _transaction!.Commit();
                _transaction.Dispose();
                _transaction = null;
                break;
            case ThrowStatement thrown:
                throw new AdminScriptException(int.Parse(((IntegerLiteral)thrown.ErrorNumber).Value, null), ((StringLiteral)thrown.Message).Value);
            case SelectStatement { QueryExpression: QuerySpecification query } assignment when query.SelectElements.All(element => element is SelectSetVariable):
                Assign(query.SelectElements.Cast<SelectSetVariable>().Select(element => element.Variable.Name).ToList(), assignment);
                break;
            case SelectStatement select:
                _results.Add(Query(SqliteDialect.Translate(select, _rowCount)));
                break;
            case InsertStatement or UpdateStatement or DeleteStatement:
                _rowCount = Execute(SqliteDialect.Translate(statement, _rowCount));
                break;
            default:
                throw new NotSupportedException($"Line {statement.StartLine}: a {statement.GetType().Name} cannot be run on SQLite.");
        }
    }

    /// <summary>Without a row the variables keep their values, as in T-SQL.</summary>
    private void Assign(List<string> names, SelectStatement select)
    {
        using var command = Command(SqliteDialect.Translate(select, _rowCount));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            for (var index = 0; index < names.Count; index++)
                _variables[names[index]] = reader.IsDBNull(index) ? null : reader.GetValue(index);
        }
    }

    private bool IsTrue(BooleanExpression predicate) => Scalar($"SELECT CASE WHEN {SqliteDialect.Translate(predicate, _rowCount)} THEN 1 ELSE 0 END") is 1L;

    private object? Evaluate(ScalarExpression expression) => Scalar($"SELECT {SqliteDialect.Translate(expression, _rowCount)}");

    private object? Scalar(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteScalar() is var value and not DBNull ? value : null;
    }

    private int Execute(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteNonQuery();
    }

    private List<IReadOnlyDictionary<string, object?>> Query(string sql)
    {
        using var command = Command(sql);
        using var reader = command.ExecuteReader();
        var rows = new List<IReadOnlyDictionary<string, object?>>();
        while (reader.Read())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                reader.GetName, index => reader.IsDBNull(index) ? null : reader.GetValue(index), StringComparer.Ordinal));
        }

        return rows;
    }

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = _transaction;
        foreach (var (name, value) in _variables)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
