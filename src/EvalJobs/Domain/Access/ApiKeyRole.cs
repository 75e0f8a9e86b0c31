namespace EvalJobs.Domain;

/// <summary>What an API key may do. The first three are of one tenant.</summary>
internal enum ApiKeyRole
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Reads and changes, but gives no approval that a policy reserves to an Approver.</summary>
    Operator,

    /// <summary>The same, and such approvals.</summary>
    Approver,

    /// <summary>Everything of every tenant, and the tenants and keys themselves.</summary>
    Admin,
}
