using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>Moves a version through its lifecycle.</summary>
internal sealed class VersionActions(
    AgentVersionRepository versions, TenantRepository tenants, RunPickup pickup, OverviewCache overview)
{
    public async Task<ActionOutcome> TransitionAsync(PageRequest request)
    {
        var version = await versions.GetAsync(request.RouteId("VersionId"), request.Aborted);
        request.DemandSees(await tenants.GetAsync(version.TenantId, request.Aborted));
        var to = ChosenState(request);
        VersionLifecycle.Demand(version.LifecycleState, to, version.EvalStatus);
        if (!request.IsConfirmed && Question(version, to) is { } question)
            return question;

        var moved = await versions.TransitionAsync(
            version.Id, to, RunCreationActions.Number(request, "suite"), 0, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        var message = $"{version.AgentName} {version.VersionLabel} is {StoredWord.Of(to)} now.";
        if (moved.Run is not { } run)
            return ActionOutcome.Done(message);

        await pickup.PickUpAsync(version.TenantId, request.Aborted);
        return ActionOutcome.Done(new FlashMessage($"{message} Run {run.Id} is created.", LinkPath: $"/evaluations/runs/{run.Id}", LinkText: "See the run"));
    }

    private static LifecycleState ChosenState(PageRequest request)
    {
        var word = request.Form["to"].ToString();
        return Enum.GetValues<LifecycleState>().Cast<LifecycleState?>().FirstOrDefault(state => StoredWord.Of(state!.Value) == word)
            ?? throw new InvalidInputException($"'{Show.Excerpt(word, 50)}' is no state of a version.");
    }

    /// <summary>Moves that cannot simply be taken back are asked about.</summary>
    private static ActionOutcome? Question(AgentVersion version, LifecycleState to)
    {
        var name = $"{version.AgentName} {version.VersionLabel}";
        return to switch
        {
            LifecycleState.Draft when version.EvalStatus == EvalStatus.Running => ActionOutcome.Confirm(
                $"Move {name} back to DRAFT?", "Its run that has not ended is cancelled; the evaluation status becomes what it was before.", "Move to DRAFT"),
            LifecycleState.Approved => ActionOutcome.Confirm(
                $"Approve {name}?", "APPROVED says that it may be used. The only way from there is DEPRECATED.", "Move to APPROVED"),
            LifecycleState.Deprecated => ActionOutcome.Confirm(
                $"Deprecate {name}?", "The only way from DEPRECATED is RETIRED.", "Move to DEPRECATED"),
            LifecycleState.Retired => ActionOutcome.Confirm(
                $"Retire {name}?", "RETIRED is final: it cannot be evaluated or come back.", "Move to RETIRED"),
            _ => null,
        };
    }
}
