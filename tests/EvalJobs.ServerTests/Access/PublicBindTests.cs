using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Without sign-in the server does not listen for other machines, whichever setting gives the address.</summary>
public sealed class PublicBindTests
{
    private static readonly AccessOptions NoSignIn = new();
    private static readonly AccessOptions SignIn = new() { Users = new Dictionary<string, UserSettings>(StringComparer.Ordinal) { ["alice"] = new() } };

    [TestCase("Urls", "http://0.0.0.0:5080", "http://0.0.0.0:5080")]
    [TestCase("ASPNETCORE_URLS", "http://127.0.0.1:0;http://+:0", "http://+:0")]
    [TestCase("ASPNETCORE_HTTP_PORTS", "8080", "http://*:8080")]
    [TestCase("Kestrel__Endpoints__Web__Url", "https://evaljobs.example:443", "https://evaljobs.example:443")]
    public async Task Serve_OnAPublicAddressWithoutSignIn_IsRejectedWithInstructions(string setting, string value, string address)
    {
        using var cli = new Cli();
        cli.Environment[setting] = value;

        var answer = await cli.RunProcessAsync("serve");

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain(address).And.Contain("no sign-in is configured").And.Contain("'user hash'").And.Contain("EvalJobs:Dashboard:OpenIdConnect");
    }

    [Test]
    public async Task Serve_WithTheFrameworksOwnForwarding_IsRejected()
    {
        using var cli = new Cli();
        cli.Environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";

        (await cli.RunProcessAsync("serve")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("EvalJobs:Dashboard:KnownProxies"));
    }

    [TestCase("http://127.0.0.1:5080", false)]
    [TestCase("http://127.8.8.8:5080", false)]
    [TestCase("http://localhost:5080", false)]
    [TestCase("https://[::1]:5080", false)]
    [TestCase("http://unix:/run/evaljobs.sock", false)]
    [TestCase("http://*:5080", true)]
    [TestCase("http://+:5080", true)]
    [TestCase("http://0.0.0.0:5080", true)]
    [TestCase("http://[::]:5080", true)]
    [TestCase("http://192.168.1.5", true)]
    [TestCase("http://localhost.example:5080", true)]
    public void IsPublic_OfAnAddress_IsFalseOnlyWhenOnlyThisMachineCanReachIt(string address, bool expected) =>
        BindAddresses.IsPublic(address).Should().Be(expected);

    [Test]
    public void Of_NothingConfigured_IsThisMachineOnly() => Addresses().Should().Equal(BindAddresses.Default);

    [Test]
    public void Of_SeveralWaysAtOnce_FollowsTheFrameworksPrecedence()
    {
        Addresses(("urls", "http://a:1;http://b:2"), ("http_ports", "3")).Should().Equal("http://a:1", "http://b:2");
        Addresses(("http_ports", "3;4"), ("https_ports", "5")).Should().Equal("http://*:3", "http://*:4", "https://*:5");
        Addresses(("urls", "http://a:1"), ("Kestrel:Endpoints:x:Url", "http://c:6")).Should().Equal("http://c:6");
        Addresses(("urls", "http://a:1"), ("Kestrel:Endpoints:x:Url", "http://c:6"), ("preferHostingUrls", "true")).Should().Equal("http://a:1");
    }

    [Test]
    public void EnsureAllowed_PublicWithSignIn_IsAllowedOnHttpsOrBehindAProxy()
    {
        var demand = (string address, AccessOptions options) => FluentActions.Invoking(() => BindAddresses.EnsureAllowed([address], options));

        demand("https://0.0.0.0:443", SignIn).Should().NotThrow();
        demand("http://0.0.0.0:80", SignIn with { KnownProxies = ["10.0.0.7"] }).Should().NotThrow();
        demand("http://0.0.0.0:80", SignIn).Should().Throw<InvalidInputException>().WithMessage("*without encryption*KnownProxies*");
        demand("https://0.0.0.0:443", NoSignIn).Should().Throw<InvalidInputException>().WithMessage("*no sign-in*");
        demand("http://127.0.0.1:80", NoSignIn).Should().NotThrow();
    }

    private static IReadOnlyList<string> Addresses(params (string Name, string Value)[] settings) => BindAddresses.Of(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());
}
