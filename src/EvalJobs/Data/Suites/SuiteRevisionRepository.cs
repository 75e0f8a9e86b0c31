using System.Text.Json;

namespace EvalJobs.Data;

/// <summary>Compares two revisions of a suite, case by case. Cases are matched by key.</summary>
/// <remarks>One reading compares at most <see cref="PartLength"/> cases of each revision: so the cost for a large suite is bounded, and all of it can be read in parts.</remarks>
internal sealed class SuiteRevisionRepository(EvaluationDatabase database)
{
    /// <summary>Cases of a revision compared at once.</summary>
    public const int PartLength = 20_000;

    /// <returns>A page of the cases that differ, by ordinal, texts cut to <paramref name="previewLength"/> characters.</returns>
    /// <param name="suiteId">The suite.</param>
    /// <param name="oldRevision">The one revision.</param>
    /// <param name="newRevision">The other.</param>
    /// <param name="part">Which part: 1 for the first <see cref="PartLength"/> ordinals.</param>
    /// <param name="offset">Cases of the part on the pages before.</param>
    /// <param name="limit">Cases on the page.</param>
    /// <param name="previewLength">Characters of each text.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<RevisionDifference> CompareAsync(
        long suiteId, int oldRevision, int newRevision, int part, int offset, int limit, int previewLength, CancellationToken cancellationToken)
    {
        var shown = await FindAsync(offset, limit);

        // Past the last page there is no row to say how many there are.
        if ((shown.Count > 0 || offset == 0 ? shown : await FindAsync(0, 1)) is not [var any, ..])
            return new RevisionDifference([], 0, 0, 0);

        var ids = shown.SelectMany(each => new[] { each.OldId, each.NewId }).Where(id => id is not null);
        var cases = (await database.QueryAsync<SuiteCasePreview>(
            SqlQuery.ListCasesById, new { SuiteId = suiteId, CaseIds = JsonSerializer.Serialize(ids), PreviewLength = previewLength }, cancellationToken))
            .ToDictionary(each => each.TestCaseId, each => each.Cut(previewLength));
        return new RevisionDifference(
            [.. shown.Select(each => new CasePair(each.OldId is { } old ? cases[old] : null, each.NewId is { } added ? cases[added] : null))],
            (int)any.AddedCount, (int)any.RemovedCount, (int)(any.Total - any.AddedCount - any.RemovedCount));

        Task<IReadOnlyList<DifferentCase>> FindAsync(int after, int count)
        {
            var first = (part - 1) * PartLength;
            return database.QueryAsync<DifferentCase>(
                SqlQuery.CompareRevisions,
                new { SuiteId = suiteId, OldRevision = oldRevision, NewRevision = newRevision, AfterOrdinal = first, LastOrdinal = first + PartLength, Limit = count, Offset = after },
                cancellationToken);
        }
    }

    private sealed record DifferentCase
    {
        public long? OldId { get; init; }

        public long? NewId { get; init; }

        public required long AddedCount { get; init; }

        public required long RemovedCount { get; init; }

        public required long Total { get; init; }
    }
}

/// <summary>What differs between two revisions of a suite, in one part of their cases.</summary>
/// <param name="Cases">The cases of this page.</param>
/// <param name="AddedCount">Cases of the part that only the new revision has.</param>
/// <param name="RemovedCount">Cases of the part that only the old revision has.</param>
/// <param name="ChangedCount">Cases of the part that both have and that differ.</param>
internal sealed record RevisionDifference(IReadOnlyList<CasePair> Cases, int AddedCount, int RemovedCount, int ChangedCount)
{
    /// <summary>Cases of the part that differ.</summary>
    public int Total => AddedCount + RemovedCount + ChangedCount;
}

/// <summary>A case in two revisions.</summary>
/// <param name="Old">The old case; null if it was added.</param>
/// <param name="New">The new case; null if it was removed.</param>
internal sealed record CasePair(SuiteCasePreview? Old, SuiteCasePreview? New);
