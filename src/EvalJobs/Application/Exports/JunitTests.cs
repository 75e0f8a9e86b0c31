using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>What each exported thing is as a test of a JUnit report.</summary>
internal static class JunitTests
{
    /// <returns>A case: wrong is a failure; no reply, or no judgement, an error.</returns>
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

    /// <returns>A run: one that completed without passing is a failure, one that did not complete an error.</returns>
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

    /// <returns>A compared case: newly failing is a failure, anything else passes.</returns>
    public static JunitTest Of(ComparedCase row, string suiteName) => new(
        suiteName,
        row.Name.Length == 0 ? row.CaseKey : $"{row.CaseKey}: {row.Name}",
        row.DurationMs,
        row.Change == "NEWLY_FAILING"
            ? new JunitOutcome(false, row.Change, $"{StoredWord.Of(row.Verdict)}, in the baseline {StoredWord.Of(row.BaselineVerdict)}", "")
            : null);
}
