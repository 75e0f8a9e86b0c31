using System.Text.RegularExpressions;

namespace EvalJobs.Data;

/// <summary>The tokens in braces of the queries. With them both dialects share a text, and a column is named in one place.</summary>
/// <remarks>
/// <code>
/// {schema}                     before a table: eval. on SQL Server, nothing on SQLite
/// {now}                        the database's clock, in the precision in which times are stored: SQL Server would convert the column instead
/// {now + @LeaseMs}             so many milliseconds later; {now - @Ms}; {now - @Days days}
/// {milliseconds since DueAt}
/// {hour of CreatedAt}          full hours since 1970
/// {minute @DueMinute}          the moment so many minutes after 1970-01-01 00:00 UTC; as int, which DATEADD takes
/// {top @Limit} … {limit @Limit}  the first rows: TOP after SELECT on SQL Server, LIMIT at the end on SQLite
/// {rows @Limit after @Offset}  at the end, after ORDER BY: a page of the rows, after so many others
/// {ids @RunIds}                the numbers in a JSON array, inside IN ( )
/// {word @Status}               a parameter as varchar(20), which the columns of words are; SQL Server would convert the column instead
/// {like @Pattern}              after a column: LIKE without regard to case, with \ before what is meant literally
/// {holds c.Input @Pattern}     whether a text matches such a pattern of the form %…%; on SQLite behind a NUL character, too, at which its LIKE stops
/// {hash @SecretHash}           a parameter as char(64), which the columns of hashes are
/// {with UPDLOCK, ROWLOCK}      SQL Server's hints; nothing on SQLite
/// {indexed by IX_…}            SQLite's hint; nothing on SQL Server
/// {recompile}                  OPTION (RECOMPILE) on SQL Server; nothing on SQLite
/// {run columns}                a list, defined once by a block '-- list: run columns'
/// {run columns of inserted}    each with this prefix
/// {run columns stored}         the names alone, without what the list computes
/// {run figures assigned}       Name = @Name, …
/// {result columns as parameters}  @Name, …
/// </code>
/// A token that is empty in a dialect is removed with the white space before it. In a list, <c>{.}</c> inside an expression is where the prefix goes.
/// </remarks>
internal sealed partial class SqlTokens(StorageProvider dialect)
{
    private const string Prefix = "{.}";

    private readonly Dictionary<string, List<string[]>> _lists = new(StringComparer.Ordinal);
    private readonly HashSet<string> _usedLists = new(StringComparer.Ordinal);

    /// <summary>Lists no text has named.</summary>
    public IEnumerable<string> UnusedLists => _lists.Keys.Except(_usedLists, StringComparer.Ordinal);

    private bool IsSqlite => dialect == StorageProvider.Sqlite;

    private string Now => IsSqlite ? "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)" : "CAST(SYSUTCDATETIME() AS datetime2(3))";

    /// <summary>Keeps a list of columns: names and expressions, separated by commas, in lines.</summary>
    /// <returns>False when there is a list of this name.</returns>
    public bool TryAddList(string name, string body) =>
        _lists.TryAdd(name, [.. body.Split('\n').Select(line => EntryEnd().Split(line.Trim().TrimEnd(',')))]);

    /// <param name="text">A query with tokens.</param>
    /// <param name="onUnknown">Called with each unknown token.</param>
    /// <returns>The text as the dialect wants it.</returns>
    public string Expand(string text, Action<string> onUnknown) => Token().Replace(text, match =>
    {
        var token = match.Groups["token"].Value;
        var expanded = Sql(token) ?? List(token);
        if (expanded is null)
            onUnknown(token);
        return expanded is null or "" && token != "schema" ? "" : match.Groups["space"].Value + expanded;
    });

