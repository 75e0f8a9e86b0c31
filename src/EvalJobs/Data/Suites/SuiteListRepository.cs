using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads suites for people: lists with figures, and cases a page at a time. The cost does not grow with the history.</summary>
internal sealed class SuiteListRepository(EvaluationDatabase database)
{
    /// <summary>Runs are counted up to here, live and archived ones apart.</summary>
    public const int CountLimit = 1000;

    /// <returns>A page of suites, newest first; empty after the last.</returns>
    public async Task<IReadOnlyList<SuiteRow>> ListAsync(SuiteListFilter filter, int limit, CancellationToken cancellationToken)
    {
        var rows = await PerTenantReader.ReadAsync(filter.TenantIds, tenant => database.QueryAsync<SuiteRow>(
            SqlQuery.ListSuitePage,
            new { TenantId = tenant, filter.BeforeId, filter.NamePattern, filter.TagPattern, Scan = filter.IsPlain ? limit : SearchRepository.MaxScanned, CountLimit, Limit = limit },
            cancellationToken));
        return [.. rows.OrderByDescending(row => row.Id).Take(limit)];
    }

    /// <returns>The latest runs of these suites, live and archived, newest first, at most <paramref name="limit"/> of each suite.</returns>
    public async Task<ILookup<long, SuiteRunPoint>> ListRunsAsync(IEnumerable<long> suiteIds, int limit, CancellationToken cancellationToken) =>
        (await database.QueryAsync<SuiteRunPoint>(SqlQuery.ListSuiteRuns, new { SuiteIds = JsonSerializer.Serialize(suiteIds), Limit = limit }, cancellationToken))
            .DistinctBy(run => run.Id)
            .OrderByDescending(run => run.Id)
            .GroupBy(run => run.SuiteId)
            .SelectMany(runs => runs.Take(limit))
            .ToLookup(run => run.SuiteId);

    /// <returns>The next cases of a revision, by ordinal; empty after the last. Texts are cut to <paramref name="previewLength"/> characters.</returns>
    public async Task<IReadOnlyList<SuiteCasePreview>> ListCasesAsync(
        long suiteId, int revision, int afterOrdinal, int previewLength, int limit, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<SuiteCasePreview>(
            SqlQuery.ListSuiteCases,
            new { SuiteId = suiteId, Revision = revision, AfterOrdinal = afterOrdinal, PreviewLength = previewLength, Limit = limit },
            cancellationToken)).Select(each => each.Cut(previewLength))];

    /// <returns>The whole texts of one case; its output is always null.</returns>
    /// <exception cref="NotFoundException">The case is not of the suite.</exception>
    public async Task<CaseText> GetTextAsync(long suiteId, long testCaseId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<CaseText>(SqlQuery.GetCaseText, new { RunId = 0L, SuiteId = suiteId, TestCaseId = testCaseId }, cancellationToken)
        ?? throw new NotFoundException($"Suite {suiteId} has no case {testCaseId}.");

    /// <returns>Those of the given keys that a revision's cases have, each with its case's ordinal.</returns>
    public async Task<IReadOnlyDictionary<string, int>> FindKeysAsync(long suiteId, int revision, IEnumerable<string> caseKeys, CancellationToken cancellationToken) =>
        (await database.QueryAsync<TakenKey>(
            SqlQuery.ListTakenCaseKeys, new { SuiteId = suiteId, Revision = revision, CaseKeys = JsonSerializer.Serialize(caseKeys) }, cancellationToken))
            .ToDictionary(taken => taken.CaseKey, taken => taken.Ordinal, StringComparer.Ordinal);

    private sealed record TakenKey
    {
        public required string CaseKey { get; init; }

        public required int Ordinal { get; init; }
    }
}

/// <summary>Which suites to list; null means any.</summary>
internal sealed record SuiteListFilter
{
    /// <summary>Of these tenants; a few at most.</summary>
    public IReadOnlyCollection<long>? TenantIds { get; init; }

    /// <summary>With this text in the name, in upper or lower case: among the next <see cref="SearchRepository.MaxScanned"/> suites.</summary>
    public string? Name { get; init; }

    /// <summary>With this tag, in upper or lower case: among as many suites.</summary>
    public string? Tag { get; init; }

    /// <summary>With smaller ids only: the last id of the previous page.</summary>
    public long BeforeId { get; init; } = long.MaxValue;

    /// <summary>Whether it has no name and no tag.</summary>
    public bool IsPlain => Name is null && Tag is null;

