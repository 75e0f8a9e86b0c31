using EvalJobs.Data;
using EvalJobs.DependencyInjection;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Server.Access;
using EvalJobs.Server.Api;
using EvalJobs.Server.Dashboard;
using EvalJobs.Server.Observability;
using EvalJobs.Server.Settings;
using EvalJobs.Server.Web;
using Microsoft.Extensions.Hosting.WindowsServices;

namespace EvalJobs.Server.Hosting;

/// <summary>The server: recurring jobs, workers and the dashboard in one process.</summary>
internal static partial class ServerApp
{
    /// <summary>Builds the server. It starts nothing yet.</summary>
    /// <param name="settings">Settings from the command line. They override files and environment variables.</param>
    /// <exception cref="Domain.InvalidInputException">A setting is not acceptable.</exception>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = SettingsSources.EnvironmentName,
        });

        // These sources replace those of the framework, because commands must read the same settings.
        builder.Configuration.Sources.Clear();
        var watch = new SettingsWatch([.. settings]);
        builder.Configuration.AddConfiguration(watch.Read(), shouldDisposeConfiguration: true);
        builder.Services.AddSingleton(_ => watch);
        builder.AddConsoleLog();
        builder.Services.AddServerServices(builder.Configuration);
        var hangfire = SettingsReader.Read<HangfireOptions>(builder.Configuration, "EvalJobs:Hangfire");
        builder.Services.AddHangfireCarrier(SettingsReader.Read<StorageOptions>(builder.Configuration, "EvalJobs:Storage"), hangfire);
        builder.Services.AddDashboardPages();
        builder.Services.AddApi();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = hangfire.HostShutdownTimeout);
        builder.AddTelemetry(SettingsReader.Read<TelemetryOptions>(builder.Configuration, "EvalJobs:Telemetry"));
        builder.Services.AddSingleton<ReadinessProbe>();

        builder.Services.AddSingleton<EvalJobsPreparation>();
        builder.Services.AddWindowsService(service => service.ServiceName = "EvalJobs");
        if (WindowsServiceHelpers.IsWindowsService())
            builder.Services.AddHostedService(provider => provider.GetRequiredService<EvalJobsPreparation>());
        var access = builder.AddAccess();

        var app = builder.Build();
        app.UseAccess(access);
        app.UseDashboardPages();
        app.MapDashboard();
        app.MapApi();
        app.MapGet("/", (HttpContext http) => Results.Redirect(
            http.Request.PathBase + DashboardPaths.Root + DashboardPaths.OwnPages));
        app.MapHealth();
        app.BuildEndpointsOnce();
        return app;
    }

    /// <summary>
    /// Checks that it can listen on its addresses, waits for the database, checks or migrates the schema, registers the recurring jobs and starts to
    /// work.
    /// </summary>
    /// <exception cref="CannotListenException">The server cannot listen on one of its addresses; nothing was done.</exception>
    /// <exception cref="DatabaseUnreachableException">The database did not answer in <see cref="StorageOptions.StartupTimeout"/>.</exception>
    /// <exception cref="SchemaException">The schema is not this program's; the message says what to do.</exception>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        BindAddresses.EnsureFree(BindAddresses.Of(app.Configuration));
        BindAddresses.EnsureCertificate(app.Configuration);
        if (!WindowsServiceHelpers.IsWindowsService())
            await app.Services.GetRequiredService<EvalJobsPreparation>().PrepareAsync(cancellationToken);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception error) when (error is not (DatabaseUnreachableException or SchemaException))
        {
            // What has started must be stopped before its services are disposed. Not after those two exceptions: nothing has started then. Windows
            // starts a service again that ends by itself without being stopped.
            try
            {
                await app.StopAsync(CancellationToken.None);
            }
            catch (Exception second)
            {
                LogNotStopped(app.Logger, second);
            }

            if (error is InvalidOperationException && BindAddresses.CertificateError(app.Configuration) is { } certificate)
                throw new CannotListenException(certificate, error);
            throw;
        }
    }

    /// <summary>Keeps one list of the endpoints. Routing and authorization each request it, and would each compile every handler again.</summary>
    private static void BuildEndpointsOnce(this IEndpointRouteBuilder app)
    {
        var all = new CompositeEndpointDataSource([.. app.DataSources]);
        app.DataSources.Clear();
        app.DataSources.Add(all);
    }

    [LoggerMessage(6202, LogLevel.Warning, "Services that had started before the failure could not be stopped cleanly")]
    private static partial void LogNotStopped(ILogger logger, Exception error);
}
