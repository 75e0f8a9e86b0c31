using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Hosting;
using EvalJobs.Tests.Support;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.Logging;
using Hangfire.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Tests.Docs;

/// <summary>Keeps docs/CRON_JOBS.md correct: its C# is in CronJobsExamples and here; its commands, settings, queries and schedules are executed.</summary>
public sealed partial class CronJobsDocTests
{
    private static readonly DocPage Page = DocPage.Read("CRON_JOBS.md");

    /// <summary>Hangfire logs through the last server of this process, which has closed its log.</summary>
    [OneTimeSetUp]
    public void ForgetTheLastServersLog() => LogProvider.SetCurrentLogProvider(null);

    [Test]
    public void Page_Always_HasTheTenSectionsInOrder() =>
        Regex.Matches(Page.Text, @"^## \d+\. (?<title>.+)$", RegexOptions.Multiline, TimeSpan.FromSeconds(5)).Select(each => each.Groups["title"].Value).Should().Equal(
            "Overview", "Active cron jobs", "Planned cron jobs", "Cron job development", "Best practices", "Monitoring", "Troubleshooting", "Performance",
            "Security", "Testing");

    [Test]
    public void CSharpExamples_All_EqualTheCompiledOnes()
    {
        var compiled = Regions("CronJobsExamples.cs").Concat(Regions("CronJobsDocTests.cs")).ToDictionary(StringComparer.Ordinal);

        var shown = ExamplePattern().Matches(Page.Text).ToDictionary(each => each.Groups["name"].Value, each => each.Groups["text"].Value.TrimEnd(), StringComparer.Ordinal);

        shown.Should().BeEquivalentTo(compiled);
        Page.Blocks("csharp").Should().HaveCount(shown.Count, "every C# block is an example with a name");
    }

    [Test]
    public void Page_Always_HasManyExamples() =>
        (Page.Blocks("csharp").Count + Page.Blocks("json").Count + Page.Blocks("env").Count + Page.Blocks("sql").Count + Commands().Count).Should().BeGreaterThanOrEqualTo(25);

