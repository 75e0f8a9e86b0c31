using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>
/// An administrator's script of scripts/, run as it stands on SQL Server, and on SQLite by <see cref="SqliteScriptRunner"/>: so the
/// logic of each is exercised where no SQL Server is at hand.
/// </summary>
public sealed class AdminScript
{
    private readonly TSqlScript _script;

    private AdminScript(TSqlSource source)
    {
        Source = source;
        var failures = new List<TSqlFailure>();
        _script = TSqlText.Parse(source, failures) ?? throw new InvalidOperationException(string.Join(Environment.NewLine, failures));
    }

    public static IReadOnlyList<TSqlSource> All { get; } =
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "scripts"), "*.sql").Order(StringComparer.Ordinal)
            .Select(file => new TSqlSource($"scripts/{Path.GetFileName(file)}", File.ReadAllText(file)))
            .ToList();

    public TSqlSource Source { get; }

    /// <param name="name">Without folder and extension.</param>
    public static AdminScript Named(string name) => new(All.Single(script => script.File == $"scripts/{name}.sql"));

    /// <summary>T-SQL that is not a file of scripts/.</summary>
    public static AdminScript Of(string text) => new(new TSqlSource("text", text));

    /// <summary>Runs it with some of the variables it declares at its top set, as a person would in the query window.</summary>
    /// <returns>Its result sets, each a list of rows by column name.</returns>
    /// <exception cref="AdminScriptException">The script refused.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<IReadOnlyDictionary<string, object?>>>> RunAsync(
        TestDatabase database, params (string Variable, object? Value)[] variables)
    {
        await using var connection = await database.Database.OpenAsync(CancellationToken.None);
        if (connection is SqliteConnection sqlite)
            return new SqliteScriptRunner(sqlite, variables.ToDictionary(each => each.Variable, each => each.Value, StringComparer.Ordinal)).Run(_script);

        try
        {
            using var results = await connection.QueryMultipleAsync(WithVariables(variables));
            var sets = new List<IReadOnlyList<IReadOnlyDictionary<string, object?>>>();
            while (!results.IsConsumed)
                sets.Add([.. (await results.ReadAsync()).Select(row => (IReadOnlyDictionary<string, object?>)new Dictionary<string, object?>((IDictionary<string, object?>)row, StringComparer.Ordinal))]);
            return sets;
        }
        catch (Microsoft.Data.SqlClient.SqlException error) when (error.Number >= 50000)
        {
            throw new AdminScriptException(error.Number, error.Message);
        }
    }

    private string WithVariables((string Variable, object? Value)[] variables)
    {
        var edits = new TextEdits(Source.Text);
        foreach (var (variable, value) in variables)
            edits.Replace(TopVariable(variable).Value, Literal(value));
        return edits.Apply();
    }

    private DeclareVariableElement TopVariable(string name) =>
        _script.Batches[0].Statements.OfType<DeclareVariableStatement>().SelectMany(statement => statement.Declarations)
            .Single(declared => declared.VariableName.Value == name);

    private static string Literal(object? value) => value switch
    {
        null => "NULL",
        string text => $"N'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        bool flag => flag ? "1" : "0",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>What a script's THROW says.</summary>
public sealed class AdminScriptException(int number, string message) : Exception(message)
{
    public int Number { get; } = number;
}
