using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>The test of a JUnit report for each exported item.</summary>
internal static class JunitTests
{
    /// <returns>The test of a case: a wrong reply is a failure; no reply, or no score, is an error.</returns>
    public static JunitTest Of(CaseResultRow row, string suiteName) => new(
        suiteName,
        row.Name.Length == 0 ? row.CaseKey : $"{row.CaseKey}: {row.Name}",
        row.DurationMs,
        row.Verdict == CaseVerdict.Passed
            ? null
            : new JunitOutcome(
                row.Verdict != CaseVerdict.Failed,
                StoredWord.Of(row.Verdict),
                row.Error ?? $"{StoredWord.Of(row.Verdict)}{(row.Score is { } score ? FormattableString.Invariant($", score {score:0.###}") : "")}",
                $"Input:\n{JunitExport.Cut(row.Input)}\n\nExpected:\n{JunitExport.Cut(row.ExpectedOutput)}\n\nReply:\n{JunitExport.Cut(row.Output)}\n"));

    /// <returns>The test of a run: one that completed without passing is a failure, one that did not complete is an error.</returns>
    public static JunitTest Of(RunRow run) => new(
        $"{run.TenantSlug}.{run.SuiteName}",
        $"{run.AgentName} {run.VersionLabel}, run {run.Id}",
        run is { StartedAt: { } from, CompletedAt: { } until } ? (long)(until - from).TotalMilliseconds : 0,
        run.Outcome == EvalStatus.Pass
            ? null
            : new JunitOutcome(
                run.Outcome is null,
                StoredWord.Of(run.Status),
                run.Error ?? $"{run.PassedCount} of {run.CaseCount} cases passed",
                $"{run.FailedCount} failed, {run.ErroredCount} errored, {run.UnscoredCount} unscored"));

    /// <returns>The test of a compared case: newly failing is a failure, anything else passes.</returns>
    public static JunitTest Of(ComparedCase row, string suiteName) => new(
        suiteName,
        row.Name.Length == 0 ? row.CaseKey : $"{row.CaseKey}: {row.Name}",
        row.DurationMs,
        row.Change == "NEWLY_FAILING"
            ? new JunitOutcome(false, row.Change, $"{StoredWord.Of(row.Verdict)}, in the baseline {StoredWord.Of(row.BaselineVerdict)}", "")
            : null);
}
