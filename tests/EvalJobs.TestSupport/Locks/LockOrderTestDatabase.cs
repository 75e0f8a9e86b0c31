using EvalJobs.Data;

namespace EvalJobs.Tests.Support;

/// <summary>A SQLite database on which every transaction is held to the order of locks.</summary>
internal sealed class LockOrderTestDatabase : SqliteTestDatabase
{
    private protected override EvaluationDatabase Open() => new(Options, text => new LockOrderConnection(text));
}
