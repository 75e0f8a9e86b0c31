using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Replacements in a text, given by position and applied together. Where two overlap, the outer one is applied.</summary>
public sealed class TextEdits(string text)
{
    private readonly List<(int Start, int Length, string With)> _edits = [];

    public void Replace(TSqlFragment node, string with) => _edits.Add((node.StartOffset, node.FragmentLength, with));

    /// <summary>Replaces the text from one token to another.</summary>
    public void Replace(IList<TSqlParserToken> tokens, int first, int last, string with) =>
        _edits.Add((tokens[first].Offset, tokens[last].Offset + tokens[last].Text.Length - tokens[first].Offset, with));

    public void InsertAfter(TSqlFragment node, string with) => _edits.Add((node.StartOffset + node.FragmentLength, 0, with));

    /// <returns>The text with all replacements.</returns>
    public string Apply() => Apply(0, text.Length);

    /// <returns>The part of the text that belongs to the node.</returns>
    public string Apply(TSqlFragment node) => Apply(node.StartOffset, node.FragmentLength);

    private string Apply(int start, int length)
    {
        var result = new System.Text.StringBuilder();
        var at = start;
        foreach (var (from, size, with) in _edits.Where(edit => edit.Start >= start && edit.Start + edit.Length <= start + length).OrderBy(edit => edit.Start).ThenByDescending(edit => edit.Length))
        {
            if (from < at)
                continue;
            result.Append(text, at, from - at).Append(with);
            at = from + size;
        }

        return result.Append(text, at, start + length - at).ToString();
    }
}
