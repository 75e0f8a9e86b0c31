using System.CommandLine;
using EvalJobs.Data;
using EvalJobs.Server.Hosting;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Cli;

/// <summary><c>serve</c>, which also runs without a command.</summary>
internal static partial class ServerCommands
{
    public static Command Serve()
    {
        var command = new Command("serve", "Run the server: recurring jobs, workers and the dashboard. The default command.");
        command.SetAction(ServeAsync);
        return command;
    }

    public static Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellationToken) => CommandLine.GuardAsync(async () =>
    {
        await using var app = ServerApp.Build(CommandLine.Settings(parsed));
        await ServerApp.StartAsync(app, cancellationToken);
        LogData(app.Logger, app.Services.GetRequiredService<EvaluationDatabase>().Name);
        LogDashboard(app.Logger, string.Join(", ", app.Urls), DashboardPaths.Root);

        // The host also handles SIGTERM and Ctrl+C. When it stops, it releases claimed runs.
        await using var stop = cancellationToken.Register(app.Lifetime.StopApplication);
        await app.WaitForShutdownAsync(CancellationToken.None);
        return ExitCode.Ok;
    }, cancellationToken);

    [LoggerMessage(6200, LogLevel.Information, "Evaluation data in {Database}")]
    private static partial void LogData(ILogger logger, string database);

    [LoggerMessage(6201, LogLevel.Information, "Dashboard at {Urls}{Path}")]
    private static partial void LogDashboard(ILogger logger, string urls, string path);
}
