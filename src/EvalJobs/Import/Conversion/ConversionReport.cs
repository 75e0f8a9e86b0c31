using System.Text.Json.Serialization;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The report on the conversion of a file of another tool. It is filled while the cases are read; a second reading clears it.</summary>
internal sealed class ConversionReport
{
    private readonly List<UnconvertedCase> _leftOut = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>The tool whose format the file has.</summary>
    public SuiteFormat Format { get; set; }

    /// <summary>Cases that cannot be converted, in the file's order.</summary>
    public IReadOnlyList<UnconvertedCase> LeftOut => _leftOut;

    /// <summary>Notes on the conversion, each only once.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Clears everything except the format.</summary>
    public void Clear()
    {
        _leftOut.Clear();
        _notes.Clear();
        _known.Clear();
    }

    public void LeaveOut(FilePlace place, string? caseKey, string reason, Remedy? remedy = null) => _leftOut.Add(new UnconvertedCase(place.Line, caseKey, reason) { Remedy = remedy });

    /// <summary>Adds a note, unless the report has it already.</summary>
    public void AddNote(string text)
    {
        if (_known.Add(text))
            _notes.Add(text);
    }
}

/// <summary>A case that cannot be converted.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Case">Its key; null when it has none.</param>
/// <param name="Reason">Why it cannot be converted.</param>
internal sealed record UnconvertedCase(long Line, string? Case, string Reason)
{
    /// <summary>What helps; null when nothing does.</summary>
    [JsonIgnore]
    public Remedy? Remedy { get; init; }

    public override string ToString() => Case is null ? $"line {Line}: {Reason}" : $"line {Line}, case '{Case}': {Reason}";
}

/// <summary>A case has a part that EvalJobs has no equivalent for; the message names it.</summary>
/// <param name="message">Names the part.</param>
/// <param name="remedy">What helps; null when nothing does.</param>
internal sealed class UnsupportedCaseException(string message, Remedy? remedy = null) : Exception(message)
{
    /// <summary>What helps; null when nothing does.</summary>
    public Remedy? Remedy { get; } = remedy;
}
