using EvalJobs.Application;
using EvalJobs.ExampleHost;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using var host = ExampleHost.Build(args is [var file] ? file : "example.db");
await host.StartAsync();
host.Services.GetRequiredService<IBackgroundJobClient>().Enqueue<NightlyReport>(report => report.Write());

var evaluation = new Evaluation(host.Services.GetRequiredService<EvalJobsClient>());
var run = await evaluation.StartAsync(prefix: "hello ", CancellationToken.None);
var ended = await evaluation.WaitAsync(run.Id, CancellationToken.None);
Console.WriteLine($"Run {ended.Id}: {ended.Status}, {ended.PassedCount} of {ended.CaseCount} passed.");

await host.StopAsync();
