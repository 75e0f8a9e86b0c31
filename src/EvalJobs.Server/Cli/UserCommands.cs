using System.CommandLine;
using System.Text;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using Spectre.Console;

namespace EvalJobs.Server.Cli;

/// <summary><c>user hash</c>: the settings of a dashboard user.</summary>
internal static class UserCommands
{
    public static Command Build() => new("user", "Make the settings of users who sign in to the dashboard.") { Hash() };

    private static Command Hash()
    {
        var name = new Argument<string>("name") { Description = "The name to sign in with." };
        var role = new Option<ViewerRole>("--role") { Description = "What the user may do.", DefaultValueFactory = _ => ViewerRole.Viewer };
        role.AcceptOnlyFromAmong(Enum.GetNames<ViewerRole>());
        var tenants = new Option<string[]>("--tenant")
        {
            Description = "A tenant that the user may see, by its slug. May be repeated; default: every tenant.",
            HelpName = "tenant",
        };
        var command = new Command(
            "hash", "Hash a password, asked for or read from standard input, and print the settings to add. Stores nothing.") { name, role, tenants };
        return command.RunsAlone(async (parsed, context) =>
        {
            var user = parsed.GetRequiredValue(name);
            var slugs = parsed.GetValue(tenants) ?? [];
            if (!UserSettings.IsName(user))
                throw new InvalidInputException($"'{user}' cannot be a user's name: letters, digits and . _ @ - only, at most 64, without '__'.");
            foreach (var slug in slugs)
                Tenant.ValidateSlug(slug);

            var hash = Password.Hash(await ReadPasswordAsync(context.CancellationToken));
            var settings = new UserSettings { PasswordHash = hash, Role = parsed.GetValue(role), Tenants = slugs.Length == 0 ? null : slugs };
            context.Answer(AsJson(user, settings), () => CommandContext.Line(AsLines(user, settings)));
            return ExitCode.Ok;
        });
    }

    private static async Task<string> ReadPasswordAsync(CancellationToken cancellationToken)
    {
        var password = Console.IsInputRedirected
            ? (await Console.In.ReadLineAsync(cancellationToken))?.TrimEnd('\r')
            : await AskAsync(cancellationToken);
        return password is { Length: >= Password.MinLength and <= Password.MaxLength }
            ? password
            : throw new InvalidInputException($"A password has {Password.MinLength} to {Password.MaxLength} characters.");
    }

    private static async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        // The prompt is written to standard error, because standard output contains the settings and may be redirected to a file.
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var password = await terminal.PromptAsync(Hidden("Password:"), cancellationToken);
        var again = await terminal.PromptAsync(Hidden("Again:"), cancellationToken);
        return password == again ? password : throw new InvalidInputException("The two passwords differ.");
    }

    private static TextPrompt<string> Hidden(string question) => new(question) { IsSecret = true, Mask = null };

    private static string AsLines(string name, UserSettings user)
    {
        var prefix = $"{AccessOptions.Section.Replace(":", "__", StringComparison.Ordinal)}__{nameof(AccessOptions.Users)}__{name}__";
        var lines = new StringBuilder()
            .AppendLine("# Add to the server's environment (with --json: for a settings file):")
            .Append(prefix).Append("PasswordHash=").AppendLine(user.PasswordHash)
            .Append(prefix).Append("Role=").Append(user.Role);
        for (var at = 0; at < user.Tenants?.Length; at++)
            lines.AppendLine().Append(prefix).Append("Tenants__").Append(at).Append('=').Append(user.Tenants[at]);
        return lines.ToString();
    }

    private static Dictionary<string, object> AsJson(string name, UserSettings user)
    {
        var entry = new Dictionary<string, object>(StringComparer.Ordinal) { ["PasswordHash"] = user.PasswordHash, ["Role"] = user.Role.ToString() };
        if (user.Tenants is { } tenants)
            entry["Tenants"] = tenants;
        return AccessOptions.Section.Split(':').Append(nameof(AccessOptions.Users)).Append(name).Reverse()
            .Aggregate(entry, (inner, key) => new Dictionary<string, object>(StringComparer.Ordinal) { [key] = inner });
    }
}
