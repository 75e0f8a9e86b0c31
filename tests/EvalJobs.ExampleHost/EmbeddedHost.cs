using EvalJobs.DependencyInjection;
using Hangfire;
using Hangfire.InMemory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EvalJobs.ExampleHost;

/// <summary>Builds a host with its own Hangfire, and EvalJobs in the same process.</summary>
public static class EmbeddedHost
{
    /// <param name="database">The SQLite file of EvalJobs.</param>
    public static IHost Build(string database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["EvalJobs:Storage:ConnectionString"] = $"Data Source={database}",
        });

        // The host's own Hangfire: a storage, servers, a job.
        builder.Services.AddSingleton<JobStorage>(_ => new InMemoryStorage());
        builder.Services.AddHangfire(hangfire => hangfire.UseRecommendedSerializerSettings());
        builder.Services.AddHangfireServer(server => server.Queues = ["default"]);
        builder.Services.AddSingleton<NightlyReport>();

        // EvalJobs in the same host: two queues for the host's servers, and the host's own agent type and scorer.
        builder.Services.AddEvalJobs(builder.Configuration, evalJobs => evalJobs.IsHangfireStorageShared = false);
        builder.Services.AddHangfireServer(server => server.Queues = ["maintenance"]);
        builder.Services.AddHangfireServer(server => server.Queues = ["evaluations"]);
        builder.Services.AddEvalJobsAgent<EchoAgent>();
        builder.Services.AddEvalJobsScorer<StartsWithScorer>();
        return builder.Build();
    }
}
