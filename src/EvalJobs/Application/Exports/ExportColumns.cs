using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>The columns of each export. docs/guide/exports.md lists them, and a test compares.</summary>
internal static class ExportColumns
{
    public static IReadOnlyList<ExportColumn<RunRow>> Runs { get; } =
    [
        new("id", run => run.Id),
        new("tenant", run => run.TenantSlug),
        new("agent", run => run.AgentName),
        new("version", run => run.VersionLabel),
        new("suite", run => run.SuiteName),
        new("suiteRevision", run => run.SuiteRevision),
        new("status", run => StoredWord.Of(run.Status)),
        new("trigger", run => StoredWord.Of(run.Trigger)),
        new("priority", run => run.Priority),
        new("attempt", run => run.Attempt),
        new("caseCount", run => run.CaseCount),
        new("passedCount", run => run.PassedCount),
        new("failedCount", run => run.FailedCount),
        new("erroredCount", run => run.ErroredCount),
        new("unscoredCount", run => run.UnscoredCount),
        new("passRate", run => run.PassRate),
        new("passThreshold", run => run.PassThreshold),
        new("outcome", run => run.Outcome is { } outcome ? StoredWord.Of(outcome) : null),
        new("overallScore", run => run.OverallScore),
        new("inputTokens", run => run.InputTokens),
        new("outputTokens", run => run.OutputTokens),
        new("cost", run => run.Cost),
        new("createdAt", run => run.CreatedAt),
        new("startedAt", run => run.StartedAt),
        new("completedAt", run => run.CompletedAt),
        new("archivedAt", run => run.ArchivedAt),
        new("error", run => run.Error),
    ];

    public static IReadOnlyList<ExportColumn<CaseResultRow>> Results { get; } =
    [
        new("ordinal", row => row.Ordinal),
        new("caseKey", row => row.CaseKey),
        new("name", row => row.Name),
        new("verdict", row => StoredWord.Of(row.Verdict)),
        new("score", row => row.Score),
        new("durationMs", row => row.DurationMs),
        new("inputTokens", row => row.InputTokens),
        new("outputTokens", row => row.OutputTokens),
        new("cost", row => row.Cost),
        new("input", row => row.Input),
        new("expected", row => row.ExpectedOutput),
        new("output", row => row.Output),
        new("error", row => row.Error),
    ];

    public static IReadOnlyList<ExportColumn<ComparedRow>> Comparison { get; } =
    [
        new("runId", row => row.RunId),
        new("baselineRunId", row => row.BaselineRunId),
        new("ordinal", row => row.Case.Ordinal),
        new("caseKey", row => row.Case.CaseKey),
        new("name", row => row.Case.Name),
        new("change", row => row.Case.Change),
        new("verdict", row => StoredWord.Of(row.Case.Verdict)),
        new("baselineVerdict", row => StoredWord.Of(row.Case.BaselineVerdict)),
        new("score", row => row.Case.Score),
        new("baselineScore", row => row.Case.BaselineScore),
        new("durationMs", row => row.Case.DurationMs),
        new("baselineDurationMs", row => row.Case.BaselineDurationMs),
    ];

    public static IReadOnlyList<ExportColumn<ChangeRecord>> Audit { get; } =
    [
        new("id", record => record.Id),
        new("at", record => record.At),
        new("tenantId", record => record.TenantId),
        new("type", record => record.Type),
        new("targetEntity", record => record.TargetEntity),
        new("targetId", record => record.TargetId),
        new("actor", record => record.Actor),
        new("payload", record => JsonElement.Parse(record.Payload)),
    ];
}
