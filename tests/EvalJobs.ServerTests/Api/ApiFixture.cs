using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>A server for each test, with a tenant and an API client with a key of that tenant.</summary>
public abstract class ApiFixture
{
    private protected RunningServer Server { get; private set; } = null!;

    private protected Tenant Acme { get; private set; } = null!;

    private protected HttpClient Operator { get; private set; } = null!;

    [SetUp]
    public async Task StartServer()
    {
        Server = await RunningServer.StartAsync();
        Acme = await Server.Some.TenantAsync("acme");
        Operator = await Server.ProgramAsync(ApiKeyRole.Operator, Acme);
    }

    [TearDown]
    public async Task StopServer()
    {
        Operator.Dispose();
        await Server.DisposeAsync();
    }
}
