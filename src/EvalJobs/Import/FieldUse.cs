using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Which fields or columns of one file become part of a case, and which do not: unused ones are reported, so that no data is ignored without a message. Not for concurrent use.</summary>
internal sealed class FieldUse
{
    // Usual records have far fewer names. A file with new names in each record must not fill the memory, and a page offers every name for every part of a case.
    private const int MaxFields = 200;
    private const int MaxFieldLength = 1000;
    private const int MaxNamed = 20;
    private const int MaxNamedLength = 60;

    private readonly List<string> _met = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The columns, or the names of the fields of the records, in the order in which they were found.</summary>
    public IReadOnlyList<string> Met => _met;

    /// <summary>Records a field or a column, unless too many are recorded already or its name is too long.</summary>
    public void Record(string field)
    {
        if (field.Length is > 0 and <= MaxFieldLength && _met.Count < MaxFields && _known.Add(field))
            _met.Add(field);
    }

    /// <summary>Records that a part of a case is read from a field, or from a place within it.</summary>
    /// <param name="path">The field's name, or a path such as <c>messages[0].content</c>.</param>
    public void RecordUse(string path)
    {
        _taken.Add(path);
        if (path.IndexOfAny(['.', '[']) is > 0 and var end)
            _taken.Add(path[..end]);
    }

    /// <summary>The unused fields, in words; null when every field is used.</summary>
    public string? NotTaken
    {
        get
        {
            var left = _met.Where(name => !_taken.Contains(name)).ToList();
            if (left.Count == 0)
                return null;
            var names = string.Join(", ", left.Take(MaxNamed).Select(Short));
            return $"Not taken, as no part of a case is read from {Plural.Of(left.Count, "it", "them")}: {names}{(left.Count > MaxNamed ? $" and {left.Count - MaxNamed} more" : "")}.";
        }
    }

    private static string Short(string name)
    {
        if (name.Length <= MaxNamedLength)
            return $"'{name}'";
        var end = char.IsHighSurrogate(name[MaxNamedLength - 1]) ? MaxNamedLength - 1 : MaxNamedLength;
        return $"'{name[..end]}…'";
    }
}
