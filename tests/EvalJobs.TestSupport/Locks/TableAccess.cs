namespace EvalJobs.Tests.Support;

/// <summary>How a statement uses a table, as far as locks are concerned.</summary>
internal enum TableAccessKind
{
    /// <summary>Waits for writers if read-committed snapshot is off. Holds no lock afterwards.</summary>
    Read,

    /// <summary>Reads with UPDLOCK, HOLDLOCK and the like: held until the transaction ends.</summary>
    Lock,

    /// <summary>Changes or deletes rows: held until the transaction ends.</summary>
    Write,

    /// <summary>Adds rows: held until the transaction ends.</summary>
    Insert,
}

/// <summary>One table that a statement touches.</summary>
/// <param name="Table">Without its schema.</param>
/// <param name="Kind">How the statement uses it.</param>
internal sealed record TableAccess(string Table, TableAccessKind Kind);
