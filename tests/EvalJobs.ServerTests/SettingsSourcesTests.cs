using EvalJobs.Server.Cli;
using EvalJobs.Server.Hosting;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EvalJobs.Tests.Server;

/// <summary>The server and the commands read the same settings.</summary>
public sealed class SettingsSourcesTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    [Test]
    public async Task SettingsFileOfTheEnvironment_Always_GivesServerAndCommandsTheSameDatabase()
    {
        using var cli = new Cli();
        var environment = $"Test{Guid.NewGuid():N}";
        var database = Path.Combine(cli.Folder, "own.db");
        var file = Path.Combine(AppContext.BaseDirectory, $"appsettings.{environment}.json");
        await File.WriteAllTextAsync(file, $$"""
            { "Urls": "http://127.0.0.1:0", "EvalJobs": { "Storage": { "ConnectionString": "Data Source={{database}}" } } }
            """);
        try
        {
            cli.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
            await using (var server = ServerProcess.Start("own", cli.Environment))
            {
                using var limit = new CancellationTokenSource(Timeout);
                while (!server.Log.Any(line => line.Contains("Dashboard at", StringComparison.Ordinal)))
                    await Task.Delay(50, limit.Token);
            }

            (await cli.RunProcessAsync("tenant", "add", "acme")).ExitCode.Should().Be(0);

            (await cli.RunProcessAsync("tenant", "list", "--json", "--database", database)).Json[0].GetProperty("slug").GetString().Should().Be("acme");
            Directory.Exists(Path.Combine(cli.Folder, "data")).Should().BeFalse("that is where the default database would be");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task SettingsFile_InvalidJson_IsRejectedByItsName()
    {
        using var cli = new Cli();
        var environment = $"Test{Guid.NewGuid():N}";
        var file = Path.Combine(AppContext.BaseDirectory, $"appsettings.{environment}.json");
        await File.WriteAllTextAsync(file, """{"EvalJobs":""");
        try
        {
            cli.Environment["ASPNETCORE_ENVIRONMENT"] = environment;

            var answer = await cli.RunProcessAsync("tenant", "list");

            answer.ExitCode.Should().Be(2);
            answer.Error.Should().Contain(Path.GetFileName(file)).And.NotContain("   at ");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task ShutdownTimeout_AboveHalfAMinute_AppliesToTheHostAndTheCommandLineToo()
    {
        var timeout = TimeSpan.FromMinutes(5);
        await using var app = ServerApp.Build([new("EvalJobs:Hangfire:ShutdownTimeout", "00:05:00")]);

        var host = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;

        host.Should().BeGreaterThan(timeout, "the host would stop the jobs before they end");
        CommandLine.TerminationTimeout(CommandLine.Build().Parse("serve --set Hangfire:ShutdownTimeout=00:05:00")).Should().BeGreaterThan(host);
    }
}