    private string? Sql(string token)
    {
        if (Time().Match(token) is { Success: true } time)
            return Moment(time.Groups["sign"].Value, time.Groups["span"].Value, isDays: time.Groups["days"].Success);

        var space = token.LastIndexOf(' ');
        var (word, rest) = token.Split(' ', 2) is [var first, var others] ? (first, others) : (token, "");
        return (word, rest) switch
        {
            ("schema", "") => IsSqlite ? "" : "eval.",
            ("now", "") => Now,
            ("milliseconds", ['s', 'i', 'n', 'c', 'e', ' ', ..]) =>
                IsSqlite ? $"({Now} - {token[(space + 1)..]})" : $"DATEDIFF_BIG(millisecond, {token[(space + 1)..]}, {Now})",
            ("hour", ['o', 'f', ' ', ..]) =>
                IsSqlite ? $"({token[(space + 1)..]} / 3600000)" : $"DATEDIFF_BIG(hour, '19700101', {token[(space + 1)..]})",
            ("minute", ['@', ..]) => IsSqlite ? $"{rest} * 60000" : $"DATEADD(minute, {rest}, CAST('19700101' AS datetime2(3)))",
            ("top", ['@', ..]) => IsSqlite ? "" : $"TOP ({rest})",
            ("limit", ['@', ..]) => IsSqlite ? $"LIMIT {rest}" : "",
            ("top", "1") => IsSqlite ? "" : "TOP (1)",
            ("limit", "1") => IsSqlite ? "LIMIT 1" : "",
            ("rows", not "") when rest.Split(" after ") is [var count, var offset] =>
                IsSqlite ? $"LIMIT {count} OFFSET {offset}" : $"OFFSET {offset} ROWS FETCH NEXT {count} ROWS ONLY",
            ("ids", ['@', ..]) => IsSqlite ? $"SELECT value FROM json_each({rest})" : $"SELECT CAST(j.value AS bigint) FROM OPENJSON({rest}) j",
            ("word", ['@', ..]) => IsSqlite ? rest : $"CAST({rest} AS varchar(20))",
            ("recompile", "") => IsSqlite ? "" : "OPTION (RECOMPILE)",
            ("like", ['@', ..]) => IsSqlite ? $"LIKE {rest} ESCAPE '\\'" : $"COLLATE Latin1_General_100_CI_AS LIKE {rest} ESCAPE N'\\'",
            ("holds", not "") when rest.LastIndexOf(' ') is > 0 and var at => Holds(rest[..at], rest[(at + 1)..]),
            ("hash", ['@', ..]) => IsSqlite ? rest : $"CAST({rest} AS char(64))",
            ("with", not "") => IsSqlite ? "" : $"WITH ({rest})",
            ("indexed", ['b', 'y', ' ', ..]) => IsSqlite ? $"INDEXED BY {token[(space + 1)..]}" : "",
            _ => null,
        };
    }

    // The cheap test comes first: LENGTH stops at the NUL, the length in bytes does not. The two also differ for a text that is not ASCII; INSTR then decides.
    // LOWER and INSTR fold the same letters as LIKE, A to Z, and read to the end. The escapes of the pattern are removed, the backslash last, because it escapes itself, too.
    private string Holds(string text, string pattern) => IsSqlite
        ? $@"({text} LIKE {pattern} ESCAPE '\' OR (LENGTH({text}) <> LENGTH(CAST({text} AS BLOB)) AND INSTR({text}, CHAR(0)) > 0 AND INSTR(LOWER({text}), LOWER("
          + $@"REPLACE(REPLACE(REPLACE(REPLACE(SUBSTR({pattern}, 2, LENGTH({pattern}) - 2), '\%', '%'), '\_', '_'), '\[', '['), '\\', '\'))) > 0))"
        : $@"{text} COLLATE Latin1_General_100_CI_AS LIKE {pattern} ESCAPE N'\'";

    private string Moment(string sign, string span, bool isDays) => IsSqlite
        ? $"{Now} {sign} {span}{(isDays ? " * 86400000" : "")}"
        : $"DATEADD({(isDays ? "day" : "millisecond")}, {(sign == "-" ? "-" : "")}{span}, {Now})";

    private string? List(string token)
    {
        if (Columns(token, entry => entry.Replace(Prefix, "", StringComparison.Ordinal)) is { } plain)
            return plain;
        if (token.EndsWith(" stored", StringComparison.Ordinal))
            return Columns(token[..^" stored".Length], StoredName);
        if (token.EndsWith(" assigned", StringComparison.Ordinal))
            return Columns(token[..^" assigned".Length], entry => $"{StoredName(entry)} = @{ParameterName(entry)}");
        if (token.EndsWith(" as parameters", StringComparison.Ordinal))
            return Columns(token[..^" as parameters".Length], entry => $"@{ParameterName(entry)}");
        return token.LastIndexOf(" of ", StringComparison.Ordinal) is > 0 and var of
            ? Columns(token[..of], entry => WithPrefix(entry, token[(of + " of ".Length)..] + "."))
            : null;
    }

    private string? Columns(string list, Func<string, string> write)
    {
        if (!_lists.TryGetValue(list, out var lines))
            return null;
        _usedLists.Add(list);
        return string.Join(",\n       ", lines.Select(line => string.Join(", ", line.Select(write))));
    }

    private static string WithPrefix(string entry, string prefix) =>
        entry.Contains(Prefix, StringComparison.Ordinal) ? entry.Replace(Prefix, prefix, StringComparison.Ordinal) : prefix + entry;

    private static string StoredName(string entry) => entry.LastIndexOf(" AS ", StringComparison.Ordinal) is > 0 and var at ? entry[(at + " AS ".Length)..] : entry;

    private static string ParameterName(string entry) => StoredName(entry).Trim('[', ']');

    [GeneratedRegex(@"(?<space>\s*)\{(?<token>[^{}]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex(@"^now (?<sign>[+-]) (?<span>@\w+|\d+)(?<days> days)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();

    /// <summary>A comma outside of brackets.</summary>
    [GeneratedRegex(@",\s*(?![^()]*\))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EntryEnd();
}
