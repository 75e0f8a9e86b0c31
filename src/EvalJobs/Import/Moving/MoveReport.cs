using System.Text.Json.Serialization;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>What moving a file of another tool found. Filled while the cases are read; a second reading clears it.</summary>
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

    public void LeaveOut(FilePlace place, string? caseKey, string reason, Remedy? remedy = null) => _leftOut.Add(new MoveFinding(place.Line, caseKey, reason) { Remedy = remedy });

    /// <summary>Adds a note that is not there yet.</summary>
    public void AddNote(string text)
    {
        if (_known.Add(text))
            _notes.Add(text);
    }
}

/// <summary>A case that cannot be moved.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Case">Its key; null when it has none.</param>
/// <param name="Reason">What cannot be moved.</param>
internal sealed record MoveFinding(long Line, string? Case, string Reason)
{
    /// <summary>What helps; null when nothing does.</summary>
    [JsonIgnore]
    public Remedy? Remedy { get; init; }

    public override string ToString() => Case is null ? $"line {Line}: {Reason}" : $"line {Line}, case '{Case}': {Reason}";
}

/// <summary>A case holds something that has no counterpart here; the message says what.</summary>
/// <param name="message">What it is.</param>
/// <param name="remedy">What helps; null when nothing does.</param>
internal sealed class UnsupportedCaseException(string message, Remedy? remedy = null) : Exception(message)
{
    /// <summary>What helps; null when nothing does.</summary>
    public Remedy? Remedy { get; } = remedy;
}
