using EvalJobs.Data;

namespace EvalJobs.Tests.Support;

/// <summary>A SQLite database that checks every transaction against the order of locks.</summary>
internal sealed class LockOrderTestDatabase : SqliteTestDatabase
{
    private protected override EvaluationDatabase Open() => new(Options, text => new LockOrderConnection(text));
}
