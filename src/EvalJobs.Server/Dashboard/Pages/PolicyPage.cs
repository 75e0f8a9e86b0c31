using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Import;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What must a version of this tenant, or of one of its agents, show before it is promoted?</summary>
internal sealed class PolicyPage(
    PageRequest request, PromotionRepository promotion, SetPolicy setPolicy, TenantRepository tenants, TenantHealthRepository health, VersionListRepository versions, EvaluationSuiteRepository suites,
    QueryReferences references)
{
    private const int RevisionCount = 50;
    private const int AgentCount = 200;

    public async Task<IResult> ShowAsync(string slug)
    {
        var tenant = await FindAsync(slug);
        var agent = request.Query("agent") ?? "";
        var revisions = await promotion.ListPoliciesAsync(tenant.Id, agent, RevisionCount, request.Aborted);
        var current = await promotion.FindPolicyAsync(tenant.Id, agent, request.Aborted);
        var agents = await versions.ListAgentsAsync(tenant.Id, "", AgentCount, request.Aborted);
        return Page.Of<PolicyView, PolicyModel>(new PolicyModel
        {
            Tenant = tenant,
            AgentName = agent,
            Now = await health.ReadClockAsync(request.Aborted),
            Displayed = await FindRevisionAsync(tenant, agent, revisions) ?? current,
            Current = current,
            Revisions = revisions,
            Agents = agents,
            IsAgentKnown = agent.Length == 0 || revisions.Count > 0 || agents.Contains(agent, StringComparer.Ordinal)
                || await references.IsAgentAsync(tenant, agent),
        });
    }

    /// <returns>The revision that the address asks for; null when it asks for none.</returns>
    private async Task<StoredPolicy?> FindRevisionAsync(Tenant tenant, string agent, IReadOnlyList<StoredPolicy> newest)
    {
        if (newest is [var latest, ..])
        {
            return request.QueryRevision("revision", latest.Revision) is { } number
                ? newest.FirstOrDefault(each => each.Revision == number) ?? (await promotion.ListPoliciesAsync(tenant.Id, agent, number + 1, 1, request.Aborted))[0]
                : null;
        }

        return request.QueryNumber("revision") is { } any ? throw new NotFoundException($"There is no revision {any}: this policy does not exist.") : null;
    }

    public async Task<IResult> ShowEditAsync(string slug)
    {
        var tenant = await FindAsync(slug);
        var agent = request.Query("agent") ?? "";
        var own = await promotion.ListPoliciesAsync(tenant.Id, agent, 1, request.Aborted);
        var text = PrettyJson.Of(own.Count > 0 ? own[0].Document : await ExampleAsync(tenant));
        return RenderForm(new PolicyForm { Tenant = tenant, AgentName = agent, BasedOn = own.Count > 0 ? own[0].Revision : 0, Document = text! }, StatusCodes.Status200OK);
    }

    public async Task<IResult> SaveAsync(string slug, IFormCollection fields)
    {
        var tenant = await FindAsync(slug);
        var form = new PolicyForm
        {
            Tenant = tenant,
            AgentName = FormText.Line(fields["agent"]).Trim(),
            BasedOn = FormText.Number(fields["basedOn"]),
            Document = FormText.Lines(fields["document"]),
        };
        try
        {
            var json = await PolicyFileReader.ReadTextAsync(form.Document, request.Aborted);
            if (await promotion.ListPoliciesAsync(tenant.Id, form.AgentName, 1, request.Aborted) is [var latest] && latest.Revision == form.BasedOn && CanonicalJson.Of(json) == CanonicalJson.Of(latest.Document))
                return request.Done(PathOf(tenant, latest.AgentName), $"Nothing was changed: the policy stays at revision {latest.Revision}.");
            var stored = await setPolicy.ExecuteAsync(tenant.Id, form.AgentName, json, form.BasedOn, request.Viewer.Actor, request.Aborted);
            return request.Done(
                PathOf(tenant, stored.AgentName), $"Revision {stored.Revision} of the policy applies from now on; versions in TESTING keep theirs until they are required again.");
        }
        catch (PolicyOvertakenException error)
        {
            // The typed text stays, based on the revision that was read, so sending it again is rejected again.
            form.Errors.General = error.Message;
        }
        catch (NotAllowedException error)
        {
            form.Errors.Add(error.Field is "agent" or "agentName" ? "agent" : "document", error.Message);
        }

        return RenderForm(form, StatusCodes.Status422UnprocessableEntity);
    }

    /// <returns>The page's path within the dashboard.</returns>
    public static string PathOf(Tenant tenant, string agentName) =>
        $"/evaluations/tenants/{tenant.Slug}/policy{(agentName.Length == 0 ? "" : $"?agent={Uri.EscapeDataString(agentName)}")}";

    /// <summary>The default requirements as a policy, as a start for a new policy.</summary>
    private async Task<string> ExampleAsync(Tenant tenant)
    {
        var listed = await suites.ListAsync(tenant.Id, request.Aborted);
        var suite = listed.FirstOrDefault(each => each.IsDefault) ?? (listed.Count > 0 ? listed[0] : null);
        return JsonSerializer.Serialize(new { requirements = new[] { new { suite = suite?.Name ?? "", rule = "rate" } } });
    }

    private async Task<Tenant> FindAsync(string slug) => request.EnsureSees(await tenants.FindAsync(slug, request.Aborted));

    private static IResult RenderForm(PolicyForm form, int status) => Page.Of<PolicyFormView, PolicyForm>(form, status);
}

/// <summary>What the page of a policy shows.</summary>
internal sealed record PolicyModel
{
    /// <summary>The tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The agent asked about; empty for the tenant.</summary>
    public required string AgentName { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The revision shown; null when there is no policy.</summary>
    public required StoredPolicy? Displayed { get; init; }

    /// <summary>The one that applies now, which may be the tenant's; null when there is none.</summary>
    public required StoredPolicy? Current { get; init; }

    /// <summary>The revisions of this very policy, newest first.</summary>
    public required IReadOnlyList<StoredPolicy> Revisions { get; init; }

    /// <summary>Whether the tenant has versions of the agent, or a policy for it.</summary>
    public required bool IsAgentKnown { get; init; }

    /// <summary>The tenant's agents.</summary>
    public required IReadOnlyList<string> Agents { get; init; }
}

/// <summary>The form of a policy.</summary>
internal sealed record PolicyForm
{
    /// <summary>The tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The agent it is for; empty for all.</summary>
    public required string AgentName { get; init; }

    /// <summary>The revision it was made from; 0 for the first.</summary>
    public required int BasedOn { get; init; }

    /// <summary>As typed: JSON or YAML.</summary>
    public required string Document { get; init; }

    /// <summary>What is wrong with it.</summary>
    public FormErrors Errors { get; } = new();
}
