namespace EvalJobs.Domain;

/// <summary>The alerts of a version's promotion. The outbox checks whether a channel wants the topic.</summary>
internal static class PromotionAlertRule
{
    /// <summary>A version became a CANDIDATE or was APPROVED; and, if the policy says so, someone has to approve it now.</summary>
    public static IEnumerable<AlertDraft> OfPromotion(AgentVersion version, LifecycleState to, string actor, VersionGate gate, string certificate)
    {
        var state = StoredWord.Of(to);
        yield return new(
            version.TenantId, AlertTopic.Promoted, AlertPhase.Raised, $"Version {version.VersionLabel} of {version.AgentName} is {state} now; {actor} moved it.",
            new { versionId = version.Id, agent = version.AgentName, version = version.VersionLabel, from = StoredWord.Of(version.LifecycleState), to = state, actor, certificate });

        if (to != LifecycleState.Candidate || !(gate.NeedsSecondPerson || gate.NeedsApprover))
            yield break;
        var who = (gate.NeedsSecondPerson, gate.NeedsApprover) switch
        {
            (true, true) => "a person with the role Approver who did not create it",
            (true, false) => "a person who did not create it",
            _ => "a person with the role Approver",
        };
        yield return new(
            version.TenantId, AlertTopic.ApprovalWanted, AlertPhase.Raised, $"Version {version.VersionLabel} of {version.AgentName} is a CANDIDATE and waits for {who} to approve it.",
            new { versionId = version.Id, agent = version.AgentName, version = version.VersionLabel, secondPerson = gate.NeedsSecondPerson, approver = gate.NeedsApprover, createdBy = gate.VersionCreatedBy });
    }

    /// <summary>A version's evidence was judged again: an alert if it fails now and did not before.</summary>
    /// <param name="version">The version as it was before.</param>
    /// <param name="evalStatus">Its evaluation status now.</param>
    /// <param name="standing">What the evidence says.</param>
    /// <param name="remedy">What to do next; null when nothing is missing.</param>
    public static IEnumerable<AlertDraft> OfEvidence(AgentVersion version, EvalStatus evalStatus, GateStanding standing, string? remedy)
    {
        if (evalStatus == EvalStatus.Fail && version.EvalStatus != EvalStatus.Fail)
        {
            yield return new(
                version.TenantId, AlertTopic.GateFailed, AlertPhase.Raised, $"Version {version.VersionLabel} of {version.AgentName} does not pass: {standing.Reason}",
                new { versionId = version.Id, agent = version.AgentName, version = version.VersionLabel, verdict = StoredWord.Of(standing.Verdict), remedy });
        }
    }

    /// <summary>A run completed.</summary>
    public static IEnumerable<AlertDraft> OfCompletedRun(AgentVersion version, long runId, RunTally tally, EvalStatus evalStatus)
    {
        var status = StoredWord.Of(evalStatus);
        yield return new(
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
