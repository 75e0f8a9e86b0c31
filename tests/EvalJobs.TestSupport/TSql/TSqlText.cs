using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Reads T-SQL of SQL Server 2019 into a syntax tree.</summary>
public static class TSqlText
{
    /// <returns>The tree, or null when the text has syntax errors, which are then in <paramref name="failures"/>.</returns>
    public static TSqlScript? Parse(TSqlSource source, ICollection<TSqlFailure> failures)
    {
        using var reader = new StringReader(source.Text);
        var script = (TSqlScript)new TSql150Parser(initialQuotedIdentifiers: true).Parse(reader, out var errors);
        foreach (var error in errors)
            failures.Add(new(source.File, error.Line, error.Column, error.Message));
        return errors.Count == 0 ? script : null;
    }

    /// <summary>The text a node was read from.</summary>
    public static string Of(TSqlFragment node) =>
        string.Concat(Enumerable.Range(node.FirstTokenIndex, node.LastTokenIndex - node.FirstTokenIndex + 1)
            .Select(index => node.ScriptTokenStream[index].Text));

    /// <summary>"schema.name", or "name" when no schema is given.</summary>
    public static string NameOf(SchemaObjectName name) =>
        string.Join('.', name.Identifiers.Select(identifier => identifier.Value));
}
