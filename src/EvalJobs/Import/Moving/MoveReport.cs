namespace EvalJobs.Import;

/// <summary>What moving a file of another tool found. Filled while the cases are read; a second reading starts it anew.</summary>
internal sealed class MoveReport
{
    private readonly List<MoveFinding> _leftOut = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Whose form the file has.</summary>
    public SuiteFormat Format { get; set; }

    /// <summary>Cases that cannot be moved, in the file's order.</summary>
    public IReadOnlyList<MoveFinding> LeftOut => _leftOut;

    /// <summary>What else is worth knowing, each once.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Forgets everything but the format.</summary>
    public void Clear()
    {
        _leftOut.Clear();
        _notes.Clear();
        _known.Clear();
    }

    public void LeaveOut(FilePlace place, string? caseKey, string reason) => _leftOut.Add(new MoveFinding(place.Line, caseKey, reason));

    /// <summary>Adds a note that is not there yet.</summary>
    public void Note(string text)
    {
        if (_known.Add(text))
            _notes.Add(text);
    }
}

/// <summary>A case that cannot be moved.</summary>
/// <param name="Line">Where it stands in the file, from 1.</param>
/// <param name="Case">Its key; null when it has none.</param>
/// <param name="Reason">What cannot be moved.</param>
internal sealed record MoveFinding(long Line, string? Case, string Reason)
{
    public override string ToString() => Case is null ? $"line {Line}: {Reason}" : $"line {Line}, case '{Case}': {Reason}";
}

/// <summary>A case holds something that has no counterpart here; the message says what.</summary>
internal sealed class UnsupportedCaseException(string message) : Exception(message);
