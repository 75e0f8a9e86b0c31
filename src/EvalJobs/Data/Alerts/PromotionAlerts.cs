using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Tells of promotion, in the transactions that change it, where some channel wants to know; see <see cref="EvaluationDatabase.Notified"/>.</summary>
internal static class PromotionAlerts
{
    /// <summary>A version became a CANDIDATE or was APPROVED; and, where the policy says so, someone has to approve it now.</summary>
    public static async Task OfPromotionAsync(DbWork db, AgentVersion version, VersionMove move, VersionGate gate, string certificate)
    {
        var to = StoredWord.Of(move.To);
        if (db.Notified.Contains(AlertTopic.Promoted))
        {
            await db.AlertAsync(
                version.TenantId, AlertTopic.Promoted, AlertPhase.Raised, $"Version {version.VersionLabel} of {version.AgentName} is {to} now; {move.Actor} moved it.",
                new { versionId = version.Id, agent = version.AgentName, version = version.VersionLabel, from = StoredWord.Of(version.LifecycleState), to, actor = move.Actor, certificate });
        }

        if (move.To == LifecycleState.Candidate && (gate.NeedsSecondPerson || gate.NeedsApprover) && db.Notified.Contains(AlertTopic.ApprovalWanted))
        {
            var who = (gate.NeedsSecondPerson, gate.NeedsApprover) switch
            {
                (true, true) => "a person with the role Approver who did not create it",
                (true, false) => "a person who did not create it",
                _ => "a person with the role Approver",
            };
            await db.AlertAsync(
                version.TenantId, AlertTopic.ApprovalWanted, AlertPhase.Raised, $"Version {version.VersionLabel} of {version.AgentName} is a CANDIDATE and waits for {who} to approve it.",
                new { versionId = version.Id, agent = version.AgentName, version = version.VersionLabel, secondPerson = gate.NeedsSecondPerson, approver = gate.NeedsApprover, createdBy = gate.VersionCreatedBy });
        }
    }

    /// <summary>A version's evaluation status became FAIL.</summary>
    public static async Task OfFailedGateAsync(DbWork db, AgentVersion version, VersionStanding standing)
    {
        if (!db.Notified.Contains(AlertTopic.GateFailed))
            return;
        await db.AlertAsync(
            version.TenantId, AlertTopic.GateFailed, AlertPhase.Raised, $"Version {version.VersionLabel} of {version.AgentName} does not pass: {standing.Standing.Reason}",
            new { versionId = version.Id, agent = version.AgentName, version = version.VersionLabel, verdict = StoredWord.Of(standing.Standing.Verdict), remedy = standing.Remedy });
    }

    /// <summary>A run completed.</summary>
    public static async Task OfCompletedRunAsync(DbWork db, AgentVersion version, long runId, RunTally tally, EvalStatus evalStatus)
    {
        if (!db.Notified.Contains(AlertTopic.RunCompleted))
            return;
        var status = StoredWord.Of(evalStatus);
        await db.AlertAsync(
            version.TenantId, AlertTopic.RunCompleted, AlertPhase.Raised,
            $"Run {runId} of version {version.VersionLabel} of {version.AgentName} completed: {tally.PassedCount} of {tally.CaseCount} cases passed; evalStatus {status}.",
            new
            {
                runId,
                versionId = version.Id,
                agent = version.AgentName,
                version = version.VersionLabel,
                evalStatus = status,
                cases = tally.CaseCount,
                passed = tally.PassedCount,
                failed = tally.FailedCount,
                errored = tally.ErroredCount,
                unscored = tally.UnscoredCount,
                passRate = tally.PassRate,
            });
    }
}
