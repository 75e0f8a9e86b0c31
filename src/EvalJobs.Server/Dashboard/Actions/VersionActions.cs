using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The transitions of a version.</summary>
internal sealed class VersionActions(
    PageRequest request, AgentVersionRepository versions, TenantRepository tenants, TransitionVersion transition, OverviewCache overview)
{
    /// <returns>The confirmation page of a transition that is not easily undone.</returns>
    public async Task<IResult> ConfirmTransitionAsync(long id)
    {
        var version = await FindAsync(id);
        var to = ParseState(request.Query("to"));
        VersionLifecycle.EnsureAllowed(version.LifecycleState, to, version.EvalStatus);
        var (question, consequence) = Question(version, to);
        return Page.Confirm(new Confirmation(question, consequence, $"Move to {StoredWord.Of(to)}", $"/evaluations/versions/{version.Id}")
        {
            Fields = [("to", StoredWord.Of(to))],
        });
    }

    public async Task<IResult> TransitionAsync(long id, TransitionInput input)
    {
        var version = await FindAsync(id);
        var to = ParseState(input.To);
        var move = new TransitionRequest { VersionId = version.Id, To = to, SuiteId = input.Suite, Actor = request.Viewer.Actor, IsApprover = request.Viewer.IsApprover };
        var moved = await transition.ExecuteAsync(move, request.Aborted);
        overview.Invalidate();
        var page = $"/evaluations/versions/{version.Id}";
        var message = $"{version.AgentName} {version.VersionLabel} is {StoredWord.Of(to)} now.";
        return moved.Run is not { } run
            ? request.Done(page, message)
            : request.Done(page, new StatusMessage($"{message} Run {run.Id} is created.", LinkPath: $"/evaluations/runs/{run.Id}", LinkText: "See the run"));
    }

    /// <returns>Whether a transition needs a confirmation.</returns>
    public static bool IsConfirmed(AgentVersion version, LifecycleState to) =>
        to is LifecycleState.Approved or LifecycleState.Deprecated or LifecycleState.Retired
        || (to == LifecycleState.Draft && version.EvalStatus == EvalStatus.Running);

    private async Task<AgentVersion> FindAsync(long id)
    {
        var version = await versions.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(version.TenantId, request.Aborted));
        return version;
    }

    private static LifecycleState ParseState(string? word) =>
        StoredWord.Find<LifecycleState>(word ?? "") ?? throw new InvalidInputException($"'{DisplayText.Excerpt(word ?? "", 50)}' is not a state of a version.");

    private static (string Question, string Consequence) Question(AgentVersion version, LifecycleState to)
    {
        var name = $"{version.AgentName} {version.VersionLabel}";
        return to switch
        {
            LifecycleState.Draft => ($"Move {name} back to DRAFT?", "Its run that has not ended is cancelled; the evaluation status becomes what it was before."),
            LifecycleState.Approved => ($"Approve {name}?", "An APPROVED version may be used. The only next state is DEPRECATED."),
            LifecycleState.Deprecated => ($"Deprecate {name}?", "The only next state after DEPRECATED is RETIRED."),
            LifecycleState.Retired => ($"Retire {name}?", "RETIRED is final: the version cannot be evaluated or moved to another state."),
            _ => ($"Move {name} to {StoredWord.Of(to)}?", ""),
        };
    }
}
