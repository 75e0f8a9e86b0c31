using System.CommandLine;
using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Server.Cli;

/// <summary><c>policy set|show|history</c>.</summary>
internal static class PolicyCommands
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Build() => new("policy", "Set and show what a version has to meet before it is promoted.") { Set(), Show(), History() };

    private static Option<string?> AgentOption() => new("--agent") { Description = "Only for this agent; without it, for all of the tenant's agents that have no policy of their own." };

    private static Command Set()
    {
        var slug = TenantCommands.SlugArgument();
        var file = new Argument<FileInfo>("file") { Description = "The policy, JSON or YAML; see docs/guide/gate.md." };
        var agent = AgentOption();
        return new Command("set", "Store the next revision of a policy. Versions in TESTING keep the requirements stored for them.") { slug, file, agent }.Runs(async (parsed, context) =>
        {
            var json = await PolicyFileReader.ReadAsync(parsed.GetRequiredValue(file).FullName, context.CancellationToken);
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var stored = await context.Get<SetPolicy>().ExecuteAsync(tenant.Id, parsed.GetValue(agent) ?? "", json, Actor.CommandLine(), context.CancellationToken);
            context.Answer(stored, () => CommandContext.Line($"Revision {stored.Revision} of the policy {Whose(stored)} applies from now on; versions in TESTING keep theirs until 'version require --again'."));
            return ExitCode.Ok;
        });
    }

    private static Command Show()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = AgentOption();
        return new Command("show", "Show the policy that applies.") { slug, agent }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var stored = await context.Get<PromotionRepository>().FindPolicyAsync(tenant.Id, parsed.GetValue(agent) ?? "", context.CancellationToken)
                ?? throw new NotFoundException("There is no policy: a version has to reach the threshold of the suite named when it enters TESTING, else of the tenant's default suite. 'policy set' stores one.");
            context.Answer(stored, () =>
            {
                CommandContext.Line($"Revision {stored.Revision} of the policy {Whose(stored)}, set by {stored.Actor} at {CommandContext.Moment(stored.CreatedAt)}:");
                using var document = JsonDocument.Parse(stored.Document);
                CommandContext.Line(JsonSerializer.Serialize(document.RootElement, Indented));
            });
            return ExitCode.Ok;
        });
    }

    private static Command History()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = AgentOption();
        var limit = Paging.LimitOption();
        return new Command("history", "List the revisions of a policy, newest first.") { slug, agent, limit }.Runs(async (parsed, context) =>
        {
            var count = parsed.Limit(limit);
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var revisions = await context.Get<PromotionRepository>().ListPoliciesAsync(tenant.Id, parsed.GetValue(agent) ?? "", count, context.CancellationToken);
            context.Answer(revisions, () => CommandContext.Table(
                ["Revision", "Set by", "At", "Hash"],
                revisions.Select(revision => new[] { $"{revision.Revision}", revision.Actor, CommandContext.Moment(revision.CreatedAt), revision.DocumentHash[..12] })));
            return ExitCode.Ok;
        });
    }

    private static string Whose(StoredPolicy policy) => policy.AgentName.Length == 0 ? "of the tenant" : $"of the agent '{policy.AgentName}'";
}
