using System.Text.RegularExpressions;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.ExampleHost;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EvalJobs.Tests.Embedding;

/// <summary>The example host of docs/guide/embedding.md, run twice in one process.</summary>
public sealed class EmbeddingTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("evaljobs-embedding-");

    [TearDown]
    public void TearDown()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task TwoHosts_InOneProcess_EachWorksOnlyItsOwnRuns(CancellationToken cancellationToken)
    {
        using var first = Build("first.db");
        using var second = Build("second.db");
        await first.StartAsync(cancellationToken);
        await second.StartAsync(cancellationToken);

        var passes = await EvaluateAsync(first, "hello ", cancellationToken);
        var fails = await EvaluateAsync(second, "goodbye ", cancellationToken);

        passes.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.PassedCount == 2 && run.Id == 1);
        fails.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.FailedCount == 2 && run.Id == 1, "it has its own database");
        (await Client(first).GetVersionAsync(passes.VersionId, cancellationToken)).EvalStatus.Should().Be(EvalStatus.Pass);
        (await Client(second).GetVersionAsync(fails.VersionId, cancellationToken)).EvalStatus.Should().Be(EvalStatus.Fail);
        (await Client(first).ListResultsAsync(passes, 0, 10, cancellationToken)).Should().HaveCount(2).And.OnlyContain(result => result.Output == "hello world");

        await first.StopAsync(cancellationToken);
        await second.StopAsync(cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task HostsOwnJob_InItsOwnHangfire_RunsTogetherWithEvalJobs(CancellationToken cancellationToken)
    {
        using var host = Build("own.db");
        await host.StartAsync(cancellationToken);

        host.Services.GetRequiredService<IBackgroundJobClient>().Enqueue<NightlyReport>(report => report.Write());
        var report = host.Services.GetRequiredService<NightlyReport>();
        while (report.Count == 0)
            await Task.Delay(50, cancellationToken);

        report.Count.Should().Be(1);
        await host.StopAsync(cancellationToken);
    }

    [Test]
    public void Settings_OneIsWrong_AddEvalJobsNamesIt()
    {
        var build = () => EmbeddedHost.Build("a.db\";Nonsense=1");

        build.Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Storage:ConnectionString*");
    }

    [Test]
    public void EmbeddingPage_EveryPieceOfCode_IsInTheExampleHost()
    {
        var page = Repository.Read("docs/guide/embedding.md");
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "EvalJobs.ExampleHost"), "*.cs").Select(File.ReadAllText));

        var pieces = Regex.Matches(page, "```csharp\n(?<code>.*?)```", RegexOptions.Singleline, TimeSpan.FromSeconds(5))
            .SelectMany(match => match.Groups["code"].Value.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0).ToList();

        pieces.Should().HaveCountGreaterThan(5);
        pieces.Should().OnlyContain(line => source.Contains(line));
    }

    private IHost Build(string file) => EmbeddedHost.Build(Path.Combine(_folder.FullName, file));

    private static EvalJobsClient Client(IHost host) => host.Services.GetRequiredService<EvalJobsClient>();

    private static async Task<EvaluationRun> EvaluateAsync(IHost host, string prefix, CancellationToken cancellationToken)
    {
        var evaluation = new Evaluation(Client(host));
        var run = await evaluation.StartAsync(prefix, cancellationToken);
        return await evaluation.WaitAsync(run.Id, cancellationToken);
    }
}
