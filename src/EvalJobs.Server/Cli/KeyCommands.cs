using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary><c>key create|list|revoke</c>: keys for programs that use the HTTP API.</summary>
internal static class KeyCommands
{
    public static Command Build() => new("key", "Create, list and revoke the keys of programs that use the HTTP API.") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Its name, such as ci-main; the audit trail shows its acts as those of key:ci-main." };
        var role = new Option<string>("--role") { Description = "What it may do: VIEWER, OPERATOR, APPROVER, or ADMIN for everything of every tenant.", DefaultValueFactory = _ => "VIEWER" };
        var tenant = new Option<string?>("--tenant") { Description = "The only tenant it gives access to, by its slug. Needed for every role but ADMIN." };
        var days = new Option<int>("--days") { Description = $"How long it is valid, 1 to {ApiKey.MaxDays} days.", DefaultValueFactory = _ => ApiKey.DefaultDays };
        return new Command("create", "Create a key and print it, once: only a hash of it is stored.") { name, role, tenant, days }.Runs(async (parsed, context) =>
        {
            var slug = parsed.GetValue(tenant);
            var owner = slug is null ? null : await context.Get<TenantRepository>().FindAsync(slug, context.CancellationToken);
            var key = new NewApiKey { Name = parsed.GetRequiredValue(name), TenantId = owner?.Id, Role = ParseRole(parsed.GetValue(role)!), Days = parsed.GetValue(days) };
            var created = await context.Get<CreateApiKey>().ExecuteAsync(key, Actor.CommandLine(), context.CancellationToken);
            if (!context.IsJson)
                await CommandContext.ErrorLineAsync($"Key {created.Key.Name} (id {created.Key.Id}, {StoredWord.Of(created.Key.Role)}, {Whose(created.Key)}), valid until {CommandContext.Moment(created.Key.ExpiresAt)} UTC. It is shown this once:");
            context.Answer(
                new { created.Key.Id, created.Key.Name, created.Key.Role, Tenant = created.Key.TenantSlug, created.Key.ExpiresAt, Key = created.Secret.Text },
                () => CommandContext.Line(created.Secret.Text));
            return ExitCode.Ok;
        });
    }

    private static Command List()
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only the keys of this tenant, by its slug." };
        var limit = Paging.LimitOption();
        var before = Paging.BeforeOption();
        return new Command("list", "List the keys, newest first.") { tenant, limit, before }.Runs(async (parsed, context) =>
        {
            var count = parsed.Limit(limit);
            var slug = parsed.GetValue(tenant);
            var owner = slug is null ? null : await context.Get<TenantRepository>().FindAsync(slug, context.CancellationToken);
            var keys = await context.Get<ApiKeyRepository>().ListAsync(owner?.Id, parsed.Before(before), count, context.CancellationToken);
            context.Answer(keys, () =>
            {
                CommandContext.Table(
                    ["Id", "Name", "Begins with", "Role", "Tenant", "State", "Expires", "Last used"],
                    keys.Select(key => new[]
                    {
                        $"{key.Id}", key.Name, key.Hint, StoredWord.Of(key.Role), key.TenantSlug ?? "every tenant",
                        key.RevokedAt is not null ? "revoked" : key.IsUsable ? "accepted" : "expired", CommandContext.Moment(key.ExpiresAt), CommandContext.Moment(key.LastUsedAt),
                    }));
                Paging.Hint(keys, count, last => $"--before {last.Id}");
            });
            return ExitCode.Ok;
        });
    }

    private static Command Revoke()
    {
        var id = new Argument<long>("id") { Description = "The key's id; 'key list' shows it." };
        return new Command("revoke", "Revoke a key permanently. Running servers reject it within two seconds.") { id }.Runs(async (parsed, context) =>
        {
            var revoked = await context.Get<RevokeApiKey>().ExecuteAsync(parsed.GetRequiredValue(id), Actor.CommandLine(), context.CancellationToken);
            context.Answer(revoked, () => CommandContext.Line($"The key {revoked.Name} (id {revoked.Id}) is revoked."));
            return ExitCode.Ok;
        });
    }

    private static ApiKeyRole ParseRole(string word)
    {
        try
        {
            return StoredWord.Parse<ApiKeyRole>(word);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"--role {error.Message}", error);
        }
    }

    private static string Whose(ApiKey key) => key.TenantSlug is { } slug ? $"tenant {slug}" : "every tenant";
}
