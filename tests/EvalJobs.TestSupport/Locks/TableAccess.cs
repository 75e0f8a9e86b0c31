namespace EvalJobs.Tests.Support;

/// <summary>What a statement does with a table, as far as waiting for others goes.</summary>
internal enum TableAccessKind
{
    /// <summary>Waits for writers without read-committed snapshot, and holds nothing afterwards.</summary>
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
/// <param name="Kind">What is done.</param>
internal sealed record TableAccess(string Table, TableAccessKind Kind);
