using System.CommandLine;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Demo;
using EvalJobs.Server.Hosting;

namespace EvalJobs.Server.Cli;

/// <summary><c>serve</c>, which is also what happens without a command, and <c>demo</c>.</summary>
internal static partial class ServerCommands
{
    public static Command Serve()
    {
        var command = new Command("serve", "Run the server: recurring jobs, workers and the dashboard. The default command.");
        command.SetAction(ServeAsync);
        return command;
    }

    public static Command Demo()
    {
        var exit = new Option<bool>("--exit") { Description = "End after the first tick instead of staying up." };
        var port = new Option<int>("--port") { Description = "Port of the dashboard; 0 takes a free one.", DefaultValueFactory = _ => 5080 };
        var command = new Command("demo", "Show everything at work on a fresh database: three tenants, one in trouble, one with a backlog.") { exit, port };
        command.SetAction((parsed, cancellationToken) => CommandLine.GuardAsync(
            () => parsed.GetValue(port) is >= 0 and <= 65_535 and var chosen
                ? DemoRun.RunAsync(parsed.GetValue(exit), chosen, CommandLine.Settings(parsed), cancellationToken)
                : throw new InvalidInputException($"--port {parsed.GetValue(port)}: expected 0 to 65535."),
            cancellationToken));
        return command;
    }

    public static Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellationToken) => CommandLine.GuardAsync(async () =>
    {
        await using var app = ServerApp.Build(CommandLine.Settings(parsed));
        await ServerApp.StartAsync(app, cancellationToken);
        LogData(app.Logger, app.Services.GetRequiredService<EvaluationDatabase>().Name);
        LogDashboard(app.Logger, string.Join(", ", app.Urls), HangfireSetup.DashboardPath);

        // The host hears SIGTERM and Ctrl+C as well; stopping gives claimed runs back.
        await using var stop = cancellationToken.Register(app.Lifetime.StopApplication);
        await app.WaitForShutdownAsync(CancellationToken.None);
        return ExitCode.Ok;
    }, cancellationToken);

    [LoggerMessage(6200, LogLevel.Information, "Evaluation data in {Database}")]
    private static partial void LogData(ILogger logger, string database);

    [LoggerMessage(6201, LogLevel.Information, "Dashboard at {Urls}{Path}")]
    private static partial void LogDashboard(ILogger logger, string urls, string path);
}
