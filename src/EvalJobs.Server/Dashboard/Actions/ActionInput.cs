using System.Globalization;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Mvc;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The form of a run to create. The page gives the version or the suite; the other one is chosen.</summary>
/// <remarks>Properties and no constructor: the generator of the endpoints writes code for a constructor with nullable parameters that does not compile.</remarks>
internal sealed record RunInput
{
    /// <summary>The version's id, as posted.</summary>
    [FromForm(Name = "version")]
    public string? VersionText { get; init; }

    /// <summary>The suite's id, as posted.</summary>
    [FromForm(Name = "suite")]
    public string? SuiteText { get; init; }

    /// <summary>As typed.</summary>
    [FromForm(Name = "priority")]
    public string? Priority { get; init; }

    public long? Version => FormNumber.Parse(VersionText);

    public long? Suite => FormNumber.Parse(SuiteText);
}

/// <summary>The form of a version's transition.</summary>
internal sealed record TransitionInput
{
    /// <summary>The state's word.</summary>
    [FromForm(Name = "to")]
    public string? To { get; init; }

    /// <summary>The suite's id, as posted.</summary>
    [FromForm(Name = "suite")]
    public string? SuiteText { get; init; }

    public long? Suite => FormNumber.Parse(SuiteText);
}

/// <summary>Reads numbers that a form posts.</summary>
internal static class FormNumber
{
    /// <returns>A number of 0 or more; null when it is absent or anything else.</returns>
    public static long? Parse(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <returns>A priority within its bounds.</returns>
    /// <exception cref="InvalidInputException">It is not a priority.</exception>
    public static int ParsePriority(string? text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority) ? priority : throw RunPriority.Error();
}
