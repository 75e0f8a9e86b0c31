using System.Globalization;

namespace EvalJobs.Import;

/// <summary>The first row of a CSV file.</summary>
internal sealed class CsvHeader
{
    private readonly string[] _names;
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    public CsvHeader(string[] names, FilePlace place)
    {
        _names = names;
        for (var index = 0; index < names.Length; index++)
        {
            // A column without a name cannot be named in a mapping. Spreadsheets often write such columns.
            if (names[index].Length > 0 && !_indexes.TryAdd(names[index], index))
                throw place.Error("the header names this column twice.", names[index]);
        }
    }

    /// <returns>The names of the columns of a file without a header: 1, 2, 3 and so on.</returns>
    public static CsvHeader Numbered(int count) =>
        new([.. Enumerable.Range(1, count).Select(number => number.ToString(CultureInfo.InvariantCulture))], default) { IsNumbered = true };

    /// <summary>Whether the file has no header, so that the columns' names are their numbers.</summary>
    public bool IsNumbered { get; private init; }

    public int Count => _names.Length;

    public IReadOnlyList<string> Names => _names;

    /// <returns>The index of the column with exactly this name, or else of the only one that differs only in case, or else -1.</returns>
    public int IndexOf(string name)
    {
        if (_indexes.TryGetValue(name, out var exact))
            return exact;

        var first = Array.FindIndex(_names, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));
        var last = Array.FindLastIndex(_names, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));
        var index = name.Length > 0 && first == last ? first : -1;
        _indexes[name] = index;
        return index;
    }

    public override string ToString() => string.Join(", ", _names);
}