    /// <summary><see cref="Name"/> as LIKE takes it.</summary>
    internal string? NamePattern => Name is null ? null : SearchPattern.Of(Name);

    /// <summary><see cref="Tag"/> as LIKE takes it: as it is in the stored array, between its quotes.</summary>
    internal string? TagPattern => Tag is null ? null : SearchPattern.Of(JsonSerializer.Serialize(Tag));
}

/// <summary>One suite with its tenant and figures, for reading.</summary>
internal sealed record SuiteRow
{
    /// <inheritdoc cref="EvaluationSuite.Id"/>
    public required long Id { get; init; }

    /// <inheritdoc cref="EvaluationSuite.TenantId"/>
    public required long TenantId { get; init; }

    /// <summary>Its tenant's short name.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>Its tenant's name for people.</summary>
    public required string TenantName { get; init; }

    /// <inheritdoc cref="EvaluationSuite.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="EvaluationSuite.Revision"/>
    public required int Revision { get; init; }

    /// <inheritdoc cref="EvaluationSuite.PassThreshold"/>
    public required double PassThreshold { get; init; }

    /// <inheritdoc cref="EvaluationSuite.IsDefault"/>
    public required bool IsDefault { get; init; }

    /// <inheritdoc cref="EvaluationSuite.Tags"/>
    public required string Tags { get; init; }

    /// <inheritdoc cref="EvaluationSuite.CreatedAt"/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Cases of the current revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Live runs, at most <see cref="SuiteListRepository.CountLimit"/>.</summary>
    public required int RunCount { get; init; }

    /// <summary>Archived runs, at most <see cref="SuiteListRepository.CountLimit"/>.</summary>
    public required int ArchivedRunCount { get; init; }
}

/// <summary>A run in the trend of its suite.</summary>
internal sealed record SuiteRunPoint
{
    /// <summary>The run.</summary>
    public required long Id { get; init; }

    /// <summary>Its suite.</summary>
    public required long SuiteId { get; init; }

    /// <inheritdoc cref="EvaluationRun.Status"/>
    public required RunStatus Status { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassRate"/>
    public double? PassRate { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassedCount"/>
    public required int PassedCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.CaseCount"/>
    public required int CaseCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassThreshold"/>
    public required double PassThreshold { get; init; }

    /// <inheritdoc cref="EvaluationRun.CreatedAt"/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was declared void as evidence, UTC; null when it was not.</summary>
    public DateTimeOffset? VoidedAt { get; init; }

    /// <summary>Whether it passed, by the threshold it was judged by; null unless it completed.</summary>
    public EvalStatus? Outcome => PassRule.Outcome(Status, PassedCount, CaseCount, PassThreshold);
}

/// <summary>One case of a suite revision. Long texts are cut; their lengths, in characters, are those of the whole.</summary>
internal sealed record SuiteCasePreview
{
    /// <summary>The case.</summary>
    public required long TestCaseId { get; init; }

    /// <inheritdoc cref="TestCase.Ordinal"/>
    public required int Ordinal { get; init; }

    /// <inheritdoc cref="TestCase.CaseKey"/>
    public required string CaseKey { get; init; }

    /// <inheritdoc cref="TestCase.Name"/>
    public required string Name { get; init; }

    /// <summary>The beginning of what the agent is asked.</summary>
    public required string Input { get; init; }

    /// <summary>Length of the whole.</summary>
    public required long InputLength { get; init; }

    /// <summary>The beginning of the right answer.</summary>
    public string? ExpectedOutput { get; init; }

    /// <summary>Length of the whole.</summary>
    public long? ExpectedLength { get; init; }

    /// <inheritdoc cref="TestCase.Scoring"/>
    public required string Scoring { get; init; }

    /// <inheritdoc cref="TestCase.Weight"/>
    public required double Weight { get; init; }

    /// <inheritdoc cref="TestCase.Tags"/>
    public required string Tags { get; init; }

    /// <inheritdoc cref="TestCase.MustPass"/>
    public required bool MustPass { get; init; }

    /// <returns>It with what <see cref="Preview"/> makes of its texts.</returns>
    internal SuiteCasePreview Cut(int previewLength) => this with
    {
        Input = Preview.Text(Input, InputLength, previewLength)!,
        InputLength = Preview.Length(Input, InputLength)!.Value,
        ExpectedOutput = Preview.Text(ExpectedOutput, ExpectedLength, previewLength),
        ExpectedLength = Preview.Length(ExpectedOutput, ExpectedLength),
    };
}
