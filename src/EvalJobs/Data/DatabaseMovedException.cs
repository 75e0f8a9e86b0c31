using System.Data.Common;

namespace EvalJobs.Data;

/// <summary>The database is not the one this process started with: its file was moved, deleted, replaced, or restored to an earlier state.</summary>
internal sealed class DatabaseMovedException(string message) : DbException(message);
