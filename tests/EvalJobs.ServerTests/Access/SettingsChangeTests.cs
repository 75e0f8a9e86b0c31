using System.Net;
using System.Text.Json;
using EvalJobs.Server.Access;
using EvalJobs.Server.Hosting;
using EvalJobs.Server.Settings;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Server.Access;

/// <summary>What a running server does when settings files change: it reloads the dashboard's users and nothing else.</summary>
public sealed class SettingsChangeTests
{
    private Cli _cli = null!;
    private string _file = null!;
    private ServerProcess _server = null!;
    private Visitor _visitor = null!;

    [SetUp]
    public async Task Start()
    {
        _cli = new Cli();
        var environment = $"Test{Guid.NewGuid():N}";
        _file = Path.Combine(AppContext.BaseDirectory, $"appsettings.{environment}.json");
        await File.WriteAllTextAsync(_file, Settings(ViewerRole.Operator));
        _cli.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        _server = ServerProcess.Start("changing", _cli.Environment);
    }

    [TearDown]
    public async Task Stop()
    {
        _visitor?.Dispose();
        await _server.DisposeAsync();
        File.Delete(_file);
        _cli.Dispose();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Users_FileInvalidThenChanged_StayAndAreThenReloaded(CancellationToken cancellationToken)
    {
        await _server.WaitForLogAsync("Dashboard at", cancellationToken);
        var address = _server.Log.Select(line => line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal) is >= 0 and var at ? line[at..] : null)
            .First(found => found is not null)!;
        _visitor = new Visitor(new Uri(new Uri(address.Split(' ')[0]), "/"));
        await _visitor.SignInAsync("alice", SomeUser.Password);

        await File.WriteAllTextAsync(_file, """{"EvalJobs":""", cancellationToken);
        await _server.WaitForLogAsync("users were not reloaded.*" + Path.GetFileName(_file), cancellationToken);
        (await _visitor.GetAsync("/hangfire")).StatusCode.Should().Be(HttpStatusCode.OK, "settings that cannot be read change nothing");

        await File.WriteAllTextAsync(_file, Settings(ViewerRole.Viewer), cancellationToken);
        HttpResponseMessage answer;
        while ((answer = await _visitor.GetAsync("/hangfire")).StatusCode == HttpStatusCode.OK)
            await Task.Delay(100, cancellationToken);
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, "the session was created for an operator");
    }

    [Test]
    public async Task Server_Always_ReloadsNoFile()
    {
        await using var app = ServerApp.Build([]);

        var files = Providers((IConfigurationRoot)app.Configuration).OfType<FileConfigurationProvider>().ToList();

        files.Select(file => file.Source.Path).Should().Equal(SettingsSources.Files);
        files.Should().OnlyContain(file => !file.Source.ReloadOnChange, "a file that is invalid JSON for a moment would remove the tenants' secrets");
    }

    private static IEnumerable<IConfigurationProvider> Providers(IConfigurationRoot root) => root.Providers.SelectMany(provider =>
        provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot inner } ? Providers(inner) : [provider]);

    private string Settings(ViewerRole role) => JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Urls"] = "http://127.0.0.1:0",
        ["EvalJobs:Storage:ConnectionString"] = $"Data Source={Path.Combine(_cli.Folder, "own.db")}",
    }.Concat(SomeUser.Settings("alice", role).Select(setting => KeyValuePair.Create($"EvalJobs:{setting.Name}", setting.Value)))
        .ToDictionary(StringComparer.Ordinal));
}
