using System.Data.Common;

namespace EvalJobs.Data;

/// <summary>The database is not the one this process began with: its file was moved, deleted, replaced, or set back to an earlier state.</summary>
internal sealed class DatabaseMovedException(string message) : DbException(message);
