using EvalJobs.Data;
using EvalJobs.Jobs;
using Hangfire;

namespace EvalJobs.Server;

/// <summary>The server: recurring jobs, workers and the dashboard in one process.</summary>
public static class ServerApp
{
    /// <summary>Builds the server. It starts nothing yet.</summary>
    /// <param name="settings">Settings from the command line; they win over files and the environment.</param>
    /// <exception cref="Domain.InvalidInputException">A setting is not acceptable.</exception>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        builder.Services.AddEvalJobs(builder.Configuration);
        builder.Services.AddHangfireCarrier(
            SettingsReader.Read<StorageOptions>(builder.Configuration, "EvalJobs:Storage"),
            SettingsReader.Read<HangfireOptions>(builder.Configuration, "EvalJobs:Hangfire"));

        var app = builder.Build();

        // Local requests only: the dashboard's default filter stays until sign-in is configured.
        app.UseHangfireDashboard(HangfireSetup.DashboardPath, new DashboardOptions
        {
            DashboardTitle = "EvalJobs",
            DisplayStorageConnectionString = false,
        });
        app.MapGet("/", () => Results.Redirect(HangfireSetup.DashboardPath));
        app.MapGet("/health/live", () => "alive");
        return app;
    }

    /// <summary>Waits for the database, makes sure of the schema, registers the recurring jobs and starts working.</summary>
    /// <exception cref="DatabaseUnreachableException">The database did not answer in <see cref="StorageOptions.StartupTimeout"/>.</exception>
    /// <exception cref="SchemaException">The schema is not this program's; the message says what to do.</exception>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<ServerDatabases>().PrepareAsync(cancellationToken);
        app.Services.GetRequiredService<JobSchedule>().Register();
        await app.StartAsync(cancellationToken);
    }
}
