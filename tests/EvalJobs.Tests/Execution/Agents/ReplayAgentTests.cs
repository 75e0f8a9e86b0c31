using System.Text;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents;

public sealed class ReplayAgentTests
{
    private string _folder = null!;
    private string _outside = null!;

    [SetUp]
    public void SetUp()
    {
        var root = Directory.CreateTempSubdirectory("evaljobs-replay-").FullName;
        _folder = Directory.CreateDirectory(Path.Join(root, "replay")).FullName;
        _outside = Directory.CreateDirectory(Path.Join(root, "outside")).FullName;
        File.WriteAllText(Path.Join(_outside, "r.jsonl"), """{"q":"2+2?","a":"stolen"}""");
    }

    [TearDown]
    public void TearDown() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Test]
    public async Task Ask_Recorded_ReturnsReplyAndFigures()
    {
        Write("sub/r.jsonl", """
            {"q":"1+1?","a":"2"}

            {"q":"2+2?","a":"4","use":{"in":7,"out":2},"usd":0.5}
            {"q":17,"a":{"b":[1]}}
            """);
        await using var host = Host();
        var genome = Target("""
            "file":"sub/r.jsonl","match":"q","reply":"a","inputTokens":"use.in","outputTokens":"use.out","cost":"usd"
            """);

        (await host.AskAsync(genome)).Should().Be(new AgentReply("4", 7, 2, 0.5));
        (await host.AskAsync(genome, "1+1?")).Should().Be(new AgentReply("2"));
        (await host.AskAsync(genome, "17")).Should().Be(new AgentReply("""{"b":[1]}"""));
    }

    [Test]
    public async Task Ask_OnCaseKey_ComparesTheKey()
    {
        Write("r.jsonl", """{"id":"case-1","a":"4"}""");
        await using var host = Host();

        (await host.AskAsync(Target("""
            "file":"r.jsonl","match":"id","on":"caseKey","reply":"a"
            """))).Output.Should().Be("4");
    }

    [TestCase("\n")]
    [TestCase("\r\n")]
    [TestCase("\n\n")]
    public async Task Ask_AnyLineEndsAndLengths_FindsEveryRecord(string lineEnd)
    {
        // Lengths around the reader's buffer (128 KiB), and one that makes it grow twice.
        int[] lengths = [1, 5, 100_000, 131_000, 131_040, 131_072, 131_100, 400_000, 3];
        var text = string.Join(lineEnd, lengths.Select((length, i) => $$"""{"q":"q{{i}}","a":"{{new string('é', length)}}"}"""));
        File.WriteAllText(Path.Join(_folder, "r.jsonl"), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await using var host = Host();
        await using var client = host.Client(Target("""
            "file":"r.jsonl","match":"q","reply":"a"
            """));

        for (var i = 0; i < lengths.Length; i++)
            (await client.AskAsync(new AgentQuestion($"q{i}", "c"), CancellationToken.None)).Output.Should().Be(new string('é', lengths[i]));
    }

    [Test]
    public async Task Ask_NotRecorded_IsAnErrorThatShowsTheKey()
    {
        Write("r.jsonl", """{"q":"1+1?","a":"2"}""");
        await using var host = Host();

        var asking = () => host.AskAsync(Target("""
            "file":"r.jsonl","match":"q","reply":"a"
            """), "3+3?");

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*'r.jsonl' contains no recording*'q'*input: 3+3?");
    }

    [TestCase("""{"q":"2+2?"}""")]
    [TestCase("""{"q":"2+2?","a":null}""")]
    public async Task Ask_RecordWithoutReply_IsAnErrorWithItsLine(string record)
    {
        Write("r.jsonl", "{\"q\":\"x\"}\n" + record);
        await using var host = Host();

        var asking = () => host.AskAsync(Target("""
            "file":"r.jsonl","match":"q","reply":"a"
            """));

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("Line 2 of 'r.jsonl' has nothing at target.reply 'a'.");
    }

    [Test]
    public async Task Ask_ReplyOverTheLimit_IsAnError()
    {
        Write("r.jsonl", """{"q":"2+2?","a":"ééé"}""");
        await using var host = new AgentTestHost(new AgentOptions { ReplayFolder = _folder, MaxReplyBytes = 5 });

        var asking = () => host.AskAsync(Target("""
            "file":"r.jsonl","match":"q","reply":"a"
            """));

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*line 1*MaxReplyBytes (5 bytes)*");
    }

    [Test]
    public async Task Ask_FileChangedAfterIndexing_IsAnErrorAndNeverAnotherCasesReply()
    {
        Write("r.jsonl", """{"q":"2+2?","a":"4"}""");
        await using var host = Host();
        await using var client = host.Client(Target("""
            "file":"r.jsonl","match":"q","reply":"a"
            """));
        Write("r.jsonl", """{"q":"3+3?","a":"6"}""");

        var asking = () => client.AskAsync(new AgentQuestion("2+2?", "c"), CancellationToken.None);

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*changed while it was in use*");
    }

    [TestCase("{\"q\":\"a\"}\n{oops", "*line 2 is not valid JSON*")]
    [TestCase("{\"q\":\"a\"}\n\n[1]", "*line 3 has nothing at target.match 'q'*")]
    [TestCase("{\"q\":null}", "*line 1 has nothing at target.match 'q'*")]
    [TestCase("{\"q\":\"\\ud800\"}", "*line 1:*not a text*")]
    [TestCase("{\"q\":\"a\"}\n{\"q\":\"b\"}\n{\"q\":\"a\"}", "*line 3 has the same 'q' as line 1*")]
    public async Task CreateClient_InvalidLine_IsRejectedWithItsNumber(string text, string message)
    {
        Write("r.jsonl", text);
        await using var host = Host();

        FluentActions.Invoking(() => host.Client(Target("""
            "file":"r.jsonl","match":"q","reply":"a"
            """))).Should().Throw<InvalidInputException>().WithMessage(message);
    }

    [TestCase("../outside/r.jsonl")]
    [TestCase("sub/../../outside/r.jsonl")]
    [TestCase("/etc/passwd")]
    [TestCase("..\\\\outside\\\\r.jsonl")]
    [TestCase("C:/r.jsonl")]
    [TestCase("./r.jsonl")]
    [TestCase("sub//r.jsonl")]
    [TestCase("..")]
    public async Task Validate_PathThatCouldLeadOutside_IsRejected(string file)
    {
        await using var host = Host();
        var genome = Genome.Parse(Target($"""
            "file":"{file}","match":"q","reply":"a"
            """));

        FluentActions.Invoking(() => host.Agents.Validate(genome)).Should().Throw<InvalidInputException>().WithMessage("target.file*inside the replay folder*");
    }

    [TestCase("file")]
    [TestCase("folder")]
    [TestCase("relative")]
    [TestCase("chain")]
    public async Task CreateClient_LinkThatLeadsOutside_IsRejected(string kind)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Making links needs a privilege on Windows.");
        switch (kind)
        {
            case "file":
                File.CreateSymbolicLink(Path.Join(_folder, "r.jsonl"), Path.Join(_outside, "r.jsonl"));
                break;
            case "folder":
                Directory.CreateSymbolicLink(Path.Join(_folder, "sub"), _outside);
                break;
            case "relative":
                File.CreateSymbolicLink(Path.Join(_folder, "r.jsonl"), "../outside/r.jsonl");
                break;
            case "chain":
                Directory.CreateSymbolicLink(Path.Join(_folder, "hop"), _outside);
                File.CreateSymbolicLink(Path.Join(_folder, "r.jsonl"), "hop/r.jsonl");
                break;
        }
        await using var host = Host();

        FluentActions.Invoking(() => host.Client(Target($"""
            "file":"{(kind == "folder" ? "sub/r.jsonl" : "r.jsonl")}","match":"q","reply":"a"
            """))).Should().Throw<InvalidInputException>().WithMessage("*leads out of the replay folder*");
    }

    [Test]
    public async Task CreateClient_LinksThatStayInside_AreFollowed()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Making links needs a privilege on Windows.");
        Write("real/r.jsonl", """{"q":"2+2?","a":"4"}""");
        Directory.CreateSymbolicLink(Path.Join(_folder, "latest"), "real");
        var linkedFolder = Path.Join(_outside, "to-replay");
        Directory.CreateSymbolicLink(linkedFolder, _folder);
        await using var host = new AgentTestHost(new AgentOptions { ReplayFolder = linkedFolder });

        (await host.AskAsync(Target("""
            "file":"latest/r.jsonl","match":"q","reply":"a"
            """))).Output.Should().Be("4");
    }

    [Test]
    public async Task CreateClient_LinksInACircle_AreRejected()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Making links needs a privilege on Windows.");
        File.CreateSymbolicLink(Path.Join(_folder, "a"), "b");
        File.CreateSymbolicLink(Path.Join(_folder, "b"), "a");
        await using var host = Host();

        FluentActions.Invoking(() => host.Client(Target("""
            "file":"a","match":"q","reply":"a"
            """))).Should().Throw<InvalidInputException>().WithMessage("*too many links*");
    }

    [Test]
    public async Task CreateClient_NoFolderOrNoFile_IsRejected()
    {
        var genome = Target("""
            "file":"r.jsonl","match":"q","reply":"a"
            """);
        await using var none = new AgentTestHost(new AgentOptions());
        await using var empty = Host();

        FluentActions.Invoking(() => none.Client(genome)).Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Agents:ReplayFolder*");
        FluentActions.Invoking(() => empty.Client(genome)).Should().Throw<InvalidInputException>().WithMessage("target.file (r.jsonl) does not exist*");
    }

    [TestCase("""
        "match":"q","reply":"a"
        """, "target.file is missing.")]
    [TestCase("""
        "file":"r","reply":"a"
        """, "target.match is missing.")]
    [TestCase("""
        "file":"r","match":"q"
        """, "target.reply is missing.")]
    [TestCase("""
        "file":"r","match":"q[","reply":"a"
        """, "target.match:*")]
    [TestCase("""
        "file":"r","match":"q","reply":"a","on":"name"
        """, "target.on (name)*")]
    [TestCase("""
        "file":"r","match":"q","reply":"a","path":"x"
        """, "Unknown target.path*")]
    public async Task Validate_WrongTarget_IsRejectedWithTheFieldNamed(string target, string message)
    {
        await using var host = Host();

        FluentActions.Invoking(() => host.Agents.Validate(Genome.Parse(Target(target)))).Should().Throw<InvalidInputException>().WithMessage(message);
    }

    [TestCase("6b_finetuning")]
    [TestCase("175b_verification")]
    [Category("RealInput")]
    public async Task Ask_Gsm8kRecordings_ReturnEveryModelsOwnText(string model)
    {
        var folder = FindGsm8k();
        await using var host = new AgentTestHost(new AgentOptions { ReplayFolder = folder });
        await using var client = host.Client(Target($"""
            "file":"model-solutions-400.jsonl","match":"question","reply":"{model}.solution"
            """));

        var records = File.ReadLines(Path.Join(folder, "model-solutions-400.jsonl")).Select(line => JsonElement.Parse(line)).ToList();
        var replies = await Task.WhenAll(records.Select(record =>
            client.AskAsync(new AgentQuestion(record.GetProperty("question").GetString()!, "c"), CancellationToken.None)));

        records.Should().HaveCount(400);
        replies.Select(reply => reply.Output).Should().Equal(records.Select(record => record.GetProperty(model).GetProperty("solution").GetString()));
    }

    private static string FindGsm8k()
    {
        // The folder "shared" is next to the checkout.
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Join(folder.FullName, "shared", "data", "gsm8k");
            if (File.Exists(Path.Join(candidate, "model-solutions-400.jsonl")))
                return candidate;
        }
        Assert.Ignore("The folder ../shared/data/gsm8k does not exist.");
        return "";
    }

    private AgentTestHost Host() => new(new AgentOptions { ReplayFolder = _folder });

    private void Write(string file, string text)
    {
        var path = Path.Join(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static string Target(string settings) => $$$"""{"target":{"type":"replay",{{{settings}}}}}""";
}
