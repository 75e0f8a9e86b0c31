using System.Data.Common;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores suites and their cases, revision by revision.</summary>
internal sealed class EvaluationSuiteRepository(EvaluationDatabase database)
{
    // Few: a case may hold megabytes.
    private const int PageSize = 100;

    /// <summary>Characters of a description that an audit record keeps.</summary>
    private const int MaxRecordedDescription = 4000;

    // Within the database. SQL Server locks the whole table when one statement takes some 5000 locks in it: of rows, and of pages, of which
    // a large case fills one.
    private const int CopySize = 2000;

    /// <summary>Stores a suite with its cases: a new suite at revision 1, or the next revision of the one with that name.</summary>
    /// <param name="tenantId">The tenant that owns it.</param>
    /// <param name="draft">The suite's settings.</param>
    /// <param name="cases">Read to the end before anything is stored, and never held in memory; an error in it stores nothing.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The suite at its new revision and the number of its cases.</returns>
    /// <exception cref="InvalidInputException">The draft is not acceptable, there is no case, or the source found an error.</exception>
    /// <exception cref="ConflictException">Two cases have the same key, or the suite is not at <see cref="SuiteDraft.BasedOn"/>: someone else saved it.</exception>
    /// <exception cref="IOException">The temporary folder, through which the cases go, is full or cannot be written.</exception>
    /// <remarks>
    /// All cases and the revision that shows them are one transaction. The row of a new suite is stored before it, at revision 0, which
    /// no list contains: on SQL Server every reader of the tenant's suites would otherwise wait for all of the cases. If a crash leaves such a row,
    /// it has no cases; the next import of that name continues it.
    /// </remarks>
    public async Task<SavedSuite> SaveAsync(
        long tenantId, SuiteDraft draft, IAsyncEnumerable<TestCase> cases, string actor, CancellationToken cancellationToken)
    {
        draft.Validate();
        await using var spool = await CaseSpool.FillAsync(cases, cancellationToken);
        if (spool.Count == 0)
            throw new InvalidInputException($"The suite '{draft.Name}' would have no cases: a run of it would prove nothing.");

        var (before, isAdded) = await FindOrAddAsync(tenantId, draft, cancellationToken);
        try
        {
            return await database.WriteAsync(async db =>
            {
                await AddCasesAsync(db, before.Id, before.Revision + 1, spool.ReadAsync(cancellationToken));

                // Only now, because on SQL Server every reader of the suite waits from here to the end of the transaction.
                var suite = await ReviseAsync(db, before, draft);
                await db.RecordAsync(
                    tenantId, ChangeType.SuiteImported, nameof(EvaluationSuite), suite.Id, actor,
                    new { suite.Name, suite.Revision, cases = spool.Count, suite.PassThreshold, suite.IsDefault, description = Shortened(suite.Description), tags = JsonElement.Parse(suite.Tags) });
                return new SavedSuite(suite, spool.Count);
            }, cancellationToken);
        }
        catch (Exception error)
        {
            if (isAdded)
                await DropUnpublishedAsync(before.Id);
            if (error is DbException duplicate && duplicate.IsUniqueViolation())
                throw new ConflictException($"Two cases have the same key, or someone else is saving the suite '{draft.Name}' right now; nothing was stored.");
            if (error is DbException orphan && orphan.IsForeignKeyViolation())
                throw new ConflictException($"The suite '{draft.Name}' has just been deleted; nothing was stored.");
            throw;
        }
    }

    /// <summary>Writes the next revision of a suite from a stored one, in one transaction: cases are copied within the database.</summary>
    /// <returns>The suite at its new revision and the number of its cases.</returns>
    /// <exception cref="NotFoundException">No such suite.</exception>
    /// <exception cref="InvalidInputException">The draft is not acceptable, or no case would be left.</exception>
    /// <exception cref="ConflictException">The suite is no longer at <see cref="SuiteDraft.BasedOn"/>, or a name or key is taken.</exception>
    public async Task<SavedSuite> ReviseAsync(long suiteId, SuiteEdit edit, string actor, CancellationToken cancellationToken)
    {
        edit.Draft.Validate();
        try
        {
            return await database.WriteAsync(async db =>
            {
                var before = EnsureFound(suiteId, await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.GetSuite, new { SuiteId = suiteId }));
                EnsureBasedOn(before, edit.Draft);
                edit.Draft.ValidateTags(CaseTags.FromJson(before.Tags));
                await EnsureNameIsFreeAsync(db, before, edit.Draft.Name);
                await CopyCasesAsync(db, before, edit);
                var suite = await ReviseAsync(db, before, edit.Draft);

                var cases = await db.QuerySingleAsync<int>(SqlQuery.CountTestCases, new { SuiteId = suiteId, suite.Revision });
                if (cases == 0)
                    throw new InvalidInputException($"The suite '{suite.Name}' would have no cases: a run of it would prove nothing.");
                await db.RecordAsync(
                    suite.TenantId, ChangeType.SuiteImported, nameof(EvaluationSuite), suite.Id, actor,
                    new
                    {
                        suite.Name,
                        suite.Revision,
                        cases,
                        added = edit.Added.Count,
                        replaced = edit.Replaced.Count,
                        removed = edit.Removed.Count,
                        suite.PassThreshold,
                        suite.IsDefault,
                        description = Shortened(suite.Description),
                        tags = JsonElement.Parse(suite.Tags),
                    });
                return new SavedSuite(suite, cases);
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException($"Two cases have the same key, or someone else is saving the suite '{edit.Draft.Name}' right now; nothing was stored.");
        }
    }

    /// <exception cref="NotFoundException">No such suite, or its first import has not ended.</exception>
    public async Task<EvaluationSuite> GetAsync(long suiteId, CancellationToken cancellationToken) =>
        EnsureFound(suiteId, await database.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.GetSuite, new { SuiteId = suiteId }, cancellationToken));

