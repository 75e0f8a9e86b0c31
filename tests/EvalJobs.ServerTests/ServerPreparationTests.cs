using EvalJobs.DependencyInjection;
using EvalJobs.Server.Hosting;
using EvalJobs.Tests.Support;
using Hangfire;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EvalJobs.Tests.Server;

/// <summary>The preparation as part of the host's start, as in a Windows service. Otherwise it runs before the host's start, which all other tests cover.</summary>
public sealed class ServerPreparationTests
{
    [Test]
    public async Task Host_WithPreparationAmongItsServices_PreparesBeforeAnyOfThemWorks()
    {
        using var cli = new Cli();
        var file = Path.Combine(cli.Folder, "new.db");
        await using var app = ServerApp.Build([new("EvalJobs:Storage:ConnectionString", $"Data Source={file};Pooling=False")]);
        var worker = new Worker(() => new FileInfo(file) is { Exists: true, Length: > 0 });
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostedService>(worker);
        builder.Services.AddSingleton<IHostedService>(app.Services.GetRequiredService<EvalJobsPreparation>());
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        worker.FoundItPrepared.Should().BeTrue("the worker is started first and must find the schema");
        using var hangfire = app.Services.GetRequiredService<JobStorage>().GetConnection();
        hangfire.GetRecurringJobs().Should().HaveCount(3);
    }

    private sealed class Worker(Func<bool> isPrepared) : IHostedService
    {
        public bool FoundItPrepared { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            FoundItPrepared = isPrepared();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
