using System.Globalization;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Mvc;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The form of a run's priority.</summary>
/// <param name="Priority">As typed.</param>
internal sealed record PriorityInput([FromForm(Name = "priority")] string? Priority);

/// <summary>The form that acknowledges a failed run.</summary>
/// <param name="Note">As typed.</param>
internal sealed record NoteInput([FromForm(Name = "note")] string? Note);

/// <summary>The form that declares a run void.</summary>
/// <param name="Reason">As typed.</param>
internal sealed record VoidInput([FromForm(Name = "reason")] string? Reason);

/// <summary>The form that pauses or resumes a recurring job.</summary>
/// <param name="Job">Its id.</param>
/// <param name="Reason">As typed; absent to resume it.</param>
internal sealed record JobInput([FromForm(Name = "job")] string? Job, [FromForm(Name = "reason")] string? Reason);

/// <summary>The form of a run to create. One of version and suite is the page's own, the other one is chosen.</summary>
/// <param name="VersionText">The version's id, as posted.</param>
/// <param name="SuiteText">The suite's id, as posted.</param>
/// <param name="Priority">As typed.</param>
internal sealed record RunInput(
    [FromForm(Name = "version")] string? VersionText, [FromForm(Name = "suite")] string? SuiteText, [FromForm(Name = "priority")] string? Priority)
{
    public long? Version => FormNumber.Parse(VersionText);

    public long? Suite => FormNumber.Parse(SuiteText);
}

/// <summary>The form of a version's move to another state.</summary>
/// <param name="To">The state's word.</param>
/// <param name="SuiteText">The suite's id, as posted.</param>
internal sealed record TransitionInput([FromForm(Name = "to")] string? To, [FromForm(Name = "suite")] string? SuiteText)
{
    public long? Suite => FormNumber.Parse(SuiteText);
}

/// <summary>Reads numbers that a form posts.</summary>
internal static class FormNumber
{
    /// <returns>A number of 0 or more; null when it is absent or anything else.</returns>
    public static long? Parse(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <returns>A priority within its bounds.</returns>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public static int ParsePriority(string? text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority) ? priority : throw RunPriority.Error();
}
