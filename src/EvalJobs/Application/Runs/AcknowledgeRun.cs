using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Acknowledges a run that failed permanently: it needs no more action.</summary>
internal sealed class AcknowledgeRun(EvaluationRunRepository runs)
{
    /// <summary>Characters of a note at most.</summary>
    public const int MaxNoteLength = 1000;

    /// <param name="runId">The run.</param>
    /// <param name="note">Why nothing needs to be done, <see cref="MaxNoteLength"/> characters at most; null or blank for none. It is stored in the audit record.</param>
    /// <param name="actor">Who acknowledges it.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The note is too long.</exception>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run is not FAILED, is acknowledged already, or is in the archive.</exception>
    public Task ExecuteAsync(long runId, string? note, string actor, CancellationToken cancellationToken)
    {
        var text = string.IsNullOrWhiteSpace(note) ? null : note.Trim();
        return text?.Length > MaxNoteLength
            ? throw new InvalidInputException($"The note has {text.Length} characters; at most {MaxNoteLength} are allowed.") { Field = "note" }
            : runs.AcknowledgeAsync(runId, text, actor, cancellationToken);
    }
}
