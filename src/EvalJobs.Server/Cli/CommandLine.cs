using System.CommandLine;
using System.Data.Common;
using EvalJobs.Data;
using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Hosting;
using EvalJobs.Server.Settings;

namespace EvalJobs.Server.Cli;

/// <summary>The commands of the executable. Without a command it runs <c>serve</c>.</summary>
internal static class CommandLine
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
    public static async Task<int> RunAsync(string[] args)
    {
        if (WorkingFolderError() is { } error)
            return await RejectFolderAsync(error);

        var parsed = Build().Parse(args);
        if (await ParseErrors.RejectAsync(parsed, args) is { } rejected)
            return rejected;

        // This program reports errors itself: see GuardAsync.
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TerminationTimeout(parsed) });
    }

    private static async Task<int> RejectFolderAsync(string error)
    {
        await CommandContext.ErrorLineAsync($"error: {error}");
        return ExitCode.Broken;
    }

    /// <summary>Paths are relative to the working folder. The framework's own error names neither this folder nor a remedy.</summary>
    private static string? WorkingFolderError()
    {
        const string Remedy = "Change to another folder and try again.";
        try
        {
            return Directory.Exists(Directory.GetCurrentDirectory()) ? null : $"The working folder is not there any more. {Remedy}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"The working folder cannot be used: it was deleted, or this user may not enter it. {Remedy}";
        }
    }

    /// <returns>All commands.</returns>
    public static RootCommand Build()
    {
        var root = new RootCommand("EvalJobs runs evaluations of AI-agent versions for many tenants, on Hangfire.")
        {
            JsonOption, DatabaseOption, SetOption,
            ServerCommands.Serve(),
            DemoCommand.Create(),
            EvalCommand.Build(),
            GateCommand.Build(),
            WorkCommands.Migrate(),
            WorkCommands.Process(),
            WorkCommands.Health(),
            WorkCommands.Cleanup(),
            TenantCommands.Build(),
            SuiteCommands.Build(),
            VersionCommands.Build(),
            ScheduleCommands.Build(),
            RunCommands.Build(),
            ExportCommands.Build(),
            PolicyCommands.Build(),
            AlertCommands.Build(),
            UserCommands.Build(),
            KeyCommands.Build(),
            JobCommands.Build(),
        };
        root.SetAction(ServerCommands.ServeAsync);
        return root;
    }

    /// <returns>How long a stopped command may take to end before it is killed: longer than a server that it may run.</returns>
    public static TimeSpan TerminationTimeout(ParseResult parsed)
    {
        var hangfire = new HangfireOptions();
        try
        {
            hangfire = SettingsReader.Read<HangfireOptions>(SettingsSources.Load(Settings(parsed)), "EvalJobs:Hangfire");
        }
        catch (NotAllowedException)
        {
            // The command finds the same error and reports it.
        }

        return hangfire.HostShutdownTimeout + TimeSpan.FromSeconds(5);
    }

    /// <summary>Sets the action of a command on a database with this program's schema. Errors become messages and exit codes.</summary>
    /// <param name="command">The command.</param>
    /// <param name="action">The action.</param>
    /// <param name="prepare">Whether the database must have this program's schema; an SQLite file is migrated.</param>
    /// <param name="begins">Whether it may be a user's first command: it creates a missing SQLite file instead of ending with an error.</param>
    public static Command Runs(this Command command, Func<ParseResult, CommandContext, Task<int>> action, bool prepare = true, bool begins = false)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(() => OnDatabaseAsync(parsed, action, prepare, begins, cancellationToken), cancellationToken, command));
        return command;
    }

    /// <summary>Executes an action on the configured database.</summary>
    internal static async Task<int> OnDatabaseAsync(
        ParseResult parsed, Func<ParseResult, CommandContext, Task<int>> action, bool prepare, bool begins, CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string?>? settings = null)
    {
        await using var services = BuildServices(settings ?? Settings(parsed));
        if (prepare && !begins)
            EnsureExists(services.GetRequiredService<EvaluationDatabase>());
        if (prepare)
            await services.GetRequiredService<SchemaMigrator>().PrepareAsync(cancellationToken);
        return await action(parsed, new CommandContext(services, parsed.GetValue(JsonOption), cancellationToken));
    }

    /// <summary>Sets the action of a command that uses neither settings nor a database, so that it works if those are missing or wrong.</summary>
    public static Command RunsAlone(this Command command, Func<ParseResult, CommandContext, Task<int>> action)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            await using var nothing = new ServiceCollection().BuildServiceProvider();
            return await action(parsed, new CommandContext(nothing, parsed.GetValue(JsonOption), cancellationToken));
        }, cancellationToken, command));
        return command;
    }

    /// <summary>Reports an error on standard error and returns its exit code.</summary>
    /// <param name="action">The action, which may fail.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="command">The command whose options are named in messages; null when no message names an option.</param>
    public static async Task<int> GuardAsync(Func<Task<int>> action, CancellationToken cancellationToken, Command? command = null)
    {
        try
        {
            return await action();
        }
        catch (NotAllowedException error)
        {
            await CommandContext.ErrorLineAsync($"error: {OptionNames.AsTyped(RemedyText.MessageOf(error), command)}");
            return ExitCode.Rejected;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped");
            return ExitCode.Interrupted;
        }
        catch (Exception error) when (IsOfTheWorld(error))
        {
            await CommandContext.ErrorLineAsync($"error: {error.Message}");
            return ExitCode.Broken;
        }
        catch (Exception error)
        {
            await CommandContext.ErrorLineAsync($"error: {await UnexpectedError.ReportAsync(error)}");
            return ExitCode.Broken;
        }
    }

    /// <returns>
    /// Whether it is an error of the database or the file system, whose message says what to repair, and not an error of this program. For several
    /// errors: whether each of them is.
    /// </returns>
    private static bool IsOfTheWorld(Exception error) =>
        error is DbException or SchemaException or IOException or UnauthorizedAccessException
        || (error is AggregateException several && several.InnerExceptions.All(IsOfTheWorld));

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

    /// <summary>A wrong path or working folder must not look like a system without problems.</summary>
    private static void EnsureExists(EvaluationDatabase database)
    {
        if (database.SqliteFile is { } file && !Path.Exists(file))
        {
            throw new NotFoundException(
                $"There is no database {file}; 'migrate' or 'tenant add' makes one. --database or the setting Storage:ConnectionString names another.");
        }
    }

    /// <returns>The SQLite file of --database; null without that option.</returns>
    internal static string? DatabaseFile(ParseResult parsed) => parsed.GetValue(DatabaseOption);

    /// <returns>Whether the output is for a program, as JSON.</returns>
    internal static bool IsJson(ParseResult parsed) => parsed.GetValue(JsonOption);

    /// <returns>The context of a command. The caller disposes it.</returns>
    /// <param name="settings">Settings that override files and environment variables, by their full names.</param>
    internal static ServiceProvider BuildServices(IReadOnlyDictionary<string, string?> settings)
    {
        var configuration = SettingsSources.Load(settings);

        // Commands write answers to standard output, and internal errors to standard error.
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging(logging => logging
                .SetMinimumLevel(LogLevel.Error)
                .AddFilter("Polly", LogLevel.None) // not each retry of a question: the run has the result
                .AddFilter("EvalJobs.Data.DatabaseReadiness", LogLevel.Warning)
                .AddFilter("EvalJobs.Jobs.Alerts.LogAlertChannel", LogLevel.Information)
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace))
            .AddServerServices(configuration)

            // A command that creates a run ends before the run could be worked. Servers and 'process' work it.
            .AddSingleton(SettingsReader.Read<DispatchOptions>(configuration, "EvalJobs:Dispatch") with { PickUpOnCreate = false })
            .AddSingleton<InlineTenantBatchQueue>()
            .AddSingleton<ITenantBatchQueue>(provider => provider.GetRequiredService<InlineTenantBatchQueue>())
            .BuildServiceProvider();
    }
}
