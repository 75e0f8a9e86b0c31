namespace EvalJobs.Data;

/// <summary>Stores which sessions of the dashboard were ended before they expired, for all servers on the database.</summary>
internal sealed class SignOutRepository(EvaluationDatabase database)
{
    /// <summary>Ends one session, or every session of a person that has begun so far.</summary>
    /// <param name="subject">The person, as the session's cookie names them.</param>
    /// <param name="sessionId">The session; null for all.</param>
    /// <param name="lifetime">How long a session lasts at most: after that the row is deleted.</param>
    /// <param name="cancellationToken">Ends nothing when cancelled.</param>
    public Task AddAsync(string subject, string? sessionId, TimeSpan lifetime, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async db =>
            {
                await db.ExecuteAsync(SqlQuery.DeleteExpiredSignOuts, null);
                await db.ExecuteAsync(SqlQuery.AddSignOut, new { Subject = subject, SessionId = sessionId, LifetimeMs = (long)lifetime.TotalMilliseconds });
            },
            cancellationToken);

    /// <returns>The sign-outs that still count, in their order.</returns>
    public Task<IReadOnlyList<SignOut>> ListAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<SignOut>(SqlQuery.ListSignOuts, null, cancellationToken);

    /// <returns>The last sign-out's id, or 0 when none is kept. Only later sign-outs can end a session that begins now.</returns>
    public Task<long> FindLastIdAsync(CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<long>(SqlQuery.FindLastSignOutId, null, cancellationToken);
}

/// <summary>The end of one session, or of several, before they expired.</summary>
internal sealed record SignOut
{
    /// <summary>Database identity, growing with time.</summary>
    public required long Id { get; init; }

    /// <summary>The user whose sessions ended, as the cookies of the sessions name the user.</summary>
    public required string Subject { get; init; }

    /// <summary>The session; null means every session of the subject that began before.</summary>
    public string? SessionId { get; init; }
}
