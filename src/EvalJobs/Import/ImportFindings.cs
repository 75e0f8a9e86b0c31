using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>
/// The findings of a reading, for a person who decides how the file is read. A reader with this object records an error here and, if possible,
/// continues after the record. For one reading; not for concurrent use.
/// </summary>
internal sealed class ImportFindings
{
    /// <summary>Errors recorded at most.</summary>
    public const int MaxProblems = 50;

    private readonly List<InvalidInputException> _problems = [];
    private readonly Dictionary<CaseField, string> _taken = [];

    /// <summary>CSV: the separator of the columns; null until the file is read, and for other formats.</summary>
    public string? Separator { get; set; }

    /// <summary>The columns, or the names of the fields of the first records, in the order in which they were found.</summary>
    public IReadOnlyList<string> Fields => Use.Met;

    /// <summary>Which of them become part of a case. The reader of the file records it here.</summary>
    public FieldUse Use { get; } = new();

    /// <summary>Which field was read as which part of a case.</summary>
    public IReadOnlyDictionary<CaseField, string> Taken => _taken;

    /// <summary>The errors in the file's order, at most <see cref="MaxProblems"/>. Each message says where the error is and what would be right.</summary>
    public IReadOnlyList<InvalidInputException> Problems => _problems;

    /// <summary>Whether there is room for another error.</summary>
    public bool IsFull => _problems.Count >= MaxProblems;

    /// <summary>Records an error.</summary>
    /// <exception cref="PreviewEndedException">The maximum number of errors is reached.</exception>
    public void Add(InvalidInputException problem)
    {
        _problems.Add(problem);
        if (IsFull)
            throw new PreviewEndedException();
    }

    /// <summary>Records that a field was read as a part of a case; the first field counts.</summary>
    public void Record(CaseField part, string field) => _taken.TryAdd(part, field);
}

/// <summary>Ends the preview of a file before its end: the rest cannot be read with the given form, there are too many errors, or the time is over.</summary>
internal sealed class PreviewEndedException() : Exception("The preview of the file ends here; the findings say what it found.");
