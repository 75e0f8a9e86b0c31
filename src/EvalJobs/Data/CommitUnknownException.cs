using System.Data.Common;

namespace EvalJobs.Data;

/// <summary>
/// The connection broke while a transaction was being committed: all of it was stored, or nothing. The caller reads again before
/// asking once more; workers leave the run to its lease.
/// </summary>
public sealed class CommitUnknownException(Exception inner)
    : DbException($"The connection broke during the commit; all of the change was stored, or nothing of it: {inner.Message}", inner);
