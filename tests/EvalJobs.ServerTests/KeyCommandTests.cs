using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary><c>key create|list|revoke</c>.</summary>
public sealed class KeyCommandTests
{
    private Cli _cli = null!;

    [SetUp]
    public void Create() => _cli = new Cli();

    [TearDown]
    public void Drop() => _cli.Dispose();

    [Test]
    public async Task Key_CreatedListedAndRevoked_IsShownOnceAndNeverAgain()
    {
        await RunAsync("tenant", "add", "acme");

        var created = await _cli.RunProcessAsync("key", "create", "ci-main", "--tenant", "acme", "--role", "OPERATOR", "--database", "keys.db");
        var listed = await RunAsync("key", "list");
        var revoked = await RunAsync("key", "revoke", "1");
        var after = await RunAsync("key", "list", "--json");

        var secret = created.Output.Trim();
        ApiKeySecret.TryParse(secret, out _).Should().BeTrue("standard output has only the key, for scripts");
        created.Error.Should().Contain("ci-main").And.Contain("shown this once").And.NotContain(secret);
        listed.Output.Should().Contain("ci-main").And.Contain(secret[..8]).And.Contain("accepted").And.NotContain(secret);
        revoked.ExitCode.Should().Be(0);
        after.Output.Should().NotContain(secret).And.Contain("\"isUsable\": false");
    }

    [TestCase("tenant: a key with this role", "key", "create", "ci")]
    [TestCase("tenant: an ADMIN key", "key", "create", "ci", "--role", "ADMIN", "--tenant", "acme")]
    [TestCase("--role 'BOSS' is not known here", "key", "create", "ci", "--role", "BOSS", "--tenant", "acme")]
    [TestCase("--days: expected 1 to 3650", "key", "create", "ci", "--tenant", "acme", "--days", "0")]
    [TestCase("name: expected 1 to 64", "key", "create", "c i", "--tenant", "acme")]
    [TestCase("There is no tenant 'globex'", "key", "create", "ci", "--tenant", "globex")]
    [TestCase("There is no key 7", "key", "revoke", "7")]
    public async Task Key_InvalidInput_IsRejectedWithTheReason(string reason, params string[] arguments)
    {
        await RunAsync("tenant", "add", "acme");

        var answer = await RunAsync(arguments);

        (answer.ExitCode, answer.Output).Should().Be((2, ""));
        answer.Error.Should().Contain(reason);
    }

    private Task<CliAnswer> RunAsync(params string[] arguments) => _cli.RunAsync([.. arguments, "--database", "keys.db"]);
}
