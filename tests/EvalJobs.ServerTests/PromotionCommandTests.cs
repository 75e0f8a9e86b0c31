using System.Diagnostics;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>The gate on the command line: policies, standings, voids and certificates, and what is rejected.</summary>
public sealed class PromotionCommandTests
{
    private Cli _cli = null!;

    [SetUp]
    public async Task Create()
    {
        _cli = new Cli();
        _cli.Environment["EvalJobs__Agents__ReplayFolder"] = _cli.Folder;
        var cases = _cli.Write("cases.jsonl", """
            {"q":"one","right":"1","said":"1","tags":["safety"]}
            {"q":"two","right":"2","said":"2"}
            {"q":"three","right":"3","said":"wrong"}
            """);
        var genome = _cli.Write("genome.json", """{"target":{"type":"replay","file":"cases.jsonl","match":"q","reply":"said"}}""");
        (await _cli.RunAsync("tenant", "add", "acme")).ExitCode.Should().Be(0);
        (await _cli.RunAsync("suite", "import", "acme", "numbers", cases, "--input", "q", "--expected", "right", "--case-tags", "tags")).Error.Should().BeEmpty();
        (await _cli.RunAsync("version", "create", "acme", "bot", "1.0", "--genome", genome)).Error.Should().BeEmpty();
    }

    [TearDown]
    public void Drop() => _cli.Dispose();

    [Test]
    public async Task Commands_FromPolicyToCertificate_SucceedAndReportIt()
    {
        (await _cli.RunAsync("policy", "show", "acme")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("There is no policy"));
        var set = await _cli.RunAsync("policy", "set", "acme", _cli.Write("policy.yaml", "requirements:\n  - suite: numbers\n    threshold: 0.6\n    tags: { safety: 1 }\n"));
        var own = await _cli.RunAsync("policy", "set", "acme", _cli.Write("policy.json", """{"requirements":[{"suite":"numbers","threshold":0.5}]}"""), "--agent", "other");
        set.Output.Should().StartWith("Revision 1 of the policy of the tenant applies from now on");
        own.Output.Should().Contain("of the agent 'other'");
        (await _cli.RunAsync("policy", "show", "acme", "--json")).Json.GetProperty("document").GetString().Should().Contain("\"threshold\":0.6");
        (await _cli.RunAsync("policy", "show", "acme", "--agent", "bot")).Output.Should().Contain("policy of the tenant");
        (await _cli.RunAsync("policy", "history", "acme", "--agent", "other", "--json")).Json.GetArrayLength().Should().Be(1);

        (await _cli.RunAsync("version", "transition", "acme", "bot", "1.0", "TESTING")).ExitCode.Should().Be(0);
        (await _cli.RunAsync("process")).ExitCode.Should().Be(0);
        var standing = await _cli.RunAsync("version", "standing", "acme", "bot", "1.0");
        standing.Output.Should().Contain("2 of 3 answers passed over 1 look (66.67 %); 60 % is required.").And.Contain("Tag 'safety': 1 of 1 answers passed");
        (await _cli.RunAsync("version", "standing", "acme", "bot", "1.0", "--json")).Json.GetProperty("verdict").GetString().Should().Be("PASS");
        (await _cli.RunAsync("version", "require", "acme", "bot", "1.0")).Output.Should().Be(standing.Output, "without --again it shows the same");
        (await _cli.RunAsync("version", "certificate", "acme", "bot", "1.0")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("has no certificate"));

        (await _cli.RunAsync("version", "transition", "acme", "bot", "1.0", "CANDIDATE")).ExitCode.Should().Be(0);
        var export = Path.Combine(_cli.Folder, "certificate.jsonl");
        var certificate = await _cli.RunAsync("version", "certificate", "acme", "bot", "1.0", "--verify", "--export", export);
        certificate.Should().Match<CliAnswer>(answer => answer.ExitCode == 0 && answer.Output.Contains("VERIFIED: the stored data matches the certificate.") && answer.Output.Contains("Policy revision 1 of the tenant"));
        (await _cli.RunAsync("version", "certificate", "acme", "bot", "1.0", "--export", export)).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("is there already"));
        (await _cli.RunAsync("version", "certificate", "acme", "bot", "1.0", "--of", "1")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("--of 1: "));
        await VerifyWithPythonAsync(export, (await _cli.RunAsync("version", "certificate", "acme", "bot", "1.0", "--json")).Json.GetProperty("sha256").GetString()!);

