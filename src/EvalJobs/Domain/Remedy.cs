namespace EvalJobs.Domain;

/// <summary>
/// What helps with an error, without the words of any surface: the command line adds the option or command that does it, the dashboard a link.
/// The message itself says what is wrong to someone at either.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Subject">The part of a case that it is about; null where it is about none.</param>
/// <param name="Value">What is to be named, such as a column or the number of a run; null where nothing is.</param>
internal sealed record Remedy(RemedyKind Kind, string? Subject = null, string? Value = null);

/// <summary>The kinds of remedies.</summary>
internal enum RemedyKind
{
    /// <summary>See which tenants there are.</summary>
    ListTenants,

    /// <summary>See which suites the tenant has.</summary>
    ListSuites,

    /// <summary>Name a suite, or make one the default.</summary>
    NameSuite,

    /// <summary>Create the version with a parent.</summary>
    NameParent,

    /// <summary>Ask the cases of a run without a verdict again.</summary>
    AskErroredAgain,

    /// <summary>Retry a run.</summary>
    RetryRun,

    /// <summary>Bring a run back from the archive.</summary>
    RestoreRun,

    /// <summary>Say which field of a file is a part of a case.</summary>
    MapField,

    /// <summary>Say nothing about fields.</summary>
    NameNoFields,

    /// <summary>Say which columns hold input and expected output, and no format.</summary>
    NameColumns,

    /// <summary>Say whose form the file has.</summary>
    ChooseFormat,

    /// <summary>Say which prompt of the file asks.</summary>
    ChoosePrompt,

    /// <summary>Leave out what cannot be moved.</summary>
    SkipUnsupported,

    /// <summary>Give the settings of a model judge.</summary>
    NameJudge,

    /// <summary>Give the testing criteria of an eval.</summary>
    NameCriteria,
}
