namespace EvalJobs.Data;

/// <summary>Stores a row for each process by which the process recognizes the database. A database that was restored to an earlier state has another row.</summary>
internal sealed class DatabaseMarkerRepository(EvaluationDatabase database)
{
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromDays(1);

    /// <summary>Compares the row with what the process wrote last, then writes it again.</summary>
    /// <param name="owner">The process.</param>
    /// <param name="expected">What it wrote last; null at the first time.</param>
    /// <param name="token">What it writes now.</param>
    /// <param name="cancellationToken">Writes nothing when cancelled.</param>
    /// <returns>Whether the row was as expected. If not, nothing was written.</returns>
    public Task<bool> ExchangeAsync(string owner, string? expected, string token, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(async db =>
        {
            if (expected is not null && await db.QuerySingleOrDefaultAsync<string>(SqlQuery.FindDatabaseMarker, new { Owner = owner }) != expected)
                return false;
            await db.ExecuteAsync(SqlQuery.DeleteOldDatabaseMarkers, new { OlderThanMs = (int)ForgottenAfter.TotalMilliseconds });
            await db.ExecuteAsync(SqlQuery.SaveDatabaseMarker, new { Owner = owner, Token = token });
            return true;
        }, cancellationToken);
}
