namespace EvalJobs.Domain;

/// <summary>Why a run exists.</summary>
public enum RunTrigger
{
    /// <summary>Its version entered TESTING.</summary>
    Transition,

    /// <summary>A person or program asked for it.</summary>
    Manual,

    /// <summary>A person asked to repeat a run that FAILED or was CANCELLED.</summary>
    Retry,
}
