namespace EvalJobs.Data;

/// <summary>Keeps the answers to requests that may be repeated, each in the transaction of the change it answers: both are stored, or neither.</summary>
internal sealed class ApiAnswerRepository(EvaluationDatabase database)
{
    /// <summary>How long a request may be repeated.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    /// <returns>The answer given to a request with this key in the last 24 hours; null when there was none.</returns>
    public Task<StoredAnswer?> FindAsync(string keyHash, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<StoredAnswer>(SqlQuery.FindApiAnswer, new { KeyHash = keyHash, KeptMs = (int)Retention.TotalMilliseconds }, cancellationToken);

    /// <summary>Stores the answer to a change that is not a single transaction, after the change.</summary>
    public Task AddAsync(StoredAnswer answer, CancellationToken cancellationToken) => database.WriteAsync(db => AddAsync(db, answer), cancellationToken);

    /// <summary>Executes a change; the companion takes part in its transactions.</summary>
    public async Task AccompanyAsync(IWriteCompanion companion, Func<Task> act)
    {
        using (database.Accompany(companion))
            await act();
    }

    /// <summary>Stores the answer inside the caller's transaction. A second one with the same key violates PK_ApiAnswer.</summary>
    internal static async Task AddAsync(DbWork db, StoredAnswer answer)
    {
        await db.ExecuteAsync(SqlQuery.DropExpiredApiAnswer, new { answer.KeyHash, KeptMs = (int)Retention.TotalMilliseconds });
        await db.ExecuteExactlyAsync(
            SqlQuery.AddApiAnswer, new { answer.KeyHash, answer.TenantId, answer.RequestHash, answer.Status, answer.Location, answer.Tag, answer.Body }, 1);
    }
}

/// <summary>An answer that is given again when its request is repeated.</summary>
internal sealed record StoredAnswer
{
    /// <summary>SHA-256 of the caller and its Idempotency-Key.</summary>
    public required string KeyHash { get; init; }

    /// <summary>SHA-256 of the content of the request.</summary>
    public required string RequestHash { get; init; }

    /// <summary>The tenant concerned; null for none.</summary>
    public long? TenantId { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The address of what was created.</summary>
    public string? Location { get; init; }

    /// <summary>The entity tag of what was created.</summary>
    public string? Tag { get; init; }

    /// <summary>The JSON answered; null for an empty body.</summary>
    public string? Body { get; init; }
}
