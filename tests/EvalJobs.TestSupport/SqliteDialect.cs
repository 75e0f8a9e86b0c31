using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Translates the T-SQL of the scripts to SQLite: names without schema, no hints, LIMIT for TOP. It also adds T-SQL's functions to SQLite.</summary>
/// <remarks>Syntax that it does not know stays unchanged, so SQLite rejects it and nothing is silently left out.</remarks>
public static class SqliteDialect
{
    /// <summary>The name of a table variable in SQLite.</summary>
    public static string TableFor(string variable) => $"temp.[{variable}]";

    /// <summary>Translates a statement, query or expression.</summary>
    public static string Translate(TSqlFragment node, long rowCount)
    {
        var text = string.Concat(node.ScriptTokenStream.Select(token => token.Text));
        var edits = new TextEdits(text);
        node.Accept(new Rewriter(edits, rowCount));
        return edits.Apply(node).TrimEnd().TrimEnd(';');
    }

    public static void AddFunctions(SqliteConnection connection)
    {
        connection.CreateFunction("SYSUTCDATETIME", () => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        connection.CreateFunction("SUSER_SNAME", () => "tester");
        connection.CreateFunction("DATEADD", (string part, long? count, long? time) => time + count * Milliseconds(part));
        connection.CreateFunction("DATEDIFF_BIG", (string part, long? from, long? to) => Whole(to, part) - Whole(from, part));
        connection.CreateFunction("CONCAT", (object?[] parts) => string.Concat(parts.Select(Text)));
        connection.CreateFunction("STRING_ESCAPE", (string? text, string _) => text is null ? null : JsonEncodedText.Encode(text).ToString());
        connection.CreateFunction("HASHBYTES", (string algorithm, string? text) => Hash(algorithm, text));
        connection.CreateFunction("LEN", (string? text) => (long?)text?.TrimEnd(' ').Length);
        connection.CreateFunction("PATINDEX", (string pattern, string? text) => text is null ? (long?)null : PatternIndex(pattern, text));
    }

    private static long Milliseconds(string part) => part switch
    {
        "day" => 86_400_000,
        "hour" => 3_600_000,
        "minute" => 60_000,
        "second" => 1000,
        "millisecond" => 1,
        _ => throw new NotSupportedException($"The date part {part}."),
    };

    private static long? Whole(long? time, string part) => time is { } value ? (long)Math.Floor((double)value / Milliseconds(part)) : null;

    private static string Text(object? part) => part is null or DBNull ? "" : Convert.ToString(part, CultureInfo.InvariantCulture)!;

    /// <summary>The hash of a UTF-8 text, because SQLite stores UTF-8.</summary>
    private static byte[]? Hash(string algorithm, string? text) => algorithm == "SHA2_256"
        ? text is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(text))
        : throw new NotSupportedException($"HASHBYTES of {algorithm}.");

    /// <summary>For patterns of the form %[…]%.</summary>
    private static long PatternIndex(string pattern, string text)
    {
        var match = Regex.Match(text, pattern.Trim('%'), RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return match.Success ? match.Index + 1 : 0;
    }

    private sealed class Rewriter(TextEdits edits, long rowCount) : TSqlFragmentVisitor
    {
        public override void Visit(NamedTableReference node) =>
            edits.Replace(node, $"[{node.SchemaObject.BaseIdentifier.Value}]{Alias(node.Alias)}");

        public override void Visit(VariableTableReference node) => edits.Replace(node, $"{TableFor(node.Variable.Name)}{Alias(node.Alias)}");

        public override void Visit(StringLiteral node)
        {
            if (node.IsNational)
                edits.Replace(node, $"'{node.Value.Replace("'", "''", StringComparison.Ordinal)}'");
        }

        public override void Visit(GlobalVariableExpression node) =>
            edits.Replace(node, node.Name == "@@ROWCOUNT" ? $"{rowCount}" : throw new NotSupportedException(node.Name));

        public override void Visit(FunctionCall node)
        {
            if (TSqlFunctions.TakesDatePart(node))
                edits.Replace(node.Parameters[0], $"'{TSqlText.Of(node.Parameters[0])}'");
            else if (node.FunctionName.Value == "SCOPE_IDENTITY")
                edits.Replace(node, "last_insert_rowid()");
        }

        public override void Visit(VariableReference node)
        {
            // A collation defines how the server compares; SQLite compares exactly anyway.
            if (node.Collation is not null)
                edits.Replace(node, node.Name);
        }

        public override void Visit(CastCall node)
        {
            // SQLite's texts are UTF-8, so the UTF-8 collation is not needed.
            if (node is { Parameter: ColumnReferenceExpression { Collation: not null } column, DataType: SqlDataTypeReference { SqlDataTypeOption: SqlDataTypeOption.VarChar } })
                edits.Replace(node, TSqlText.Of(column.MultiPartIdentifier));
        }

        public override void Visit(ConvertCall node)
        {
            if (node is { DataType: SqlDataTypeReference { SqlDataTypeOption: SqlDataTypeOption.Char }, Style: IntegerLiteral { Value: "2" } })
                edits.Replace(node, $"hex({TranslateInside(node.Parameter)})");
        }

        /// <summary>SQLite plans every statement anew.</summary>
        public override void Visit(StatementWithCtesAndXmlNamespaces node)
        {
            if (node.OptimizerHints is [{ HintKind: OptimizerHintKind.Recompile } hint])
                edits.Replace(hint.ScriptTokenStream, Before(hint, TSqlTokenType.Option), After(hint, TSqlTokenType.RightParenthesis), "");
        }

        public override void Visit(SelectSetVariable node) => edits.Replace(node, TranslateInside(node.Expression));

        public override void Visit(QuerySpecification node)
        {
            if (node.TopRowFilter is not { } top)
                return;
            edits.Replace(top, "");
            edits.InsertAfter(node, $" LIMIT {TranslateInside(top.Expression)}");
        }

        private static int Before(TSqlFragment node, TSqlTokenType type)
        {
            var index = node.FirstTokenIndex;
            while (node.ScriptTokenStream[index].TokenType != type)
                index--;
            return index;
        }

        private static int After(TSqlFragment node, TSqlTokenType type)
        {
            var index = node.LastTokenIndex;
            while (node.ScriptTokenStream[index].TokenType != type)
                index++;
            return index;
        }

        private string TranslateInside(TSqlFragment node) => Translate(node, rowCount);

        private static string Alias(Identifier? alias) => alias is null ? "" : $" {alias.Value}";
    }
}
