using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EvalJobs.Tests.Support;

/// <summary>What SQLite reports about a query text that it prepared but did not run.</summary>
/// <param name="Parameters">The parameters as spelled, with their @.</param>
/// <param name="Columns">The columns of the last statement that returns rows.</param>
public sealed record SqliteStatement(IReadOnlySet<string> Parameters, IReadOnlyList<string> Columns)
{
    /// <exception cref="SqliteException">Syntax error, unknown table, column or function.</exception>
    public static SqliteStatement Prepare(SqliteConnection connection, string text)
    {
        var parameters = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyList<string> columns = [];
        while (!string.IsNullOrWhiteSpace(text))
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle!, text, out var statement, out text), connection.Handle!);
            using (statement)
            {
                if (statement.IsInvalid)
                    continue; // A comment after the last semicolon.

                for (var index = 1; index <= raw.sqlite3_bind_parameter_count(statement); index++)
                    parameters.Add(raw.sqlite3_bind_parameter_name(statement, index).utf8_to_string());
                if (raw.sqlite3_column_count(statement) is > 0 and var count)
                    columns = Enumerable.Range(0, count).Select(index => raw.sqlite3_column_name(statement, index).utf8_to_string()).ToList();
            }
        }

        return new(parameters, columns);
    }
}
