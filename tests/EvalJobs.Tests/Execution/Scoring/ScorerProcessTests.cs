using System.Diagnostics;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Scoring.Processes;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EvalJobs.Tests.Execution.Scoring;

/// <summary>What runs in scorer processes, what their end means, and that they contain nothing of the server.</summary>
[NonParallelizable]
public sealed class ScorerProcessTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private ScorerProcessPool _pool = null!;

    [SetUp]
    public void SetUp() => _pool = new ScorerProcessPool(new ScoringOptions { Processes = 2 }, NullLogger<ScorerProcessPool>.Instance);

    [TearDown]
    public void TearDown() => _pool.Dispose();

    [TestCase("""{"type":"custom","script":"return actual.length / 4"}""", null, "ab", 0.5, "The script returned 0.5.")]
    [TestCase("""{"type":"regex","pattern":"^a+$"}""", null, "aab", 0, "The pattern does not match.")]
    [TestCase("""{"type":"numeric","extract":"A: (.*)"}""", "5", "A: 5.0", 1, null)]
    [TestCase("""{"type":"json","schema":{"type":"object","required":["a"]}}""", null, "{}", 0, "The reply does not fit the schema: *")]
    [TestCase("""{"type":"json","arrays":"contains"}""", "[2]", "[1,2]", 1, null)]
    [TestCase("contains", "b", "abc", 1, null)]
    [TestCase("similarity", "ab", "ac", 0.5, "First difference at character 2: *")]
    public async Task ScoreAsync_InAProcess_IsTheSameAsInTheServer(string scoring, string? expected, string actual, double value, string? remark)
    {
        var score = await ScoreAsync(scoring, actual, expected);

        score.Value.Should().Be(value);
        (score.Remark ?? "none").Should().Match(remark ?? "none");
    }

    [Test]
    public async Task ScoreAsync_AnyText_ArrivesUnchanged()
    {
        const string Text = "a\u0000b\ud800\r\n\u2028\"\\";

        var score = await ScoreAsync(
            """{"type":"custom","script":"return actual === 'a\\u0000b\\ud800\\r\\n\\u2028\"\\\\' && expected === null && input === 'question' ? 1 : 0"}""", Text);

        score.Should().Be(Score.Right);
    }

    [TestCase("drop(0)")]
    [TestCase("take(1)")]
    [TestCase("filter(x => true)")]
    [TestCase("map(x => x)")]
    [TestCase("flatMap(x => [x])")]
    public async Task ScoreAsync_ChainThatOverflowsTheStack_EndsThatCaseOnly(string link)
    {
        var script = $"let it=[1].values();for(let i=0;i<50000;i++)it=it.{link};return it.next().value";

        var scoring = () => ScoreAsync(Custom(script), "x");

        await scoring.Should().ThrowAsync<ScoringException>();
        (await ScoreAsync(Custom("return 1"), "x")).Should().Be(Score.Right, "the next case gets a process that works");
    }

    [TestCase("const a=[];a.length=4294967295;return a.values().some(Boolean)?1:0")]
    [TestCase("const a=[];a.length=4294967295;return a.every(Boolean)?1:0")]
    [TestCase("const a=[];a.length=4294967295;a.forEach(Boolean);return 1")]
    [TestCase("const a=[];a.length=4294967295;return a.find(Boolean)?1:0")]
    [TestCase("const a=[];a.length=4294967295;return a.reduce((x,y)=>x,1)")]
    [TestCase("const a=[];a.length=4294967295;return a.concat(a,a).length>0?1:0")]
    public async Task ScoreAsync_ScriptThatIgnoresItsTime_IsEndedWithItsProcess(string script)
    {
        await ScoreAsync(Custom("return 1"), "x");
        var before = _pool.ProcessIds.Single();

        var scoring = () => ScoreAsync(Custom(script, timeout: 0.1), "x", deadline: TimeSpan.FromSeconds(1));

        var error = (await scoring.Should().ThrowAsync<ScoringException>()).Which;
        error.Reason.Should().Be(UnscoredReason.CaseCannotBeJudged);
        if (error.Message.Contains("worked longer than 1 s", StringComparison.Ordinal))
            IsScorerProcess(before).Should().BeFalse("no process keeps using a processor");
    }

    [Test]
    public async Task ScoreAsync_Cancelled_EndsTheProcessThatScoresIt()
    {
        await ScoreAsync(Custom("return 1"), "x");
        var process = Process.GetProcessById(_pool.ProcessIds.Single());
        using var cancellation = new CancellationTokenSource();

        var scoring = ScoreAsync(Custom("while (true);", timeout: 10), "x", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => scoring).Should().ThrowAsync<OperationCanceledException>();
        // If cancelled before the work began, the process is kept; otherwise it is ended.
        (await ScoreAsync(Custom("return 1"), "x")).Should().Be(Score.Right);
        (process.HasExited || _pool.ProcessIds.Contains(process.Id)).Should().BeTrue();
    }

    [Test, Platform("Linux")]
    public async Task ScoreAsync_CallersCancelBeforeTheProcessHasStarted_TheNextCallerGetsIt()
    {
        var starts = 0;
        using var pool = new ScorerProcessPool(new ScoringOptions { Processes = 1 }, NullLogger<ScorerProcessPool>.Instance, options =>
        {
            starts++;
            return Slow(ScorerHostFiles.StartInfo(options), seconds: 5);
        });
        var request = new ScoringRequest(ScoringSpec.Parse(Custom("return 1")), "question", null, "x", "acme");

        for (var caller = 0; caller < 8; caller++)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(250));
            await FluentActions.Awaiting(() => pool.ScoreAsync(request, Generous, deadline.Token)).Should().ThrowAsync<OperationCanceledException>();
        }

        (await pool.ScoreAsync(request, TimeSpan.FromSeconds(3), CancellationToken.None)).Should().Be(Score.Right, "the start does not count as time of the case");
        starts.Should().Be(1, "if each cancelled caller ended the process, it would never be ready on a slow machine");
    }

    [Test, Platform("Linux")]
    public async Task ScoreAsync_ProgramThatFailsAtEachStart_IsStartedRarelyUntilItIsRepaired()
    {
        var (starts, isBroken, time) = (0, true, new FakeTimeProvider());
        using var log = new LogCapture();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log));
        using var pool = new ScorerProcessPool(new ScoringOptions { Processes = 1 }, loggers.CreateLogger<ScorerProcessPool>(), options =>
        {
            starts++;
            var start = ScorerHostFiles.StartInfo(options);
            return isBroken ? Instead(start, "echo no memory >&2; exit 3") : start;
        }, time);
        var request = new ScoringRequest(ScoringSpec.Parse(Custom("return 1")), "question", null, "x", "acme");
        async Task<string> FailAsync()
        {
            var error = (await FluentActions.Awaiting(() => pool.ScoreAsync(request, Generous, CancellationToken.None)).Should().ThrowAsync<ScoringException>()).Which;
            error.Reason.Should().Be(UnscoredReason.JudgeMisconfigured, "the case is asked again later");
            return error.Message;
        }

        for (var number = 0; number < 20; number++)
            await FailAsync();
        starts.Should().Be(2, "after one failure it is started again at once; after more failures not for each case");
        (await FailAsync()).Should().Match("The scorer process did not become ready: *no memory*2 starts in a row have failed; the next one is tried in 1 s.");

        time.Advance(TimeSpan.FromSeconds(1));
        (await FailAsync()).Should().NotContain("in a row");
        (await FailAsync()).Should().Contain("3 starts in a row have failed; the next one is tried in 2 s");
        (starts, log.Lines.Count).Should().Be((3, 3), "the log reports starts, not cases");

        isBroken = false;
        time.Advance(TimeSpan.FromSeconds(2));
        (await pool.ScoreAsync(request, Generous, CancellationToken.None)).Should().Be(Score.Right);
        log.Lines.Last().Text.Should().Be("A scorer process is ready, after 3 starts in a row that failed.");
    }

    [Test]
    public async Task ScoreAsync_CasesPerProcessReached_StartsANewOne()
    {
        using var pool = new ScorerProcessPool(new ScoringOptions { Processes = 1, CasesPerProcess = 2 }, NullLogger<ScorerProcessPool>.Instance);
        var spec = ScoringSpec.Parse(Custom("return 1"));
        var request = new ScoringRequest(spec, "question", null, "x", "acme");

        await pool.ScoreAsync(request, Generous, CancellationToken.None);
        var first = pool.ProcessIds.Single();
        await pool.ScoreAsync(request, Generous, CancellationToken.None);
        await pool.ScoreAsync(request, Generous, CancellationToken.None);

        pool.ProcessIds.Single().Should().NotBe(first);
        IsScorerProcess(first).Should().BeFalse();
    }

    [Test]
    public async Task ScoreAsync_TwoAtOnceWhileOneWorkerWaits_RunsThemInParallel()
    {
        await ScoreAsync(Custom("return 1"), "x");
        var endless = ScoringSpec.Parse(Custom("while (true);", timeout: 10));
        using var cancellation = new CancellationTokenSource();

        var scoring = Task.WhenAll(((string[])["acme", "globex"]).Select(tenant =>
            _pool.ScoreAsync(new ScoringRequest(endless, "question", null, "x", tenant), Generous, cancellation.Token)));

        await Wait.UntilAsync(() => _pool.ProcessIds.Count == 2, "a second process is working");
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => scoring).Should().ThrowAsync<OperationCanceledException>();
    }

    [Test, Platform("Linux")]
    public async Task Process_Environment_ContainsNothingOfTheServer()
    {
        Environment.SetEnvironmentVariable("EVALJOBS_TEST_SECRET_OF_SCORING", "hush");

        await ScoreAsync(Custom("return 1"), "x");

        var environment = await File.ReadAllTextAsync($"/proc/{_pool.ProcessIds.Single()}/environ");
        environment.Should().NotContain("hush").And.NotContain("EvalJobs__");
        environment.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=')[0])
            .Should().OnlyContain(name => name.StartsWith("DOTNET_", StringComparison.Ordinal) || name == "LD_LIBRARY_PATH");
    }

    [Test, Platform("Linux")]
    public async Task Process_Limits_AreSet()
    {
        await ScoreAsync(Custom("return 1"), "x");

        var limits = await File.ReadAllTextAsync($"/proc/{_pool.ProcessIds.Single()}/limits");
        limits.Should().MatchRegex(@"Max core file size\s+0\s+0").And.MatchRegex(@"Max cpu time\s+300\s+300");
        (await File.ReadAllTextAsync($"/proc/{_pool.ProcessIds.Single()}/status")).Should().MatchRegex(@"NoNewPrivs:\s+1");
    }

    [Test]
    public async Task Dispose_WhileAProcessScores_EndsIt()
    {
        await ScoreAsync(Custom("return 1"), "x");
        var id = _pool.ProcessIds.Single();
        var scoring = ScoreAsync(Custom("while (true);", timeout: 10), "x");

        _pool.Dispose();

        await FluentActions.Awaiting(() => scoring).Should().ThrowAsync<OperationCanceledException>();
        IsScorerProcess(id).Should().BeFalse();
        await FluentActions.Awaiting(() => ScoreAsync(Custom("return 1"), "x")).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Test]
    public void Validate_WhatIsTooLarge_IsRejectedByFieldAndLimit()
    {
        var registry = Registry();

        Validating(registry, JsonSerializer.Serialize(new { type = "regex", pattern = $"[{new string('a', 400_000)}]" }), null)
            .Should().Throw<InvalidInputException>().WithMessage("scoring.pattern has 400002 characters; a pattern has at most 10000.");
        Validating(registry, """{"type":"regex"}""", new string('a', 10_001))
            .Should().Throw<InvalidInputException>().WithMessage("The expected output has 10001 characters; a pattern has at most 10000.");
        Validating(registry, JsonSerializer.Serialize(new { type = "contains", phrases = Enumerable.Range(0, 100_000) .Select(n => $"p{n}") }), null)
            .Should().Throw<InvalidInputException>().WithMessage("'contains' has 100000 phrases; at most 10000 are allowed.");
        Validating(registry, "contains", JsonSerializer.Serialize(Enumerable.Range(0, 300_000)))
            .Should().Throw<InvalidInputException>().WithMessage("'contains' has 300000 phrases; at most 10000 are allowed.");
        Validating(registry, JsonSerializer.Serialize(new { type = "custom", script = new string(' ', 20_001) }), null)
            .Should().Throw<InvalidInputException>().WithMessage("scoring.script has 20001 characters; at most 20000 are allowed.");
        Validating(registry, JsonSerializer.Serialize(new { type = "contains", phrases = new string('a', 1_000_001) }), null)
            .Should().Throw<InvalidInputException>().WithMessage("The scoring object has * characters; at most 1000000 are allowed.");
    }

    [Test]
    public async Task Validate_SettingsThatCrashTheirReader_AreRejectedAndTheServerContinues()
    {
        var registry = Registry();
        var nested = new string('(', 9_000) + "1" + new string(')', 9_000);
        var classes = string.Concat(Enumerable.Repeat("[a-z-[", 1_600)) + "b" + string.Concat(Enumerable.Repeat("]]", 1_600));

        // Whether such a text is rejected or can be read depends on the library and its stack; either is accepted, as long as this process continues.
        foreach (var scoring in (string[])[Custom($"return {nested}"), JsonSerializer.Serialize(new { type = "regex", pattern = classes })])
        {
            try
            {
                registry.Validate(ScoringSpec.Parse(scoring), null);
            }
            catch (InvalidInputException error)
            {
                error.Message.Should().NotBeEmpty();
            }
        }

        (await ScoreAsync(Custom("return 1"), "x")).Should().Be(Score.Right);
    }

    [TestCase("""{"type":"regex","pattern":"("}""", "scoring.pattern is not a regular expression*")]
    [TestCase("""{"type":"custom","script":"return ("}""", "scoring.script is not JavaScript*")]
    [TestCase("""{"type":"json","schema":{"format":"emial"}}""", "scoring.schema#/format (emial)*")]
    public void Validate_WrongSettings_AreRejectedInTheProcessWithTheSameMessage(string scoring, string message) =>
        Validating(Registry(), scoring, null).Should().Throw<InvalidInputException>().WithMessage(message);

    [TestCase("""{"type":"custom","script":"return 1"}""", "x", true)]
    [TestCase("""{"type":"regex","pattern":"a"}""", "x", true)]
    [TestCase("""{"type":"json","schema":{}}""", "x", true)]
    [TestCase("""{"type":"json","arrays":"contains"}""", "x", true)]
    [TestCase("json", "x", false)]
    [TestCase("""{"type":"numeric","extract":"a"}""", "x", true)]
    [TestCase("numeric", "x", false)]
    [TestCase("contains", "x", false)]
    [TestCase("similarity", "x", false)]
    public void NeedsProcess_ScoringOfUnlimitedDuration_RunsInAProcess(string scoring, string expected, bool needsProcess)
    {
        var request = new ScoringRequest(ScoringSpec.Parse(scoring), "question", expected, "reply", "acme");

        ((IIsolatedScorer)Registry().Find(request.Spec.Type)).NeedsProcess(request).Should().Be(needsProcess);
    }

    [TestCase("contains")]
    [TestCase("similarity")]
    [TestCase("numeric")]
    public void NeedsProcess_LongTexts_RunInAProcess(string scoring)
    {
        var text = new string('a', 100_000);
        var request = new ScoringRequest(ScoringSpec.Parse(scoring), "question", text, text, "acme");

        ((IIsolatedScorer)Registry().Find(scoring)).NeedsProcess(request).Should().BeTrue();
    }

    private static string Custom(string script, double timeout = 2) => JsonSerializer.Serialize(new { type = "custom", script, timeout });

    private static ProcessStartInfo Slow(ProcessStartInfo start, int seconds) => Instead(start, $"sleep {seconds}; exec \"$@\"");

    /// <summary>Starts a shell that gets the command as its arguments.</summary>
    private static ProcessStartInfo Instead(ProcessStartInfo start, string script)
    {
        start.ArgumentList.Insert(0, start.FileName);
        foreach (var argument in (string[])["start", script, "-c"])
            start.ArgumentList.Insert(0, argument);
        start.FileName = "/bin/sh";
        return start;
    }

    private static Action Validating(ScorerRegistry registry, string scoring, string? expected) =>
        () => registry.Validate(ScoringSpec.Parse(scoring), expected);

    internal static bool IsScorerProcess(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && process.ProcessName.Contains("dotnet", StringComparison.OrdinalIgnoreCase)
                && (!OperatingSystem.IsLinux() || File.ReadAllText($"/proc/{id}/cmdline").Contains(ScorerHostFiles.FileName, StringComparison.Ordinal));
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    private ScorerRegistry Registry() => new(
        [new ContainsScorer(), new CustomScorer(), new JsonScorer(), new NumericScorer(), new RegexScorer(), new SimilarityScorer()], _pool);

    private async Task<Score> ScoreAsync(
        string scoring, string actual, string? expected = null, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        await _pool.ScoreAsync(
            new ScoringRequest(ScoringSpec.Parse(scoring), "question", expected, actual, "acme"), deadline ?? Generous, cancellationToken);
}
