namespace EvalJobs.Domain;

/// <summary>What an API key may do. The first three are of one tenant.</summary>
internal enum ApiKeyRole
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Reads and changes, but cannot give an approval that a policy reserves for an Approver.</summary>
    Operator,

    /// <summary>Like an operator, and gives such approvals.</summary>
    Approver,

    /// <summary>Everything of every tenant, and the tenants and keys themselves.</summary>
    Admin,
}
