using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents;

public sealed class ProcessAgentTests
{
    private const string Genome = """{"target":{"type":"process","command":"agent"}}""";

    private string _folder = null!;

    [SetUp]
    public void SetUp()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("These tests write /bin/sh scripts.");
        _folder = Directory.CreateTempSubdirectory("evaljobs-process-").FullName;
    }

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Ask_Echo_SendsTheWholeQuestionAsJsonAndTrimsTheLineEndOfTheReply()
    {
        await using var host = Host("cat; echo");

        var reply = await host.AskAsync(
            """{"target":{"type":"process","command":"agent"},"prompt":"Be brief.","modelConfig":{"t":0.50},"toolManifest":[{"n":1}]}""",
            "Grüße ✓ \"quoted\"\n", "case-ü");

        reply.Output.Should().NotEndWith("\n").And.NotStartWith("\uFEFF");
        CanonicalJson.Of(reply.Output).Should().Be(CanonicalJson.Of(
            """{"input":"Grüße ✓ \"quoted\"\n","caseKey":"case-ü","prompt":"Be brief.","modelConfig":{"t":0.50},"toolManifest":[{"n":1}]}"""));
    }

    [TestCase("printf 'é\\n\\n'", "é\n")]
    [TestCase("printf 'a\\r\\n'", "a")]
    [TestCase("printf '\\357\\273\\277a'", "a")]
    [TestCase("printf ''", "")]
    public async Task Ask_Reply_IsTrimmedOfOneLineEndAndAByteOrderMarkOnly(string script, string expected)
    {
        await using var host = Host($"cat > /dev/null; {script}");

        (await host.AskAsync(Genome)).Output.Should().Be(expected);
    }

    [Test]
    public async Task Ask_OperatorsArguments_ArePassedUnchanged()
    {
        await using var host = Host("cat > /dev/null; for a in \"$@\"; do printf '[%s]' \"$a\"; done", "two words", "$(touch x)", "'");

        (await host.AskAsync(Genome)).Output.Should().Be("[two words][$(touch x)][']");
    }

    [Test]
    public async Task Ask_Environment_ContainsNothingOfTheServers()
    {
        Environment.SetEnvironmentVariable("EvalJobs__Secrets__acme__openai", "hunter2");
        try
        {
            await using var host = Host("cat > /dev/null; env | cut -d= -f1 | sort");

            var names = (await host.AskAsync(Genome)).Output.Split('\n');

            names.Should().Contain("PATH").And.Contain("LANG");
            names.Should().BeSubsetOf(["PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "EVALJOBS_CALL", "PWD", "OLDPWD", "SHLVL", "_"],
                "the last four are the shell's own");
        }
        finally
        {
            Environment.SetEnvironmentVariable("EvalJobs__Secrets__acme__openai", null);
        }
    }

    [Test]
    public async Task Ask_NonZeroExit_IsAnErrorWithTheCodeAndTheEndOfStderr()
    {
        await using var host = Host("cat > /dev/null; echo partial; i=0; while [ $i -lt 20000 ]; do echo noise $i >&2; i=$((i+1)); done; echo 'disk on fire' >&2; exit 3");

        var asking = () => host.AskAsync(Genome);

        var message = (await asking.Should().ThrowAsync<AgentCallException>()).Which.Message;
        message.Should().Contain("'agent'").And.Contain("exit code 3").And.EndWith("disk on fire").And.NotContain("noise 0 ");
        message.Length.Should().BeLessThan(600);
    }

    [Test]
    public async Task Ask_ChildClosesStdinEarly_ItsReplyStillCounts()
    {
        await using var host = Host("exec 0<&-; echo fine");

        (await host.AskAsync(Genome, new string('x', 5_000_000))).Output.Should().Be("fine");
    }

    [Test]
    public async Task Ask_ChildWritesBeforeItReads_DoesNotDeadlock()
    {
        await using var host = Host("head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero >&2; cat > /dev/null");

        (await host.AskAsync(Genome, new string('y', 500_000)).WaitAsync(TimeSpan.FromSeconds(30))).Output.Should().HaveLength(300_000);
    }

    [Test]
    public async Task Ask_ProgramHangs_TheWholeProcessTreeIsKilledAtTheDeadline()
    {
        // A child, its child, and an orphan whose parent has ended and which no longer holds the pipes.
        await using var host = Host($"""
            sh -c 'sleep 1000 & echo $! > {_folder}/grandchild; wait' &
            echo $! > {_folder}/child
            (sleep 1000 > /dev/null 2>&1 < /dev/null & echo $! > {_folder}/orphan)
            echo $$ > {_folder}/self
            sleep 1000
            """);
        using var deadline = new CancellationTokenSource();

        var asking = host.AskAsync(Genome, cancellationToken: deadline.Token);
        int[] ids = [await IdInAsync("grandchild"), await IdInAsync("child"), await IdInAsync("orphan"), await IdInAsync("self")];
        ids.Should().OnlyContain(id => IsAlive(id));
        await deadline.CancelAsync();

        await FluentActions.Awaiting(() => asking.WaitAsync(TimeSpan.FromSeconds(30))).Should().ThrowAsync<OperationCanceledException>();
        await EventuallyAsync(() => !ids.Any(IsAlive), "every process of the tree has ended");
    }

    [TestCase("", 0)]
    [TestCase("2>&1", 0)]
    [TestCase(">/dev/null", 3)]
    public async Task Ask_ProgramEndsWhileAChildHoldsItsOutput_TheCaseEndsToo(string redirection, int exitCode)
    {
        await using var host = Host($"cat > /dev/null; sleep 1000 {redirection} & echo $! > {_folder}/child; echo done; echo failed >&2; exit {exitCode}");

        var asking = host.AskAsync(Genome).WaitAsync(TimeSpan.FromMinutes(5));

        if (exitCode == 0)
            (await asking).Output.Should().Be("done");
        else
            await FluentActions.Awaiting(() => asking).Should().ThrowAsync<AgentCallException>().WithMessage("*exit code 3: failed");
        var child = await IdInAsync("child");
        await EventuallyAsync(() => !IsAlive(child), "a process that holds the output open ends with the case");
    }

    [Test]
    public async Task Dispose_QuestionWasCancelled_WaitsUntilItsProgramIsKilled()
    {
        await using var host = Host($"echo $$ > {_folder}/self; sleep 1000");
        var client = host.Client(Genome);
        using var deadline = new CancellationTokenSource();

        _ = client.AskAsync(new AgentQuestion("q", "c"), deadline.Token).ContinueWith(asked => asked.Exception, TaskScheduler.Default);
        var id = await IdInAsync("self");
        await deadline.CancelAsync();
        await client.DisposeAsync();

        IsAlive(id).Should().BeFalse("the command 'process' ends right after this");
    }

    [Test]
    public async Task Server_Ends_OrphansOfAProgramAreKilledToo()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("Only Linux has /proc.");
        var host = Host($"cat > /dev/null; (sleep 1000 > /dev/null 2>&1 < /dev/null & echo $! > {_folder}/orphan); echo done");
        await using var neighbour = Host($"cat > /dev/null; (sleep 1000 > /dev/null 2>&1 < /dev/null & echo $! > {_folder}/other); echo done");

        (await host.AskAsync(Genome)).Output.Should().Be("done");
        (await neighbour.AskAsync(Genome)).Output.Should().Be("done");
        var (orphan, other) = (await IdInAsync("orphan"), await IdInAsync("other"));
        await host.DisposeAsync();

        await EventuallyAsync(() => !IsAlive(orphan), "the end of the pipe is detected, however the server ends");
        IsAlive(other).Should().BeTrue("it belongs to another server");
    }

    [Test]
    public async Task Ask_EndlessOutput_IsAnErrorThatNamesTheLimitAndTheProgramIsKilled()
    {
        await using var host = Host($"echo $$ > {_folder}/self; cat /dev/zero");

        var asking = () => host.AskAsync(Genome).WaitAsync(TimeSpan.FromSeconds(30));

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*larger than EvalJobs:Agents:MaxReplyBytes (1048576 bytes)*");
        var id = await IdInAsync("self");
        await EventuallyAsync(() => !IsAlive(id), "the program has ended");
    }

    [Test]
    public async Task Ask_OutputIsNotUtf8_IsAnError()
    {
        await using var host = Host("cat > /dev/null; printf '\\377\\376'");

        var asking = () => host.AskAsync(Genome);

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*'agent'*not UTF-8*");
    }

    [Test]
    public async Task Ask_ProgramIsMissing_IsAnErrorThatShowsNoPath()
    {
        await using var host = new AgentTestHost(new AgentOptions
        {
            AllowedCommands = new Dictionary<string, AllowedCommand>(StringComparer.Ordinal) { ["agent"] = new() { Path = $"{_folder}/nothing" } },
        });

        var asking = () => host.AskAsync(Genome);

        (await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*'agent' could not be started*")).Which.Message.Should().NotContain(_folder);
    }

    [Test]
    public async Task Ask_ManyAtOnce_EachGetsItsOwnReply()
    {
        await using var host = Host("cat");
        await using var client = host.Client(Genome);

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.AskAsync(new AgentQuestion($"q{i}", "c"), CancellationToken.None)));

        replies.Select(reply => JsonDocument.Parse(reply.Output).RootElement.GetProperty("input").GetString())
            .Should().Equal(Enumerable.Range(0, 20).Select(i => $"q{i}"));
    }

    [TestCase("""{"type":"process"}""", "target.command is missing.")]
    [TestCase("""{"type":"process","command":"other"}""", "target.command 'other' is not in EvalJobs:Agents:AllowedCommands; allowed are agent.")]
    [TestCase("""{"type":"process","command":"/bin/sh"}""", "target.command '/bin/sh' is not in*")]
    [TestCase("""{"type":"process","command":"AGENT"}""", "target.command 'AGENT' is not in*")]
    [TestCase("""{"type":"process","command":"agent","args":["-c","id"]}""", "Unknown target.args; expected type, command.")]
    public async Task Validate_WrongTarget_IsRejected(string target, string message)
    {
        await using var host = Host("cat");
        var genome = EvalJobs.Domain.Genome.Parse($$"""{"target":{{target}} }""");

        FluentActions.Invoking(() => host.Agents.Validate(genome)).Should().Throw<InvalidInputException>().WithMessage(message);
        FluentActions.Invoking(() => host.Agents.CreateClient(new AgentBinding("acme", genome))).Should().Throw<InvalidInputException>().WithMessage(message);
    }

    private AgentTestHost Host(string script, params string[] arguments)
    {
        var path = Path.Join(_folder, $"{Guid.NewGuid():N}.sh");
        File.WriteAllText(path, script);
        return new AgentTestHost(new AgentOptions
        {
            AllowedCommands = new Dictionary<string, AllowedCommand>(StringComparer.Ordinal)
            {
                ["agent"] = new() { Path = "/bin/sh", Arguments = [path, .. arguments] },
            },
        });
    }

    private async Task<int> IdInAsync(string file)
    {
        var path = Path.Join(_folder, file);
        var id = 0;
        await EventuallyAsync(() => File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out id), $"{file} is written");
        return id;
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            // The init process reaps an orphan, which may take a while in a container. A zombie process no longer runs.
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is ArgumentException or IOException)
        {
            return false;
        }
    }

    private static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        var waiting = Stopwatch.StartNew();
        while (!condition())
        {
            waiting.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(30), what);
            await Task.Delay(20);
        }
    }
}
