using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Server.Access;

/// <summary>The section <c>EvalJobs:Dashboard</c>: which values are rejected, under which name, and which are accepted.</summary>
public sealed class AccessOptionsTests
{
    private const string Provider = "OpenIdConnect:";

    [TestCase("Users:alice:PasswordHash", "hunter2hunter2", "*Users:alice*not one made by the command 'user hash'*")]
    [TestCase("Users:al ice:Role", "Viewer", "*Users:al ice*letters, digits*")]
    [TestCase("Users:alice:Rôle", "Viewer", "*Rôle*")]
    [TestCase("Users:alice:Role", "Admin", "*Role*")]
    [TestCase("Users:alice:Tenants:0", "No Slug", "*'No Slug' is not a tenant's slug*")]
    [TestCase("KnownProxies:0", "proxy.example", "*KnownProxies*neither an IP address nor a network*")]
    [TestCase("KnownProxies:0", "10.0.0.0/33", "*KnownProxies*")]
    [TestCase("SessionLifetime", "00:01:00", "*EvalJobs:Dashboard:SessionLifetime*")]
    [TestCase("LockOutAfter", "1000", "*EvalJobs:Dashboard:LockOutAfter*")]
    [TestCase(Provider + "Authority", "http://id.example", "*not an https address*")]
    [TestCase(Provider + "Authority", "id.example", "*not an https address*ClientId is missing*nobody could sign in*")]
    public void Read_InvalidValue_IsRejectedByName(string name, string value, string message) =>
        FluentActions.Invoking(() => Read([(name, value)])).Should().Throw<InvalidInputException>().WithMessage(message);

    [Test]
    public void Read_EmptyTenants_IsRejectedRatherThanMeaningEveryTenant()
    {
        var json = """{"EvalJobs":{"Dashboard":{"Users":{"alice":{"PasswordHash":"hash","Tenants":[]}}}}}"""
            .Replace("hash", Password.Hash(SomeUser.Password), StringComparison.Ordinal);
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).Build();

        FluentActions.Invoking(() => SettingsReader.Read<AccessOptions>(configuration, AccessOptions.Section))
            .Should().Throw<InvalidInputException>().WithMessage("*Tenants is empty*");
    }

    [Test]
    public void Read_UsersProxiesAndProvider_AreRead()
    {
        var options = Read(
        [
            .. SomeUser.Settings("alice", ViewerRole.Operator, "acme").Select(setting => (setting.Name["Dashboard:".Length..], setting.Value)),
            ("KnownProxies:0", "10.0.0.7"), ("KnownProxies:1", "fd00::/8"),
            (Provider + "Authority", "https://id.example/realm"), (Provider + "ClientId", "evaljobs"), (Provider + "OperatorValues:0", "ops"),
        ]);

        options.RequiresSignIn.Should().BeTrue();
        options.ProxyNetworks.Select(network => network.ToString()).Should().Equal("10.0.0.7/32", "fd00::/8");
        options.Users["alice"].ToViewer("alice").Should().Match<Viewer>(viewer => viewer.CanOperate && viewer.Sees("acme") && !viewer.Sees("globex") && !viewer.SeesEverything);
        Read([]).RequiresSignIn.Should().BeFalse();
    }

    private static AccessOptions Read((string Name, string Value)[] settings) => SettingsReader.Read<AccessOptions>(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(
            setting => KeyValuePair.Create($"{AccessOptions.Section}:{setting.Name}", (string?)setting.Value))).Build(),
        AccessOptions.Section);
}
