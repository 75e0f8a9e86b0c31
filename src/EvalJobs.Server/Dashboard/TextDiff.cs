using System.Globalization;

namespace EvalJobs.Server.Dashboard;

/// <summary>Marks where two texts differ, word by word.</summary>
internal static class TextDiff
{
    /// <summary>Cells of the table of common subsequences: about 1,000 differing words against 1,000.</summary>
    private const int MostCells = 1_000_000;

    /// <returns>The two texts in parts, each either in both or in one only; null when they are too long to compare or have no word in common.</returns>
    public static (IReadOnlyList<DiffPart> Expected, IReadOnlyList<DiffPart> Actual)? Compare(string expected, string actual)
    {
        var left = Words(expected);
        var right = Words(actual);
        var start = 0;
        while (start < left.Count && start < right.Count && left[start] == right[start])
            start++;
        var end = 0;
        while (end < left.Count - start && end < right.Count - start && left[^(end + 1)] == right[^(end + 1)])
            end++;

        var rows = left.Count - start - end;
        var columns = right.Count - start - end;
        if ((long)(rows + 1) * (columns + 1) > MostCells)
            return null;

        var (keptLeft, keptRight) = Common(left, right, start, rows, columns);
        bool IsCommon(int index) => index < start || index >= left.Count - end || keptLeft[index - start];
        if (left.Count > 0 && !left.Where((word, index) => IsCommon(index) && !string.IsNullOrWhiteSpace(word)).Any())
            return null;

        return (Parts(left, IsCommon),
            Parts(right, index => index < start || index >= right.Count - end || keptRight[index - start]));
    }

    /// <summary>Marks the words of the longest common subsequence on both sides.</summary>
    private static (bool[] Left, bool[] Right) Common(List<string> left, List<string> right, int start, int rows, int columns)
    {
        // lengths[r, c]: the longest common subsequence of what follows from row r and column c.
        var lengths = new ushort[rows + 1, columns + 1];
        for (var row = rows - 1; row >= 0; row--)
        {
            for (var column = columns - 1; column >= 0; column--)
            {
                lengths[row, column] = left[start + row] == right[start + column]
                    ? (ushort)(lengths[row + 1, column + 1] + 1)
                    : Math.Max(lengths[row + 1, column], lengths[row, column + 1]);
            }
        }

        var (keptLeft, keptRight) = (new bool[rows], new bool[columns]);
        for (int row = 0, column = 0; row < rows && column < columns;)
        {
            if (left[start + row] == right[start + column])
            {
                keptLeft[row++] = true;
                keptRight[column++] = true;
            }
            else if (lengths[row + 1, column] >= lengths[row, column + 1])
            {
                row++;
            }
            else
            {
                column++;
            }
        }

        return (keptLeft, keptRight);
    }

    private static List<DiffPart> Parts(List<string> words, Func<int, bool> isCommon)
    {
        var parts = new List<DiffPart>();
        for (var index = 0; index < words.Count; index++)
        {
            var common = isCommon(index);
            if (parts is [.., var last] && last.IsCommon == common)
                parts[^1] = last with { Text = last.Text + words[index] };
            else
                parts.Add(new DiffPart(words[index], common));
        }

        return parts;
    }

    /// <summary>Words, numbers, runs of spaces, and everything else as people see characters, so that no emoji is torn apart.</summary>
    private static List<string> Words(string text)
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

/// <summary>A piece of one of two texts.</summary>
/// <param name="Text">The piece.</param>
/// <param name="IsCommon">Whether the other text has it too.</param>
public sealed record DiffPart(string Text, bool IsCommon);
