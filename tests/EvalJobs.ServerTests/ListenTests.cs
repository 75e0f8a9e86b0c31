using System.Net;
using System.Net.Sockets;
using EvalJobs.Server.Access;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>A start on an address that is not available: one helpful sentence, before anything else is done.</summary>
public sealed class ListenTests
{
    private TcpListener _holder = null!;

    private string Taken => $"http://127.0.0.1:{((IPEndPoint)_holder.LocalEndpoint).Port}";

    [SetUp]
    public void ReservePort()
    {
        _holder = new TcpListener(IPAddress.Loopback, 0);
        _holder.Start();
    }

    [TearDown]
    public void ReleasePort() => _holder.Dispose();

    [Test]
    public async Task Serve_PortInUse_SaysSoInOneLineAndDoesNothing()
    {
        using var cli = new Cli();
        cli.Environment["Urls"] = Taken;
        cli.Environment["EvalJobs__Storage__ConnectionString"] = $"Data Source={Path.Combine(cli.Folder, "never.db")}";

        var answer = await cli.RunProcessAsync("serve");

        answer.ExitCode.Should().Be(ExitCode.Broken);
        answer.Error.Trim().Should().StartWith($"error: The server cannot listen on {Taken}: ").And.Contain("setting Urls").And.NotContain("\n");
        answer.Output.Should().BeEmpty();
        Directory.GetFiles(cli.Folder).Should().BeEmpty("no database is created for a server that cannot start");
    }

    [Test]
    public async Task Demo_PortInUse_NamesTheOption()
    {
        using var cli = new Cli();

        var answer = await cli.RunProcessAsync("demo", "--exit", "--port", Taken.Split(':')[^1]);

        answer.ExitCode.Should().Be(ExitCode.Broken);
        answer.Error.Trim().Should().StartWith($"error: The server cannot listen on {Taken}: ").And.Contain("--port").And.NotContain("\n");
    }

    [Test]
    public void EnsureFree_PortInUseUnderAnyNameOfThisMachine_Rejects([Values("localhost", "127.0.0.1", "*", "[::]", "0.0.0.0")] string host)
    {
        var address = $"https://{host}:{Taken.Split(':')[^1]}";

        FluentActions.Invoking(() => BindAddresses.EnsureFree(["http://127.0.0.1:0", address])).Should().Throw<CannotListenException>().WithMessage($"*{address}*");
    }

    [TestCase("http://192.0.2.1:0", Description = "an address of another machine")]
    [TestCase("http://unix:/no/such/folder/socket")]
    public void EnsureFree_InvalidAddress_Rejects(string address) =>
        FluentActions.Invoking(() => BindAddresses.EnsureFree([address])).Should().Throw<CannotListenException>().WithMessage($"*{address}*");

    [Test]
    public void EnsureFree_SocketPathTooLong_Rejects()
    {
        var address = $"http://unix:/{new string('a', 200)}";

        FluentActions.Invoking(() => BindAddresses.EnsureFree([address])).Should().Throw<CannotListenException>().WithMessage($"*{address}*");
    }

    [TestCase("http://127.0.0.1:0")]
    [TestCase("http://localhost:0")]
    [TestCase("http://*:0")]
    [TestCase("http://some-name:0")]
    public void EnsureFree_FreePort_DoesNotThrow(string address) => BindAddresses.EnsureFree([address, address]);

    [Test]
    [Platform(Exclude = "Win", Reason = "a path of Unix")]
    public void EnsureFree_SocketThatIsAFile_LeavesNoFile()
    {
        using var cli = new Cli();

        BindAddresses.EnsureFree([$"http://unix:{cli.Folder}/socket"]);

        Directory.GetFiles(cli.Folder).Should().BeEmpty();
    }
}
