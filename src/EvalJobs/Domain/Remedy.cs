namespace EvalJobs.Domain;

/// <summary>
/// What helps with an error, without the words of a user interface: the command line adds an option or command, the dashboard a link.
/// The message itself says what is wrong in both.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Subject">The part of a case that it is about; null where it is about none.</param>
/// <param name="Value">What is to be named, such as a column or the number of a run; null where nothing is.</param>
internal sealed record Remedy(RemedyKind Kind, string? Subject = null, string? Value = null);

/// <summary>The kinds of remedies.</summary>
internal enum RemedyKind
{
    /// <summary>List the tenants.</summary>
    ListTenants,

    /// <summary>List the suites of the tenant.</summary>
    ListSuites,

    /// <summary>Name a suite, or make one the default.</summary>
    NameSuite,

    /// <summary>Create the version with a parent.</summary>
    NameParent,

    /// <summary>Ask the cases of a run without a verdict again.</summary>
    AskErroredAgain,

    /// <summary>Retry a run.</summary>
    RetryRun,

    /// <summary>Restore a run from the archive.</summary>
    RestoreRun,

    /// <summary>Map a field of a file to a part of a case.</summary>
    MapField,

    /// <summary>Map no fields.</summary>
    NameNoFields,

    /// <summary>Name the columns of input and expected output, and no format.</summary>
    NameColumns,

    /// <summary>Name the format of the file.</summary>
    ChooseFormat,

    /// <summary>Name the prompt of the file to use.</summary>
    ChoosePrompt,

    /// <summary>Leave out cases that cannot be converted.</summary>
    SkipUnsupported,

    /// <summary>Give the settings of a model judge.</summary>
    NameJudge,

    /// <summary>Give the testing criteria of an eval.</summary>
    NameCriteria,
}
