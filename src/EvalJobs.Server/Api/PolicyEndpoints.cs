using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/policies</c>: the promotion policies of a tenant and of its agents.</summary>
internal static class PolicyEndpoints
{
    public static void MapPolicies(this IEndpointRouteBuilder api)
    {
        api.MapGet("/policies", GetAsync).Reads<PolicyView>("getPolicy", "Read the policy that applies to a tenant or one of its agents").HasTag();
        api.MapPost("/policies", SetAsync).Writes<PolicyView>("setPolicy", "Store the next revision of a policy", StatusCodes.Status201Created).TakesBody().HasTag();
        api.MapGet("/policies/revisions", ListAsync).Reads<Page<PolicyView>>("listPolicyRevisions", "List the revisions of exactly this policy, newest first");
    }

    private static async Task<IResult> GetAsync(ApiCall call, PromotionRepository promotion, string? tenant, string? agent)
    {
        var owner = await call.TenantAsync(tenant);
        var policy = await promotion.FindPolicyAsync(owner.Id, agent ?? "", call.Aborted) ?? throw new NotFoundException("There is no policy.");
        return call.Tagged(PolicyView.Of(policy), EntityTag.OfPolicy(owner.Id, policy.AgentName, policy.Revision));
    }

    private static async Task<IResult> SetAsync(ApiCall call, ApiBody<NewPolicy> body, SetPolicy setPolicy)
    {
        var owner = await call.TenantAsync(body.Value.Tenant);
        var agent = body.Value.Agent ?? "";
        var condition = call.IfMatch is { } isExpected
            ? WriteCondition.Policy(owner.Id, agent, revision => isExpected(EntityTag.OfPolicy(owner.Id, agent, revision)))
            : null;
        return await call.ExecuteAsync<StoredPolicy>(
            body.Hash, condition, () => setPolicy.ExecuteAsync(owner.Id, agent, body.Value.Document.GetRawText(), call.Actor, call.Aborted),
            stored => new OperationAnswer(StatusCodes.Status201Created, ApiJson.Text(PolicyView.Of(stored)))
            {
                Tag = EntityTag.OfPolicy(owner.Id, stored.AgentName, stored.Revision),
                TenantId = owner.Id,
            });
    }

    private static async Task<Page<PolicyView>> ListAsync(ApiCall call, PromotionRepository promotion, string? tenant, string? agent, string? cursor, int? limit)
    {
        var owner = await call.TenantAsync(tenant);
        var count = ApiCall.Limit(limit);
        var before = (int)Math.Min(ApiCall.Number(cursor, int.MaxValue), int.MaxValue);
        return call.PageOf(await promotion.ListPoliciesAsync(owner.Id, agent ?? "", before, count, call.Aborted), count, PolicyView.Of, policy => policy.Revision);
    }
}

/// <summary>One revision of a promotion policy.</summary>
internal sealed record PolicyView
{
    /// <summary>The agent it is for; empty for all of the tenant's agents.</summary>
    public required string Agent { get; init; }

    /// <summary>The revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>The document; see docs/guide/gate.md.</summary>
    public required JsonElement Document { get; init; }

    /// <summary>SHA-256 of its canonical JSON.</summary>
    public required string DocumentHash { get; init; }

    /// <summary>Who set it.</summary>
    public required string Actor { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public static PolicyView Of(StoredPolicy policy) => new()
    {
        Agent = policy.AgentName,
        Revision = policy.Revision,
        Document = JsonElement.Parse(policy.Document),
        DocumentHash = policy.DocumentHash,
        Actor = policy.Actor,
        CreatedAt = policy.CreatedAt,
    };
}

/// <summary>The next revision of a policy.</summary>
internal sealed record NewPolicy
{
    /// <summary>The tenant's slug; may be omitted with a key of one tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>The agent it is for; omitted or empty for all agents without their own policy.</summary>
    public string? Agent { get; init; }

    /// <summary>The document; see docs/guide/gate.md.</summary>
    public required JsonElement Document { get; init; }
}