    [TestCaseSource(nameof(ScheduleRows))]
    public void Schedule_OfTheTable_IsDueAtTheListedTimes(string expression, string helper, string moments)
    {
        var schedule = new TickSchedule(expression);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var next = new List<string>();
        for (var count = 0; count < 3; count++)
        {
            at = schedule.NextAfter(at)!.Value;
            next.Add(at.ToString(at.Second == 0 ? "MM-dd HH:mm" : "MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        }

        string.Join(", ", next).Should().Be(moments);
        Helpers.GetValueOrDefault(helper, expression).Should().Be(expression);
        if (helper.Length > 0)
            Helpers.Should().ContainKey(helper);
    }

    private static readonly Dictionary<string, string> Helpers = new(StringComparer.Ordinal)
    {
        ["Cron.Minutely()"] = Cron.Minutely(),
        ["Cron.Hourly(30)"] = Cron.Hourly(30),
        ["Cron.Daily(2)"] = Cron.Daily(2),
        ["Cron.Weekly(DayOfWeek.Monday, 6)"] = Cron.Weekly(DayOfWeek.Monday, 6),
        ["Cron.Monthly(1, 4)"] = Cron.Monthly(1, 4),
    };

    [Test]
    public void ActiveJobs_OfTheTable_EqualTheRegisteredOnes()
    {
        using var storage = new InMemoryStorage();
        new JobSchedule(new RecurringJobManager(storage), storage, new DispatchOptions(), new RetentionOptions(), new HealthOptions()).Register(new HashSet<string>(StringComparer.Ordinal));
        using var connection = storage.GetConnection();

        var rows = Page.Rows("## 2. Active cron jobs").Select(cells => (Id: cells[0].Trim('`'), Cron: cells[1].Trim('`')));

        rows.Should().BeEquivalentTo(connection.GetRecurringJobs().Select(job => (job.Id, job.Cron)));
    }

    [Test]
    public void Registration_OfTheExamples_DoesWhatThePageSays()
    {
        using var storage = new InMemoryStorage();
        var recurringJobs = new RecurringJobManager(storage);
        using var connection = storage.GetConnection();

        CronJobsExamples.RegisterWeekly(recurringJobs);
        connection.GetRecurringJobs().Should().ContainSingle().Which.Should().Match<RecurringJobDto>(job => job.Cron == "0 6 * * 1" && job.Job.Queue == JobSchedule.Queue);
        CronJobsExamples.PauseSchedule(recurringJobs);
        connection.GetRecurringJobs().Single().NextExecution.Should().BeNull();
        CronJobsExamples.Remove(recurringJobs);
        connection.GetRecurringJobs().Should().BeEmpty();

        new JobSchedule(recurringJobs, storage, new DispatchOptions(), new RetentionOptions(), new HealthOptions()).Register(new HashSet<string>(StringComparer.Ordinal));
        CronJobsExamples.TriggerTick(recurringJobs);
        storage.GetMonitoringApi().EnqueuedJobs(JobSchedule.Queue, 0, 10).Should().ContainSingle()
            .Which.Value.Job.Type.Should().Be<DispatchPendingEvaluationsJob>();
    }

    [Test]
    public async Task Jobs_OfTheExamples_WorkOnRealTables()
    {
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase());
        var acme = await server.Some.TenantWithRunsAsync(2, slug: "acme");
        using var storage = new InMemoryStorage();

        await new RemindTenantsJob(server.Some.Dispatches, new BackgroundJobClient(storage)).RunAsync(default);
        storage.GetMonitoringApi().EnqueuedJobs(Tenant.CommonPool, 0, 10).Should().ContainSingle().Which.Value.Job.Args[0].Should().Be(acme.Id);
        (await new RemindTenantJob(server.Some.RunLists).RunAsync(acme.Id, default)).Should().Be(2);

        var once = new ServeTenantOnce(server.Some.Dispatches);
        (await once.RunAsync(acme, "here:1:a", default)).Should().BeTrue();
        (await once.RunAsync(acme, "there:2:b", default)).Should().BeFalse();

        await server.Database.PassAsync(TimeSpan.FromHours(1));
        (await CronJobsExamples.ListWarningsAsync(server.Get<HealthCheckJob>(), default)).Should().ContainSingle().Which.Should().StartWith("acme: ");
    }

    [Test]
    public async Task Batches_OfTheExample_MoveEverythingPastRetention()
    {
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase());
        await server.Some.TenantWithRunsAsync(3, cases: 1);
        await server.TickAndWorkAsync();
        await server.Database.PassAsync(TimeSpan.FromDays(91));

        (await CronJobsExamples.CleanUpAsync(server.Get<EvalJobs.Data.ArchiveRepository>(), default)).Should().Be(3);
    }

    [Test]
    public async Task Cancellation_OfTheExample_IsPassedOn()
    {
        using var stopping = new CancellationTokenSource();
        var job = new PatientJob(NullLogger<PatientJob>.Instance).RunAsync(stopping.Token);

        await stopping.CancelAsync();

        await FluentActions.Awaiting(() => job).Should().ThrowAsync<OperationCanceledException>();
    }

    #region test
    [Test]
    public async Task WeeklyReport_TwoTenants_CountsThem()
    {
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase());
        await server.Some.TenantAsync("acme");
        await server.Some.TenantAsync("globex");

        var report = await ActivatorUtilities.CreateInstance<WeeklyReportJob>(server.Services).RunAsync(default);

        report.Tenants.Should().Be(2);
    }
    #endregion

    [Test]
    public void Services_OfTheExample_MakeTheJob()
    {
        var services = new ServiceCollection();

        CronJobsExamples.AddToServices(services);

        services.Should().ContainSingle(each => each.ServiceType == typeof(WeeklyReportJob));
    }

