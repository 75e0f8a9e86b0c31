namespace EvalJobs.Data;

/// <summary>Takes part in the transactions of one flow of calls: it checks before the work, and stores related rows in the same transaction.</summary>
/// <remarks>A transaction may be repeated, so both may be called more than once; an exception ends the transaction, and nothing is stored.</remarks>
internal interface IWriteCompanion
{
    /// <summary>Called at the start of each transaction, before its work.</summary>
    Task BeforeAsync(DbWork db);

    /// <summary>Called after the work of each transaction, before its commit.</summary>
    Task AfterAsync<T>(DbWork db, T result);
}
