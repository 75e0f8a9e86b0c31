using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the results of runs: all verdicts of a run at once, and the texts of a few cases.</summary>
internal sealed class CaseOutcomeRepository(EvaluationDatabase database)
{
    /// <param name="runId">The run, live or archived.</param>
    /// <param name="limit">Cases at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The outcomes, by ordinal.</returns>
    public async Task<IReadOnlyList<CaseFigures>> ListAsync(long runId, int limit, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<CaseFigures>(SqlQuery.ListCaseOutcomes, new { RunId = runId, Limit = limit }, cancellationToken))
            .DistinctBy(outcome => outcome.TestCaseId)];

    /// <param name="runId">The run, live or archived.</param>
    /// <param name="testCaseIds">The cases; a page of them.</param>
    /// <param name="previewLength">Characters kept of each text.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The beginning of each reply and error, by case.</returns>
    public async Task<IReadOnlyDictionary<long, CaseReply>> ListRepliesAsync(long runId, IEnumerable<long> testCaseIds, int previewLength, CancellationToken cancellationToken) =>
        (await database.QueryAsync<CaseReply>(
            SqlQuery.ListCaseReplies, new { RunId = runId, TestCaseIds = JsonSerializer.Serialize(testCaseIds), PreviewLength = previewLength }, cancellationToken))
        .DistinctBy(reply => reply.TestCaseId)
        .Select(reply => reply with { Output = Preview.Text(reply.Output, reply.OutputLength, previewLength), OutputLength = Preview.Length(reply.Output, reply.OutputLength) })
        .ToDictionary(reply => reply.TestCaseId);
}

/// <summary>The beginning of what an agent was asked in a case, and replied.</summary>
internal sealed record CaseReply
{
    /// <summary>The case.</summary>
    public required long TestCaseId { get; init; }

    /// <summary>The beginning of what was asked.</summary>
    public required string Input { get; init; }

    /// <summary>The beginning of the reply.</summary>
    public string? Output { get; init; }

    /// <summary>Characters of the whole.</summary>
    public long? OutputLength { get; init; }

    /// <summary>The beginning of why there is no verdict.</summary>
    public string? Error { get; init; }
}