    [TestCaseSource(nameof(SettingsBlocks))]
    public void Settings_OfTheExamples_AreAccepted(string language, string text)
    {
        var configuration = language == "json"
            ? new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))).Build()
            : DocPage.Environment(text);

        FluentActions.Invoking(() => new ServiceCollection().AddServerServices(configuration)).Should().NotThrow();
    }

    [Test]
    public async Task Commands_OfTheExamples_AllWork()
    {
        using var cli = new Cli();
        cli.Environment["EvalJobs__Agents__ReplayFolder"] = cli.Folder;
        cli.Write("replies.jsonl", """{"q":"one","said":"1"}""");
        await cli.RunAsync("tenant", "add", "acme", "--name", "Acme Corp");
        await cli.RunAsync("suite", "import", "acme", "basics", cli.Write("cases.jsonl", """{"input":"one","expected":"1"}"""));
        var genome = cli.Write("genome.json", """{"target":{"type":"replay","file":"replies.jsonl","match":"q","reply":"said"}}""");
        await cli.RunAsync("version", "create", "acme", "bot", "1.0", "--genome", genome, "--test");

        // Work is done first, so that the other commands have something to show.
        var processed = await cli.RunAsync("process");
        processed.Output.ReplaceLineEndings("\n").Should().Be(Page.Blocks("text").Single(block => block.StartsWith("Processing", StringComparison.Ordinal)));
        foreach (var command in Commands())
        {
            var answer = await cli.RunAsync(command.Split(' '));
            answer.ExitCode.Should().Be(0, $"'{command}' says {answer.Error}");
        }

        EnsureShape((await cli.RunAsync("health", "--json")).Json);
    }

    /// <summary>TSqlGateTests compiles the same queries for SQL Server.</summary>
    [TestCaseSource(nameof(SqlBlocks))]
    public async Task Query_OfTheExamples_RunsOnSqlite(string text)
    {
        await using var database = new SqliteTestDatabase();
        await database.CreateAsync();
        var sqlite = text.Replace("eval.", "", StringComparison.Ordinal).Replace("TOP (10) ", "", StringComparison.Ordinal);
        await FluentActions.Awaiting(() => database.ExecuteAsync(sqlite)).Should().NotThrowAsync();
    }

    /// <summary>The page shows the health report in short: what it shows must be there.</summary>
    private static void EnsureShape(JsonElement actual)
    {
        var shown = JsonDocument.Parse(Page.Blocks("text").Single(block => block.StartsWith('{'))).RootElement;
        actual.GetProperty("overall").GetString().Should().Be(shown.GetProperty("overall").GetString());
        foreach (var property in shown.GetProperty("tenants")[0].EnumerateObject())
            actual.GetProperty("tenants")[0].GetProperty(property.Name).ToString().Should().Be(property.Value.ToString());
    }

    private static IEnumerable<KeyValuePair<string, string>> Regions(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests", "EvalJobs.Tests", "Docs", file)).ReplaceLineEndings("\n");
        return RegionPattern().Matches(text).Select(each => KeyValuePair.Create(each.Groups["name"].Value, Outdent(each.Groups["text"].Value)));
    }

    private static string Outdent(string text)
    {
        var lines = text.Split('\n');
        var margin = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > margin ? line[margin..] : "")).Trim('\n');
    }

    private static List<string> Commands() =>
        [.. Page.Blocks("sh").SelectMany(block => block.Split('\n')).Where(line => line.StartsWith("evaljobs ", StringComparison.Ordinal)).Select(line => line["evaljobs ".Length..])];

    private static IEnumerable<object[]> SettingsBlocks() =>
        Page.Blocks("json").Select(text => new object[] { "json", text }).Concat(Page.Blocks("env").Select(text => new object[] { "env", text }));

    private static IEnumerable<string> SqlBlocks() => Page.Blocks("sql");

    private static IEnumerable<object[]> ScheduleRows() =>
        Page.Rows("**Schedules**").Select(cells => new object[] { cells[1].Trim('`'), cells[2].Trim('`'), cells[3] });

    [GeneratedRegex(@"^ *#region (?<name>\w+)\n(?<text>.*?)\n *#endregion", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex RegionPattern();

    [GeneratedRegex(@"^<!-- example: (?<name>\w+) -->\n```csharp\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ExamplePattern();
}
