using System.CommandLine;
using System.Globalization;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary><c>tenant add|list|pause|resume|set|delete</c>.</summary>
internal static class TenantCommands
{
    /// <summary>The word for the server's limit.</summary>
    private const string DefaultWord = "default";

    public static Argument<string> SlugArgument() => new("tenant") { Description = "The tenant's slug, such as acme." };

    public static Command Build() => new("tenant", "Add, list, pause, resume, limit and delete tenants.") { Add(), List(), Paused(true), Paused(false), Set(), Delete() };

    private static Command Add()
    {
        var slug = SlugArgument();
        var name = new Option<string?>("--name") { Description = "Name for people; default: the slug." };
        var (batch, pending, pool) = LimitOptions();
        return new Command("add", "Add a tenant.") { slug, name, batch, pending, pool }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<AddTenant>().ExecuteAsync(
                parsed.GetRequiredValue(slug), parsed.GetValue(name),
                Limits(parsed, batch, pending, pool, new TenantLimits()),
                Actor.CommandLine(), context.CancellationToken);
            context.Answer(tenant, () => CommandContext.Line($"Added tenant {tenant.Slug} ({tenant.Name})."));
            return ExitCode.Ok;
        }, begins: true);
    }

    private static Command List()
    {
        var limit = Paging.LimitOption();
        var after = new Option<string>("--after") { Description = "Only slugs after this one: the last of the previous page.", DefaultValueFactory = _ => "", HelpName = "tenant" };
        return new Command("list", "List the tenants by slug.") { limit, after }.Runs(async (parsed, context) =>
        {
            var count = parsed.Limit(limit);
            var tenants = await context.Get<TenantRepository>().ListAsync(parsed.GetValue(after) ?? "", count, context.CancellationToken);
            context.Answer(tenants, () =>
            {
                CommandContext.Table(
                    ["Tenant", "Name", "State", "Batch limit", "Warn above", "Pool"],
                    tenants.Select(tenant => new[]
                    {
                        tenant.Slug, tenant.Name, tenant.IsPaused ? "paused" : "active", OrDefault(tenant.BatchLimit),
                        OrDefault(tenant.PendingWarningThreshold), tenant.WorkerPool ?? Tenant.CommonPool,
                    }));
                Paging.Hint(tenants, count, last => $"--after {last.Slug}");
            });
            return ExitCode.Ok;
        });
    }

    private static Command Paused(bool isPaused)
    {
        var slug = SlugArgument();
        var command = new Command(isPaused ? "pause" : "resume", isPaused ? "Pause a tenant: its runs wait." : "Resume a tenant: its runs are worked again.") { slug };
        return command.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var changed = await context.Get<PauseTenant>().ExecuteAsync(tenant.Id, isPaused, Actor.CommandLine(), context.CancellationToken);
            var state = isPaused ? "paused" : "active";
            context.Answer(new { tenant = tenant.Slug, isPaused, changed }, () => CommandContext.Line(
                changed ? $"Tenant {tenant.Slug} is now {state}." : $"Tenant {tenant.Slug} was {state} already."));
            return ExitCode.Ok;
        });
    }

    private static Command Set()
    {
        var slug = SlugArgument();
        var (batch, pending, pool) = LimitOptions();
        var command = new Command("set", "Set a tenant's own limits and pool; what is not given stays as it is.") { slug, batch, pending, pool };
        return command.Runs(async (parsed, context) =>
        {
            if ((parsed.GetValue(batch) ?? parsed.GetValue(pending) ?? parsed.GetValue(pool)) is null)
                throw new InvalidInputException("Nothing to set: expected --batch-limit, --pending-warning or --pool.");
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var now = await context.Get<SetTenantLimits>().ExecuteAsync(
                tenant.Id, present => Limits(parsed, batch, pending, pool, present), Actor.CommandLine(), context.CancellationToken);
            context.Answer(now, () => CommandContext.Line(
                $"Tenant {now.Slug}, from its next batch: batch limit {OrDefault(now.BatchLimit)}, warning above {OrDefault(now.PendingWarningThreshold)}, "
                + $"pool {now.WorkerPool ?? Tenant.CommonPool}."));
            return ExitCode.Ok;
        });
    }

    private static Command Delete()
    {
        var slug = SlugArgument();
        var yes = new Option<bool>("--yes") { Description = "Do not ask for the slug again." };
        return new Command("delete", "Delete a tenant with everything it has; only its audit trail stays.") { slug, yes }.Runs(async (parsed, context) =>
        {
            var deletion = context.Get<DeleteTenant>();
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            if (!parsed.GetValue(yes))
                await ConfirmSlugAsync(tenant, await deletion.PreviewAsync(tenant.Id, context.CancellationToken));

            var progress = context.IsWatched ? new Progress<TenantRows>(rows => Console.Error.Write($"\r{Describe(rows)} ")) : null;
            var deleted = await deletion.ExecuteAsync(tenant.Id, Actor.CommandLine(), progress, context.CancellationToken);
            context.Answer(
                new { tenant = tenant.Slug, deleted },
                () => CommandContext.Line($"Deleted tenant {tenant.Slug} ({tenant.Name}) with {Describe(deleted)}."));
            return ExitCode.Ok;
        });
    }

    private static async Task ConfirmSlugAsync(Tenant tenant, TenantRows found)
    {
        await CommandContext.ErrorLineAsync(
            $"This deletes tenant {tenant.Slug} ({tenant.Name}) with {Describe(found)}, permanently. Runs that have not ended are cancelled.");
        await Console.Error.WriteAsync("Type the slug again to delete it: ");
        if ((await Console.In.ReadLineAsync())?.Trim() != tenant.Slug)
            throw new InvalidInputException($"That is not '{tenant.Slug}'; nothing was deleted.");
    }

    private static string Describe(TenantRows rows) =>
        $"{CommandContext.Many(rows.Versions, "version")}, {CommandContext.Many(rows.Suites, "suite")}, {CommandContext.Many(rows.Cases, "case")}, {CommandContext.Many(rows.Runs, "run")}, "
        + $"{CommandContext.Many(rows.Results, "result")}, {CommandContext.Many(rows.ArchivedRuns, "archived run")}, {CommandContext.Many(rows.ArchivedResults, "archived result")}, "
        + $"{CommandContext.Many(rows.Batches, "batch", "batches")} and {CommandContext.Many(rows.Alerts, "alert")}";

    private static string OrDefault(int? limit) => limit is { } own ? $"{own}" : DefaultWord;

    private static (Option<string?> Batch, Option<string?> Pending, Option<string?> Pool) LimitOptions() =>
    (
        new Option<string?>("--batch-limit") { Description = $"Runs per batch, 1 to 1000; '{DefaultWord}' is the server's.", HelpName = "runs" },
        new Option<string?>("--pending-warning") { Description = $"Pending runs above which the tenant is in WARNING; '{DefaultWord}' is the server's.", HelpName = "runs" },
        new Option<string?>("--pool") { Description = $"Worker pool that works this tenant; '{Tenant.CommonPool}' is the common one." }
    );

    /// <returns>The given limits; a limit that is not given keeps its value.</returns>
    private static TenantLimits Limits(ParseResult parsed, Option<string?> batch, Option<string?> pending, Option<string?> pool, TenantLimits before) => new(
        Number(parsed, batch, before.BatchLimit),
        Number(parsed, pending, before.PendingWarningThreshold),
        parsed.GetValue(pool) switch { null => before.WorkerPool, Tenant.CommonPool => null, var own => own });

    private static int? Number(ParseResult parsed, Option<string?> option, int? before) => parsed.GetValue(option) switch
    {
        null => before,
        DefaultWord => null,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw new InvalidInputException($"{option.Name} '{text}': expected a number of runs, or '{DefaultWord}'."),
    };
}
