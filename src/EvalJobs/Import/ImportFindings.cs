using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>
/// What reading a file found, for a person who decides how it is to be read. A reader that is given one continues after a record with an error where
/// it can, and notes the error here. Of one reading; not for concurrent use.
/// </summary>
internal sealed class ImportFindings
{
    /// <summary>Errors that are kept.</summary>
    public const int MaxProblems = 50;

    private readonly List<InvalidInputException> _problems = [];
    private readonly Dictionary<CaseField, string> _taken = [];

    /// <summary>CSV: what separates the columns; null until the file is read, and for other formats.</summary>
    public string? Separator { get; set; }

    /// <summary>The columns, or the names of the fields of the first records, in the order in which they were met.</summary>
    public IReadOnlyList<string> Fields => Use.Met;

    /// <summary>Which of them become part of a case. The reader of the file records it here.</summary>
    public FieldUse Use { get; } = new();

    /// <summary>Which field was read as which part of a case.</summary>
    public IReadOnlyDictionary<CaseField, string> Taken => _taken;

    /// <summary>The errors in the file's order, at most <see cref="MaxProblems"/>. Each message says where and what would be right.</summary>
    public IReadOnlyList<InvalidInputException> Problems => _problems;

    /// <summary>Whether there is room for another error.</summary>
    public bool IsFull => _problems.Count >= MaxProblems;

    /// <summary>Notes an error.</summary>
    /// <exception cref="PreviewEndedException">It was the last one that is kept.</exception>
    public void Add(InvalidInputException problem)
    {
        _problems.Add(problem);
        if (IsFull)
            throw new PreviewEndedException();
    }

    /// <summary>Notes that a field was read as a part of a case; the first one counts.</summary>
    public void Record(CaseField part, string field) => _taken.TryAdd(part, field);
}

/// <summary>Ends the preview of a file before the file ends: as it is said to be written nothing more can be read, there are errors enough, or the time is over.</summary>
internal sealed class PreviewEndedException() : Exception("The preview of the file ends here; the findings say what it found.");