    /// <exception cref="NotFoundException">The tenant has no suite of that name.</exception>
    public async Task<EvaluationSuite> FindAsync(long tenantId, string name, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.FindSuite, new { TenantId = tenantId, Name = name }, cancellationToken) is { Revision: > 0 } suite
            ? suite
            : throw new NotFoundException($"The tenant has no suite '{name}'.") { Remedies = [new(RemedyKind.ListSuites)] };

    /// <returns>The tenant's suites by name.</returns>
    public Task<IReadOnlyList<EvaluationSuite>> ListAsync(long tenantId, CancellationToken cancellationToken) =>
        database.QueryAsync<EvaluationSuite>(SqlQuery.ListSuites, new { TenantId = tenantId }, cancellationToken);

    /// <returns>The number of cases of a revision; 0 when there is no such revision.</returns>
    public Task<int> CountCasesAsync(long suiteId, int revision, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<int>(SqlQuery.CountTestCases, new { SuiteId = suiteId, Revision = revision }, cancellationToken);

    /// <returns>The number of cases of every suite of the tenant at its current revision, by suite id.</returns>
    public async Task<IReadOnlyDictionary<long, int>> CountCasesBySuiteAsync(long tenantId, CancellationToken cancellationToken) =>
        (await database.QueryAsync<SuiteSize>(SqlQuery.ListSuiteSizes, new { TenantId = tenantId }, cancellationToken))
        .ToDictionary(size => size.SuiteId, size => size.CaseCount);

    /// <returns>The number of cases of each of a suite's revisions from <paramref name="first"/> to <paramref name="last"/>, by revision.</returns>
    public async Task<IReadOnlyDictionary<int, int>> CountCasesByRevisionAsync(long suiteId, int first, int last, CancellationToken cancellationToken) =>
        (await database.QueryAsync<RevisionSize>(SqlQuery.ListRevisionSizes, new { SuiteId = suiteId, First = first, Last = last }, cancellationToken))
        .ToDictionary(size => size.Revision, size => size.CaseCount);

    /// <returns>The next cases of a revision, by ordinal; empty after the last.</returns>
    public Task<IReadOnlyList<TestCase>> ListCasesAsync(
        long suiteId, int revision, int afterOrdinal, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<TestCase>(SqlQuery.ListTestCases, new { SuiteId = suiteId, Revision = revision, AfterOrdinal = afterOrdinal, Limit = limit }, cancellationToken);

    /// <returns>The suite to revise, and whether it is new; a new one is at revision 0.</returns>
    private async Task<(EvaluationSuite Suite, bool IsAdded)> FindOrAddAsync(long tenantId, SuiteDraft draft, CancellationToken cancellationToken)
    {
        try
        {
            return await database.WriteAsync(async db =>
            {
                var found = await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.FindSuite, new { TenantId = tenantId, draft.Name });
                var suite = found ?? await db.QuerySingleAsync<EvaluationSuite>(SqlQuery.AddSuite, new { TenantId = tenantId, draft.Name });
                EnsureBasedOn(suite, draft);
                draft.ValidateTags(CaseTags.FromJson(suite.Tags));
                return (suite, found is null);
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException($"Someone else is saving the suite '{draft.Name}' right now; nothing was stored.");
        }
    }

    /// <summary>Tries to delete the row of a suite whose cases could not be stored. No list contains it in any case.</summary>
    private async Task DropUnpublishedAsync(long suiteId)
    {
        try
        {
            await database.WriteAsync(db => db.ExecuteAsync(SqlQuery.DropUnpublishedSuite, new { SuiteId = suiteId }), CancellationToken.None);
        }
        catch (Exception)
        {
            // The caller must get the original error. Or another import continues with this row.
        }
    }

    /// <summary>The first import of a suite at revision 0 is in progress or was interrupted: it has no cases, and no list contains it.</summary>
    private static EvaluationSuite EnsureFound(long suiteId, EvaluationSuite? found) =>
        found is { Revision: > 0 } ? found : throw new NotFoundException($"There is no suite {suiteId}.");

    private static void EnsureBasedOn(EvaluationSuite before, SuiteDraft draft)
    {
        if (draft.BasedOn is not { } revision || revision == before.Revision)
            return;
        throw new ConflictException(revision == 0
            ? $"The tenant has a suite '{before.Name}' already."
            : $"The suite '{before.Name}' is at revision {before.Revision} by now, and this change was made from revision {revision}; nothing was stored.");
    }

    private static async Task EnsureNameIsFreeAsync(DbWork db, EvaluationSuite before, string name)
    {
        if (await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.FindSuite, new { before.TenantId, Name = name }) is { } holder && holder.Id != before.Id)
        {
            throw new ConflictException(holder.Revision == 0
                ? $"An import of a suite '{name}' is in progress, or was interrupted: import it again, or choose another name."
                : $"The tenant has another suite '{name}'.");
        }
    }

    private static async Task CopyCasesAsync(DbWork db, EvaluationSuite before, SuiteEdit edit)
    {
        var next = before.Revision + 1;
        var removed = JsonSerializer.Serialize(edit.Removed);
        var replaced = JsonSerializer.Serialize(edit.Replaced.Select(each => each.Ordinal));
        var total = await db.QuerySingleAsync<int>(SqlQuery.CountTestCases, new { SuiteId = before.Id, Revision = edit.FromRevision });
        var kept = 0;
        for (var copied = 0; copied < total; copied += CopySize)
        {
            kept += await db.ExecuteAsync(SqlQuery.CopyTestCases, new
            {
                SuiteId = before.Id,
                edit.FromRevision,
                Revision = next,
                AfterOrdinal = copied,
                LastOrdinal = copied + CopySize,
                Removed = removed,
                Replaced = replaced,
            });
        }

        if (kept < total - edit.Removed.Count - edit.Replaced.Count)
            throw new InvalidOperationException($"Suite {before.Id} has {total} cases at revision {edit.FromRevision}, but not at the ordinals 1 to {total}; nothing was stored.");
        var last = kept + edit.Replaced.Count;
        var changed = edit.Replaced.Select(each => each with { Ordinal = each.Ordinal - edit.Removed.Count(ordinal => ordinal < each.Ordinal) })
            .Concat(edit.Added.Select((each, index) => each with { Ordinal = last + index + 1 }));
        await AddCasesAsync(db, before.Id, next, changed.ToAsyncEnumerable());
    }

    // The suite has only its current settings; those of earlier revisions are in the audit trail.
    private static string Shortened(string description) => description.Length <= MaxRecordedDescription ? description : description[..MaxRecordedDescription];

    private static async Task<EvaluationSuite> ReviseAsync(DbWork db, EvaluationSuite before, SuiteDraft draft)
    {
        if (draft.IsDefault)
            await db.ExecuteAsync(SqlQuery.ClearDefaultSuite, new { before.TenantId });
        return await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.ReviseSuite, new
        {
            SuiteId = before.Id,
            Revision = before.Revision + 1,
            draft.Name,
            draft.Description,
            draft.PassThreshold,
            draft.IsDefault,
            Tags = JsonSerializer.Serialize(draft.Tags),
        }) ?? throw new ConflictException($"Someone else has just saved the suite '{draft.Name}'; nothing was stored.");
    }

    private static async Task AddCasesAsync(DbWork db, long suiteId, int revision, IAsyncEnumerable<TestCase> cases)
    {
        await foreach (var page in cases.Chunk(PageSize))
        {
            await db.ExecuteExactlyAsync(SqlQuery.AddTestCase, page.Select(each => new
            {
                SuiteId = suiteId,
                Revision = revision,
                each.Ordinal,
                each.CaseKey,
                each.Name,
                each.Input,
                each.ExpectedOutput,
                each.Scoring,
                each.Weight,
                each.Tags,
                each.MustPass,
            }), page.Length);
        }
    }

    private sealed record SuiteSize
    {
        public required long SuiteId { get; init; }

        public required int CaseCount { get; init; }
    }

    private sealed record RevisionSize
    {
        public required int Revision { get; init; }

        public required int CaseCount { get; init; }
    }
}

/// <summary>A suite as stored.</summary>
/// <param name="Suite">At its new revision.</param>
/// <param name="CaseCount">Cases of that revision.</param>
public sealed record SavedSuite(EvaluationSuite Suite, int CaseCount);
