using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>
/// An administrator's script in scripts/. SQL Server runs its text unchanged. SQLite runs it through <see cref="SqliteScriptRunner"/>, so the
/// logic of each script is tested where no SQL Server is available.
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

    /// <param name="name">The file name without folder and extension.</param>
    public static AdminScript Named(string name) => new(All.Single(script => script.File == $"scripts/{name}.sql"));

    /// <summary>A script from a text that is not a file in scripts/.</summary>
    public static AdminScript Of(string text) => new(new TSqlSource("text", text));

    /// <summary>Runs the script. The given values replace those of variables that it declares at its top, as a person would edit them in the query window.</summary>
    /// <returns>The result sets. Each is a list of rows; a row maps column names to values.</returns>
    /// <exception cref="AdminScriptException">The script rejected its input.</exception>
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

/// <summary>The message of a script's THROW.</summary>
public sealed class AdminScriptException(int number, string message) : Exception(message)
{
    public int Number { get; } = number;
}
