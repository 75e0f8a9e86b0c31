using System.CommandLine;
using System.Data.Common;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Cli;

/// <summary>The commands of the one executable. Without a command it serves.</summary>
public static class CommandLine
{
    private static readonly Option<bool> JsonOption = new("--json") { Description = "Answer as JSON, for programs.", Recursive = true };

    private static readonly Option<string?> DatabaseOption = new("--database")
    {
        Description = "SQLite file to work on instead of the configured database.",
        Recursive = true,
        HelpName = "file",
    };

    private static readonly Option<string[]> SetOption = new("--set")
    {
        Description = "Override one setting, such as --set Dispatch:BatchLimit=10. May be repeated.",
        Recursive = true,
        HelpName = "name=value",
    };

    /// <summary>Runs one command.</summary>
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("EvalJobs runs evaluations of AI-agent versions for many tenants, on Hangfire.")
        {
            JsonOption, DatabaseOption, SetOption,
            ServerCommands.Serve(),
            ServerCommands.Demo(),
            WorkCommands.Migrate(),
            WorkCommands.Process(),
            WorkCommands.Health(),
            WorkCommands.Cleanup(),
            TenantCommands.Build(),
            SuiteCommands.Build(),
            VersionCommands.Build(),
            RunCommands.Build(),
        };
        root.SetAction(ServerCommands.ServeAsync);
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
    }

    /// <summary>Gives a command its action on a database with this program's schema, with errors turned into messages and exit codes.</summary>
    public static Command Runs(this Command command, Func<ParseResult, CommandContext, Task<int>> action, bool prepare = true)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            await using var services = BuildServices(parsed);
            if (prepare)
                await services.GetRequiredService<SchemaMigrator>().PrepareAsync(cancellationToken);
            return await action(parsed, new CommandContext(services, parsed.GetValue(JsonOption), cancellationToken));
        }, cancellationToken));
        return command;
    }

    /// <summary>Turns an error into its message on standard error and its exit code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (RefusedException refusal)
        {
            await Console.Error.WriteLineAsync($"error: {refusal.Message}");
            return ExitCode.Refused;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped");
            return ExitCode.Interrupted;
        }
        catch (Exception error) when (error is DbException or SchemaException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return ExitCode.Broken;
        }
    }

    /// <returns>The settings given on the command line, by their full names.</returns>
    /// <exception cref="InvalidInputException">A --set is not name=value.</exception>
    public static IReadOnlyDictionary<string, string?> Settings(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (parsed.GetValue(DatabaseOption) is { } file)
        {
            settings["EvalJobs:Storage:Provider"] = nameof(StorageProvider.Sqlite);
            settings["EvalJobs:Storage:ConnectionString"] = new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = file }.ToString();
        }

        foreach (var pair in parsed.GetValue(SetOption) ?? [])
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                throw new InvalidInputException($"--set {pair}: expected name=value, such as Dispatch:BatchLimit=10.");
            var name = pair[..equals];
            settings[name.StartsWith("EvalJobs:", StringComparison.OrdinalIgnoreCase) ? name : $"EvalJobs:{name}"] = pair[(equals + 1)..];
        }

        return settings;
    }

    private static ServiceProvider BuildServices(ParseResult parsed)
    {
        var configuration = new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(Settings(parsed))
            .Build();

        // Commands answer on standard output; what goes wrong inside goes to standard error.
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging(logging => logging
                .SetMinimumLevel(LogLevel.Error)
                .AddFilter("EvalJobs.Jobs.EvaluationRunWorker", LogLevel.None)
                .AddFilter("EvalJobs.Data.DatabaseReadiness", LogLevel.Warning)
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace))
            .AddEvalJobs(configuration)
            .AddSingleton<InlineTenantBatchQueue>()
            .AddSingleton<ITenantBatchQueue>(provider => provider.GetRequiredService<InlineTenantBatchQueue>())
            .BuildServiceProvider();
    }
}
