using System.Reflection;
using System.Text;

namespace EvalJobs.Data;

/// <summary>The texts of all queries in one dialect, as they are sent, read from the files built into this assembly.</summary>
/// <remarks>
/// <c>Runs.sql</c> holds what both dialects share, <c>Runs.sqlite.sql</c> and <c>Runs.sqlserver.sql</c> what they do differently. A block begins
/// with <c>-- name: ClaimPendingRuns</c>; a list of columns with <c>-- list: run columns</c>. <see cref="SqlTokens"/> says what the tokens in braces mean.
/// </remarks>
internal sealed class SqlCatalog
{
    private static readonly Assembly Home = typeof(SqlCatalog).Assembly;

    private static readonly Dictionary<StorageProvider, Lazy<SqlCatalog>> Dialects = Enum.GetValues<StorageProvider>()
        .ToDictionary(dialect => dialect, dialect => new Lazy<SqlCatalog>(() => Compose(dialect, Files(), Enum.GetNames<SqlQuery>())));

    private readonly Dictionary<string, string> _texts;

    private SqlCatalog(Dictionary<string, string> texts) => _texts = texts;

    /// <returns>The query's text.</returns>
    public string this[SqlQuery query] => _texts[query.ToString()];

    /// <summary>The catalogue of a dialect.</summary>
    /// <exception cref="InvalidOperationException">A query has no block, or a block no query, or a file cannot be read; the message names every one.</exception>
    public static SqlCatalog Load(StorageProvider dialect) => Dialects[dialect].Value;

    /// <summary>Every query's text as it is sent, in the order of <see cref="SqlQuery"/>; each begins with its name as a comment.</summary>
    public string Print() => string.Join('\n', Enum.GetNames<SqlQuery>().Select(name => _texts[name]));

    /// <param name="dialect">Whose texts.</param>
    /// <param name="files">The name of each file and its text.</param>
    /// <param name="queries">The names that need a block each.</param>
    /// <exception cref="InvalidOperationException">The files and the names do not match, or a file cannot be read.</exception>
    internal static SqlCatalog Compose(StorageProvider dialect, IEnumerable<(string Name, string Text)> files, IReadOnlyCollection<string> queries)
    {
        var errors = new List<string>();
        var tokens = new SqlTokens(dialect);
        var blocks = new Dictionary<string, (string File, string Text)>(StringComparer.Ordinal);
        foreach (var (file, text) in files.Where(file => IsOf(dialect, file.Name)))
        {
            foreach (var (kind, name, body) in Blocks(text))
            {
                if (kind == BlockKind.List)
                {
                    if (!tokens.TryAddList(name, body))
                        errors.Add($"{file}: the list '{name}' is defined twice");
                }
                else if (!blocks.TryAdd(name, (file, body)))
                {
                    errors.Add($"{file}: {name} is in {blocks[name].File} too");
                }
            }
        }

        errors.AddRange(queries.Except(blocks.Keys, StringComparer.Ordinal).Select(name => $"no block '-- name: {name}' for {dialect}"));
        errors.AddRange(blocks.Where(block => !queries.Contains(block.Key, StringComparer.Ordinal)).Select(block => $"{block.Value.File}: no query is called {block.Key}"));

        var texts = blocks.ToDictionary(
            block => block.Key,
            block => $"-- name: {block.Key}\n{tokens.Expand(block.Value.Text, unknown => errors.Add($"{block.Value.File}: {block.Key} has the unknown token {{{unknown}}}"))}\n",
            StringComparer.Ordinal);
        errors.AddRange(tokens.UnusedLists.Select(list => $"no query uses the list '{list}'"));
        return errors.Count == 0 ? new SqlCatalog(texts) : throw new InvalidOperationException($"The SQL catalogue has errors: {string.Join("; ", errors)}.");
    }

    /// <summary>The files of queries as they are built in.</summary>
    internal static IEnumerable<(string Name, string Text)> Files() => Home.GetManifestResourceNames()
        .Where(name => name.StartsWith("Sql/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(name => (name["Sql/".Length..], ReadText(name)));

    internal static string ReadText(string resource)
    {
        using var reader = new StreamReader(Home.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    private static bool IsOf(StorageProvider dialect, string file) => Path.GetFileName(file).Split('.') switch
    {
        [_, "sqlite", "sql"] => dialect == StorageProvider.Sqlite,
        [_, "sqlserver", "sql"] => dialect == StorageProvider.SqlServer,
        _ => true,
    };

    private static IEnumerable<(BlockKind Kind, string Name, string Body)> Blocks(string text)
    {
        const string query = "-- name: ", list = "-- list: ";
        var kind = BlockKind.None;
        var name = "";
        var body = new StringBuilder();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').Append(query))
        {
            var isQuery = line.StartsWith(query, StringComparison.Ordinal);
            if (!isQuery && !line.StartsWith(list, StringComparison.Ordinal))
            {
                body.Append(line).Append('\n');
                continue;
            }

            // The text before the first block is about the file.
            if (kind != BlockKind.None)
                yield return (kind, name, body.ToString().Trim('\n'));
            (kind, name) = (isQuery ? BlockKind.Query : BlockKind.List, line[query.Length..].Trim());
            body.Clear();
        }
    }

    private enum BlockKind
    {
        None,
        Query,
        List,
    }
}
