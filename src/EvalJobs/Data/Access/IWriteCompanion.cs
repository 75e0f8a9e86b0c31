namespace EvalJobs.Data;

/// <summary>Takes part in the transactions of one flow of calls: checks before the work, and stores in the same transaction what belongs to it.</summary>
/// <remarks>A transaction may be repeated, so both may be called more than once; what they throw ends the transaction, and nothing is stored.</remarks>
internal interface IWriteCompanion
{
    /// <summary>Called at the start of each transaction, before its work.</summary>
    Task BeforeAsync(DbWork db);

    /// <summary>Called after the work of each transaction, before its commit.</summary>
    Task AfterAsync<T>(DbWork db, T result);
}
