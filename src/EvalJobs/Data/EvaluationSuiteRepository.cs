using System.Data.Common;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores suites and their cases, revision by revision.</summary>
public sealed class EvaluationSuiteRepository(EvaluationDatabase database)
{
    private const int PageSize = 500;

    /// <summary>Stores a suite with its cases in one transaction: a new suite at revision 1, or the next revision of the one with that name.</summary>
    /// <param name="tenantId">The tenant that owns it.</param>
    /// <param name="draft">What the suite says of itself.</param>
    /// <param name="cases">Read as they are stored, so a file of any size fits in memory; an error in it stores nothing.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The suite at its new revision and the number of its cases.</returns>
    /// <exception cref="InvalidInputException">The draft is not acceptable, there is no case, or the source found a fault.</exception>
    public async Task<SavedSuite> SaveAsync(
        long tenantId, SuiteDraft draft, IAsyncEnumerable<TestCase> cases, string actor, CancellationToken cancellationToken)
    {
        draft.Demand();

        // The source is read once, so a transient fault must not repeat the unit: it would find the source half read.
        var started = false;
        try
        {
            return await database.WriteAsync(async db =>
            {
                if (started)
                    throw new IOException("The database connection broke during the import; nothing was stored. Import again.");
                started = true;

                if (draft.IsDefault)
                    await db.ExecuteAsync(SqlQuery.ClearDefaultSuite, new { TenantId = tenantId });
                var suite = await AddOrReviseAsync(db, tenantId, draft);
                var count = await AddCasesAsync(db, suite, cases, cancellationToken);
                await db.RecordAsync(
                    tenantId, ChangeType.SuiteImported, nameof(EvaluationSuite), suite.Id, actor,
                    new { suite.Name, suite.Revision, cases = count, suite.PassThreshold, suite.IsDefault });
                return new SavedSuite(suite, count);
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException($"Two cases have the same key, or someone else is saving the suite '{draft.Name}' right now; nothing was stored.");
        }
    }

    /// <exception cref="NotFoundException">No such suite.</exception>
    public async Task<EvaluationSuite> GetAsync(long suiteId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.GetSuite, new { SuiteId = suiteId }, cancellationToken)
        ?? throw new NotFoundException($"There is no suite {suiteId}.");

    /// <exception cref="NotFoundException">The tenant has no suite of that name.</exception>
    public async Task<EvaluationSuite> FindAsync(long tenantId, string name, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.FindSuite, new { TenantId = tenantId, Name = name }, cancellationToken)
        ?? throw new NotFoundException($"The tenant has no suite '{name}'; 'suite list' shows them.");

    /// <returns>The tenant's suites by name.</returns>
    public Task<IReadOnlyList<EvaluationSuite>> ListAsync(long tenantId, CancellationToken cancellationToken) =>
        database.QueryAsync<EvaluationSuite>(SqlQuery.ListSuites, new { TenantId = tenantId }, cancellationToken);

    /// <returns>The number of cases of a revision; 0 when there is no such revision.</returns>
    public Task<int> CountCasesAsync(long suiteId, int revision, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<int>(SqlQuery.CountTestCases, new { SuiteId = suiteId, Revision = revision }, cancellationToken);

    /// <returns>The next cases of a revision, by ordinal; empty after the last.</returns>
    public Task<IReadOnlyList<TestCase>> ListCasesAsync(
        long suiteId, int revision, int afterOrdinal, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<TestCase>(SqlQuery.ListTestCases, new { SuiteId = suiteId, Revision = revision, AfterOrdinal = afterOrdinal, Limit = limit }, cancellationToken);

    private static async Task<EvaluationSuite> AddOrReviseAsync(DbWork db, long tenantId, SuiteDraft draft)
    {
        var tags = JsonSerializer.Serialize(draft.Tags);
        var existing = await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.FindSuite, new { TenantId = tenantId, draft.Name });
        return existing is null
            ? await db.QuerySingleAsync<EvaluationSuite>(
                SqlQuery.AddSuite, new { TenantId = tenantId, draft.Name, draft.Description, draft.PassThreshold, draft.IsDefault, Tags = tags })
            : await db.QuerySingleAsync<EvaluationSuite>(
                SqlQuery.ReviseSuite, new { SuiteId = existing.Id, draft.Description, draft.PassThreshold, draft.IsDefault, Tags = tags });
    }

    private static async Task<int> AddCasesAsync(
        DbWork db, EvaluationSuite suite, IAsyncEnumerable<TestCase> cases, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var page in cases.Chunk(PageSize).WithCancellation(cancellationToken))
        {
            await db.ExecuteAsync(SqlQuery.AddTestCase, page.Select(each => new
            {
                SuiteId = suite.Id,
                suite.Revision,
                each.Ordinal,
                each.CaseKey,
                each.Name,
                each.Input,
                each.ExpectedOutput,
                each.Scoring,
                each.Weight,
            }));
            count += page.Length;
        }

        return count > 0 ? count : throw new InvalidInputException($"The suite '{suite.Name}' would have no cases: a run of it would prove nothing.");
    }
}

/// <summary>What a suite says of itself.</summary>
public sealed record SuiteDraft
{
    /// <summary>Unique per tenant; 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What the suite is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>Pass rate from which a version passes, 0..1.</summary>
    public double PassThreshold { get; init; } = PassRule.DefaultThreshold;

    /// <summary>Whether versions entering TESTING are evaluated with it.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Words for finding suites.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <exception cref="InvalidInputException">Name or threshold is out of range.</exception>
    public void Demand()
    {
        // SQL Server takes 'a' and 'a ' for one name, the program for two.
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > 200 || Name.Trim() != Name)
            throw new InvalidInputException("A suite's name is 1 to 200 characters, without white space at its ends.");
        if (PassThreshold is not (>= 0 and <= 1))
            throw new InvalidInputException($"The pass threshold ({PassThreshold}) must be from 0 to 1.");
    }
}

/// <summary>A suite as stored.</summary>
/// <param name="Suite">At its new revision.</param>
/// <param name="CaseCount">Cases of that revision.</param>
public sealed record SavedSuite(EvaluationSuite Suite, int CaseCount);
