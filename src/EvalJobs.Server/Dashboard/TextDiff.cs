using System.Globalization;
using DiffPlex;

namespace EvalJobs.Server.Dashboard;

/// <summary>Marks where two texts differ, word by word, and within a word that was changed in part.</summary>
internal static class TextDiff
{
    /// <summary>Words of both texts together; the effort grows with the square of those that differ.</summary>
    private const int MaxWords = 4000;

    /// <param name="expected">The one text.</param>
    /// <param name="actual">The other one.</param>
    /// <param name="isTooLong">Whether the texts have more words than are compared.</param>
    /// <returns>The two texts in parts, each either in both or in one only; null when they are too long to compare or have no word in common.</returns>
    public static (IReadOnlyList<DiffPart> Expected, IReadOnlyList<DiffPart> Actual)? Compare(string expected, string actual, out bool isTooLong)
    {
        var words = new Words(expected, actual);
        isTooLong = words.Count > MaxWords;
        if (isTooLong)
            return null;

        var diff = Differ.Instance.CreateDiffs(expected, actual, ignoreWhiteSpace: false, ignoreCase: false, words);
        var onlyExpected = diff.DiffBlocks.SelectMany(block => Enumerable.Range(block.DeleteStartA, block.DeleteCountA)).ToHashSet();
        var onlyActual = diff.DiffBlocks.SelectMany(block => Enumerable.Range(block.InsertStartB, block.InsertCountB)).ToHashSet();
        if (diff.PiecesOld.Count > 0 && !diff.PiecesOld.Where((word, index) => !onlyExpected.Contains(index) && !string.IsNullOrWhiteSpace(word)).Any())
            return null;

        // A word in place of another one: what both share at their ends is not marked.
        var exchanged = diff.DiffBlocks.Where(block => block is { DeleteCountA: 1, InsertCountB: 1 })
            .Select(block => (block.DeleteStartA, block.InsertStartB, Shared: SharedEnds(diff.PiecesOld[block.DeleteStartA], diff.PiecesNew[block.InsertStartB]))).ToList();
        return (Parts(diff.PiecesOld, onlyExpected, exchanged.ToDictionary(each => each.DeleteStartA, each => each.Shared)),
            Parts(diff.PiecesNew, onlyActual, exchanged.ToDictionary(each => each.InsertStartB, each => each.Shared)));
    }

    /// <returns>How much two words share at their beginning and at their end; nothing where that is less than half of the longer one.</returns>
    private static (int Begin, int End) SharedEnds(string one, string other)
    {
        var begin = one.AsSpan().CommonPrefixLength(other);
        var end = 0;
        while (end < Math.Min(one.Length, other.Length) - begin && one[^(end + 1)] == other[^(end + 1)])
            end++;
        return one.All(char.IsLetterOrDigit) && other.All(char.IsLetterOrDigit) && 2 * (begin + end) >= Math.Max(one.Length, other.Length) ? (begin, end) : (0, 0);
    }

    private static List<DiffPart> Parts(IReadOnlyList<string> words, HashSet<int> different, Dictionary<int, (int Begin, int End)> shared)
    {
        var parts = new List<DiffPart>();
        foreach (var (index, word) in words.Index())
        {
            if (!different.Contains(index))
            {
                Add(word, true);
                continue;
            }

            var (begin, end) = shared.GetValueOrDefault(index);
            Add(word[..begin], true);
            Add(word[begin..^end], false);
            Add(word[^end..], true);
        }

        return parts;

        void Add(string text, bool isCommon)
        {
            if (text.Length == 0)
                return;
            if (parts is [.., var last] && last.IsCommon == isCommon)
                parts[^1] = last with { Text = last.Text + text };
            else
                parts.Add(new DiffPart(text, isCommon));
        }
    }

    /// <summary>The words of both texts, found once: words, numbers, runs of spaces, and everything else as people see characters, so that no emoji is torn apart.</summary>
    private sealed class Words(string expected, string actual) : IChunker
    {
        private readonly List<string> _expected = Split(expected);
        private readonly List<string> _actual = Split(actual);

        /// <summary>Words of both texts together.</summary>
        public int Count => _expected.Count + _actual.Count;

        public IReadOnlyList<string> Chunk(string text) => ReferenceEquals(text, expected) ? _expected : _actual;

        private static List<string> Split(string text)
        {
            var words = new List<string>();
            for (var index = 0; index < text.Length;)
            {
                var length = RunOf(text, index, char.IsLetterOrDigit) is > 0 and var word ? word
                    : RunOf(text, index, char.IsWhiteSpace) is > 0 and var space ? space
                    : StringInfo.GetNextTextElementLength(text, index);
                words.Add(text.Substring(index, length));
                index += length;
            }

            return words;
        }

        private static int RunOf(string text, int start, Func<char, bool> belongs)
        {
            var end = start;
            while (end < text.Length && belongs(text[end]))
                end++;
            return end - start;
        }
    }
}

/// <summary>A piece of one of two texts.</summary>
/// <param name="Text">The piece.</param>
/// <param name="IsCommon">Whether the other text has it too.</param>
public sealed record DiffPart(string Text, bool IsCommon);