        (await _cli.RunAsync("run", "void", "1", "--reason", "the endpoint answered with another model")).Output.Should().Contain("void");
        (await _cli.RunAsync("version", "certificate", "acme", "bot", "1.0", "--verify")).Output.Should().Contain("VERIFIED").And.Contain("Remark: Run 1 was declared void after this promotion");
    }

    [TestCase("""{"requirements":[{"suite":"nope"}]}""", "requirements[0].suite: the tenant has no suite 'nope'. 'suite list' shows them.")]
    [TestCase("""{"requirements":[{"suite":"numbers","tags":{"money":1}}]}""", "requirements[0].tags.money: no case of the suite 'numbers' revision 1 has this tag; its cases have safety.")]
    [TestCase("""{"requirements":[{"suite":"numbers","rule":"not_worse","margin":1.5}]}""", "requirements[0].margin: 1.5 is not allowed; expected a number from 0 to 1, such as 0.05.")]
    [TestCase("""{"requirements":[{"suite":"numbers","rule":"not_worse","margin":0.1,"baseline":"#99"}]}""", "requirements[0].baseline: the tenant has no version 99.")]
    [TestCase("""{"requirements":[{"suite":"numbers"},{"suite":"numbers"}]}""", "requirements[1].suite: the suite 'numbers' with the rule rate is required by requirements[0] already.")]
    public async Task PolicySet_InvalidRequirement_IsRejectedAndNothingIsStored(string policy, string error)
    {
        (await _cli.RunAsync("policy", "set", "acme", _cli.Write("policy.json", policy))).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains(error));

        (await _cli.RunAsync("policy", "history", "acme", "--json")).Json.GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task Transition_VersionThatIsItsOwnBaseline_IsRejectedAndStaysDraft()
    {
        (await _cli.RunAsync("policy", "set", "acme", _cli.Write("policy.json", """{"requirements":[{"suite":"numbers","rule":"not_worse","margin":0.1,"baseline":"1.0"}]}"""))).ExitCode.Should().Be(0);

        (await _cli.RunAsync("version", "transition", "acme", "bot", "1.0", "TESTING")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains("requirements[0].baseline: version 1 cannot be its own baseline; name another in the policy."));

        (await _cli.RunAsync("version", "show", "acme", "bot", "1.0", "--json")).Output.Should().Contain("\"DRAFT\"");
    }

    [Test]
    public async Task RunVoid_WithoutAReasonOrOfARunThatDoesNotCount_IsRejected()
    {
        (await _cli.RunAsync("version", "transition", "acme", "bot", "1.0", "TESTING")).ExitCode.Should().Be(0);

        (await _cli.RunAsync("run", "void", "1")).ExitCode.Should().Be(2, "the reason is required");
        (await _cli.RunAsync("run", "void", "1", "--reason", "  ")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("--reason: declaring a run void needs a reason"));
        (await _cli.RunAsync("run", "void", "1", "--reason", "why")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("only a COMPLETED run"));
        (await _cli.RunAsync("run", "void", "9", "--reason", "why")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("There is no run 9."));
    }

    /// <summary>The verifier of the guide, which uses only what docs/guide/certificate.md describes.</summary>
    private static async Task VerifyWithPythonAsync(string export, string sha256)
    {
        var intact = await RunVerifierAsync(export);
        if (intact is null)
            Assert.Warn("No python3 here: the guide's verifier was not run.");
        else
            intact.Value.Should().Be((0, $"VERIFIED {sha256}"));

        var lines = await File.ReadAllLinesAsync(export);
        for (var index = 0; index < lines.Length && intact is not null; index += 3)
        {
            var changed = $"{export}.changed";
            await File.WriteAllTextAsync(changed, string.Join('\n', lines.Select((line, i) => i == index ? Changed(line) : line)) + "\n");
            (await RunVerifierAsync(changed))!.Value.Should().Match<(int ExitCode, string Output)>(answer => answer.ExitCode == 1 && answer.Output.StartsWith("DIFFERENT: "), "line {0} was changed: {1}", index + 1, lines[index]);
        }

        // Retention deletes no policy, and the number of lines is never negative.
        var policy = Array.FindIndex(lines, line => line.Contains("\"kind\":\"policy\"", StringComparison.Ordinal) && line.EndsWith("\"lines\":1}", StringComparison.Ordinal));
        policy.Should().BePositive();
        foreach (var count in intact is null ? Array.Empty<int>() : [0, -1])
        {
            var header = lines[policy].Replace("\"lines\":1", $"\"lines\":{count}", StringComparison.Ordinal);
            await File.WriteAllTextAsync($"{export}.short", string.Join('\n', [.. lines[..policy], header, .. lines[(policy + 2)..]]) + "\n");
            (await RunVerifierAsync($"{export}.short"))!.Value.Should().Match<(int ExitCode, string Output)>(answer => answer.ExitCode == 1 && answer.Output.StartsWith("DIFFERENT: "), "the policy has {0} lines", count);
        }
    }

    /// <summary>Changes a digit or a letter in the line's last value.</summary>
    private static string Changed(string line)
    {
        var at = line.AsSpan().LastIndexOfAnyInRange('0', '9');
        if (at < 0)
            at = line.Length / 2;
        return $"{line[..at]}{(line[at] == '1' ? '2' : '1')}{line[(at + 1)..]}";
    }

    /// <returns>The exit code and output of the verifier; null when there is no python3.</returns>
    private static async Task<(int ExitCode, string Output)?> RunVerifierAsync(string export)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", [Path.Combine(Repository.Root, "docs", "guide", "example", "verify_certificate.py"), export]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            return (python.ExitCode, output.Trim());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
