namespace EvalJobs.Domain;

/// <summary>What started a dispatch.</summary>
internal enum DispatchTrigger
{
    /// <summary>The recurring schedule.</summary>
    Recurring,

    /// <summary>A person or program asked for it now.</summary>
    Manual,
}
