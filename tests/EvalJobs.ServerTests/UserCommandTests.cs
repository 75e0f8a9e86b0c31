using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary><c>user hash</c>: the server accepts what it prints.</summary>
public sealed class UserCommandTests
{
    private Cli _cli = null!;

    [SetUp]
    public void Create() => _cli = new Cli();

    [TearDown]
    public void Drop() => _cli.Dispose();

    [Test]
    public async Task UserHash_PasswordOnStandardInput_PrintsSettingsTheServerAccepts()
    {
        var answer = await _cli.AnswerAsync(SomeUser.Password + "\n", "user", "hash", "alice", "--role", "Operator", "--tenant", "acme", "--tenant", "globex");

        answer.ExitCode.Should().Be(0);
        answer.Output.Should().NotContain(SomeUser.Password);
        var lines = answer.Output.Split('\n').Where(line => line.StartsWith("EvalJobs__", StringComparison.Ordinal)).Select(line => line.Trim().Split('=', 2)).ToList();
        lines.Select(line => line[0]).Should().Equal(
            "EvalJobs__Dashboard__Users__alice__PasswordHash", "EvalJobs__Dashboard__Users__alice__Role",
            "EvalJobs__Dashboard__Users__alice__Tenants__0", "EvalJobs__Dashboard__Users__alice__Tenants__1");

        await using var server = await RunningServer.StartAsync([.. lines.Select(line => (line[0]["EvalJobs__".Length..].Replace("__", ":", StringComparison.Ordinal), line[1]))]);
        using var visitor = new Visitor(server.Url);
        (await visitor.SignInAsync("alice", SomeUser.Password)).StatusCode.Should().Be(System.Net.HttpStatusCode.Redirect);
        (await (await visitor.GetAsync("/account")).Content.ReadAsStringAsync()).Should().Contain("Operator").And.Contain("acme, globex");
    }

    [Test]
    public async Task UserHash_AsJson_IsASettingsFile()
    {
        var answer = await _cli.AnswerAsync(SomeUser.Password, "user", "hash", "alice", "--json");

        var user = answer.Json.GetProperty("EvalJobs").GetProperty("Dashboard").GetProperty("Users").GetProperty("alice");
        Password.Verify(user.GetProperty("PasswordHash").GetString()!, SomeUser.Password).Should().BeTrue();
        user.GetProperty("Role").GetString().Should().Be("Viewer", "the minimum is the default");
        user.TryGetProperty("Tenants", out _).Should().BeFalse();
    }

    [TestCase("short", "alice", "12 to 256 characters")]
    [TestCase("", "alice", "12 to 256 characters")]
    [TestCase("a password of some length", "al:ice", "cannot be a user's name")]
    public async Task UserHash_InvalidInput_IsRejectedAndPrintsNothing(string password, string name, string reason)
    {
        var answer = await _cli.AnswerAsync(password, "user", "hash", name);

        answer.ExitCode.Should().Be(2);
        answer.Output.Should().BeEmpty();
        answer.Error.Should().Contain(reason);
    }
}
