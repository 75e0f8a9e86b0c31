namespace EvalJobs.Domain;

/// <summary>The steps of an agent version on its way to production. DRAFT → TESTING → CANDIDATE → APPROVED → DEPRECATED → RETIRED, and back to DRAFT from TESTING and CANDIDATE.</summary>
public enum LifecycleState
{
    /// <summary>Being written; nothing is evaluated yet.</summary>
    Draft,

    /// <summary>Under evaluation; entering this state creates a pending run.</summary>
    Testing,

    /// <summary>Passed its evaluation and waits for approval.</summary>
    Candidate,

    /// <summary>Cleared for production.</summary>
    Approved,

    /// <summary>Still in use, but to be replaced.</summary>
    Deprecated,

    /// <summary>No longer in use; final.</summary>
    Retired,
}
