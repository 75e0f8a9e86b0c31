using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary><c>schedule create|list|change|pause|resume|run|delete</c> and <c>job list|pause|resume</c>.</summary>
public sealed class ScheduleCommandTests
{
    private Cli _cli = null!;

    [SetUp]
    public async Task Create()
    {
        _cli = new Cli();
        _cli.Write("cases.jsonl", """{"input":"a","expected":"b"}""");
        _cli.Write("genome.json", """{"target":{"type":"http","url":"http://127.0.0.1:9/"}}""");
        await RunAsync("tenant", "add", "acme");
        await RunAsync("suite", "import", "acme", "checkout", "cases.jsonl", "--default");
        (await RunAsync("version", "create", "acme", "support", "1.0", "--genome", "genome.json")).ExitCode.Should().Be(0);
    }

    [TearDown]
    public void Drop() => _cli.Dispose();

    [Test]
    public async Task Schedule_CreatedToDeleted_ReportsEachStep()
    {
        var created = await RunAsync("schedule", "create", "acme", "support", "--cron", "0 2 * * *", "--time-zone", "Europe/Berlin");
        created.Output.Should().Contain("Schedule 1: suite 'checkout' for the newest version of support, every day at 02:00, Europe/Berlin; next at ").And.Contain(" 02:00 (");
        (await RunAsync("schedule", "list", "acme")).Output.Should().Contain("every day at 02:00").And.Contain("support");
        (await RunAsync("schedule", "change", "1", "--cron", "15 7 * * 1")).Output.Should().Contain("every Monday at 07:15, Europe/Berlin");
        (await RunAsync("schedule", "pause", "1")).Output.Should().Contain("is paused");
        (await RunAsync("schedule", "list", "acme")).Output.Should().Contain("paused");
        (await RunAsync("schedule", "resume", "1")).Output.Should().Contain("is resumed");
        (await RunAsync("schedule", "run", "1")).Output.Should().Contain("1");
        (await RunAsync("schedule", "list", "acme", "--json")).Output.Should().Contain("\"lastOutcome\": \"CREATED\"").And.Contain("\"lastRunId\": 1");
        (await RunAsync("schedule", "delete", "1")).Output.Should().Contain("is deleted");
        (await RunAsync("schedule", "pause", "1")).Error.Should().Contain("There is no schedule 1");
    }

    [TestCase("--cron: '* * * * *' is due at", "--cron", "* * * * *")]
    [TestCase("--time-zone: 'Mars/Olympus' is not a time zone", "--cron", "0 2 * * *", "--time-zone", "Mars/Olympus")]
    [TestCase("no suite 'nothing'", "--cron", "0 2 * * *", "--suite", "nothing")]
    public async Task Create_InvalidInput_IsRejectedWithTheReason(string reason, params string[] options)
    {
        var answer = await RunAsync(["schedule", "create", "acme", "support", .. options]);

        (answer.ExitCode, answer.Output).Should().Be((2, ""));
        answer.Error.Should().Contain(reason);
    }

    [Test]
    public async Task Job_PausedAndResumed_IsShownByListAndHealth()
    {
        var paused = await RunAsync("job", "pause", "process-evaluations", "--reason", "the agents move");
        var again = await RunAsync("job", "pause", "process-evaluations", "--reason", "once more");
        var health = await RunAsync("health");
        var listed = await RunAsync("job", "list");
        var resumed = await RunAsync("job", "resume", "process-evaluations");

        paused.Output.Should().Contain("is now paused").And.Contain("No new batches are queued");
        again.Output.Should().Contain("was paused already");
        (health.ExitCode, health.Output).Should().Match<(int Code, string Text)>(answer => answer.Code == 0 && answer.Text.Contains("Paused: Process pending evaluations", StringComparison.Ordinal));
        listed.Output.Should().Contain("paused since").And.Contain("the agents move").And.Contain("cleanup-old-evaluations");
        resumed.Output.Should().Contain("is resumed");
        (await RunAsync("job", "pause", "nothing", "--reason", "x")).Error.Should().Contain("There is no recurring job 'nothing'");
    }

    private Task<CliAnswer> RunAsync(params string[] arguments) => _cli.RunAsync([.. arguments, "--database", "schedules.db"]);
}
