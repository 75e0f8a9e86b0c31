using System.ComponentModel.DataAnnotations;
using System.Net;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents;

public sealed class AddressGuardTests
{
    [TestCase("8.8.8.8")]
    [TestCase("1.1.1.1")]
    [TestCase("100.63.255.255")]
    [TestCase("100.128.0.0")]
    [TestCase("172.15.255.255")]
    [TestCase("172.32.0.0")]
    [TestCase("223.255.255.255")]
    [TestCase("2606:4700::1111")]
    [TestCase("2a00:1450:4001:80b::200e")]
    [TestCase("::ffff:8.8.8.8")]
    [TestCase("64:ff9b::8.8.8.8")]
    [TestCase("2002:0808:0808::1")]
    public void IsPublic_AddressOfTheInternet_IsTrue(string address)
    {
        AddressGuard.IsPublic(IPAddress.Parse(address)).Should().BeTrue();
    }

    [TestCase("0.0.0.0")]
    [TestCase("0.1.2.3")]
    [TestCase("10.0.0.1")]
    [TestCase("100.64.0.1")]
    [TestCase("100.127.255.255")]
    [TestCase("127.0.0.1")]
    [TestCase("127.255.255.254")]
    [TestCase("169.254.169.254")]
    [TestCase("172.16.0.1")]
    [TestCase("172.31.255.255")]
    [TestCase("192.0.0.1")]
    [TestCase("192.0.2.1")]
    [TestCase("192.168.1.1")]
    [TestCase("198.18.0.1")]
    [TestCase("198.19.255.255")]
    [TestCase("203.0.113.9")]
    [TestCase("224.0.0.1")]
    [TestCase("240.0.0.1")]
    [TestCase("255.255.255.255")]
    [TestCase("::")]
    [TestCase("::1")]
    [TestCase("::7f00:1")]
    [TestCase("fc00::1")]
    [TestCase("fd12:3456::1")]
    [TestCase("fe80::1")]
    [TestCase("fe80::1%1")]
    [TestCase("fec0::1")]
    [TestCase("ff02::1")]
    [TestCase("2001::1")]
    [TestCase("2001:db8::1")]
    [TestCase("3fff::1")]
    [TestCase("::ffff:127.0.0.1")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("64:ff9b::10.0.0.1")]
    [TestCase("64:ff9b:1::8.8.8.8")]
    [TestCase("2002:7f00:0001::1")]
    [TestCase("2002:c0a8:0101::1")]
    public void IsPublic_AddressThatIsNot_IsFalse(string address)
    {
        AddressGuard.IsPublic(IPAddress.Parse(address)).Should().BeFalse();
    }

    [TestCase("http://127.0.0.1:{port}/")]
    [TestCase("http://localhost:{port}/")]
    [TestCase("http://2130706433:{port}/")]
    [TestCase("http://0x7f.1:{port}/")]
    [TestCase("http://[::ffff:127.0.0.1]:{port}/")]
    [TestCase("http://0.0.0.0:{port}/")]
    public async Task Ask_LoopbackThatIsNotAllowed_IsRejectedOnceAndReceivesNothing(string url)
    {
        await using var server = await TestAgentServer.StartAsync();
        await using var host = new AgentTestHost(new AgentOptions { MaxRetries = 3, RetryDelay = TimeSpan.FromMinutes(1) });
        url = url.Replace("{port}", $"{server.Url.Port}", StringComparison.Ordinal);

        var asking = () => host.AskAsync($$$"""{"target":{"type":"http","url":"{{{url}}}"}}""");

        // If the rejection were retried, each retry would wait a minute and the test would time out.
        (await asking.Should().ThrowAsync<AgentCallException>().WaitAsync(TimeSpan.FromSeconds(30)))
            .WithMessage("*EvalJobs:Agents:AllowedHosts*").WithMessage($"*'{new Uri(url).IdnHost}'*");
        server.Requests.Should().BeEmpty();
    }

    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:{port}")]
    [TestCase("localhost")]
    [TestCase("LOCALHOST:{port}")]
    public async Task Ask_LoopbackByAllowedName_IsReached(string entry)
    {
        await using var server = await TestAgentServer.StartAsync();
        entry = entry.Replace("{port}", $"{server.Url.Port}", StringComparison.Ordinal);
        await using var host = new AgentTestHost(new AgentOptions { AllowedHosts = [entry] });

        await host.AskAsync($$$"""{"target":{"type":"http","url":"http://localhost:{{{server.Url.Port}}}/"}}""");

        server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_AllowedForAnotherPort_IsRejected()
    {
        await using var server = await TestAgentServer.StartAsync();
        await using var host = new AgentTestHost(new AgentOptions { AllowedHosts = ["127.0.0.1:1"] });

        var asking = () => host.AskAsync($$$"""{"target":{"type":"http","url":"{{{server.Url}}}"}}""");

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("*AllowedHosts*");
    }

    [TestCase("agents.internal", true)]
    [TestCase("agents.internal:8080", true)]
    [TestCase("10.1.2.3:80", true)]
    [TestCase("::1", true)]
    [TestCase("[::1]", true)]
    [TestCase("[::1]:8080", true)]
    [TestCase("http://agents.internal", false)]
    [TestCase("agents.internal:http", false)]
    [TestCase("agents.internal:0", false)]
    [TestCase("10.0.0.0/8", false)]
    [TestCase("*.internal", false)]
    [TestCase("[::1", false)]
    [TestCase("", false)]
    public void AllowedHosts_Entry_IsCheckedWhenTheServerStarts(string entry, bool valid)
    {
        var options = new AgentOptions { AllowedHosts = [entry] };

        var errors = options.Validate(new ValidationContext(options)).ToList();

        errors.Should().HaveCount(valid ? 0 : 1, "an entry that can never match would later cause rejections without a clear reason");
    }
}
