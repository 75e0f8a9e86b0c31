using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>A query parameter that the endpoint does not have is an error: none is silently ignored.</summary>
public sealed class ApiQueryTests
{
    private RunningServer _server = null!;
    private HttpClient _program = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _program = await _server.ProgramAsync(ApiKeyRole.Operator, await _server.Some.TenantAsync("acme"));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _program.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase("runs?state=FAILED", "state", "it accepts tenant, versionId, suiteId, status, format, cursor, limit.")]
    [TestCase("runs/1?limit=5", "limit", "it accepts none.")]
    [TestCase("runs/1?id=2", "id", "it accepts none.")]
    [TestCase("runs?limit=1&limit=2", "limit", "expected one value.")]
    [TestCase("runs?limit=many", "limit", "expected a whole number.")]
    [TestCase("runs?limit=", "limit", "expected a whole number.")]
    [TestCase("runs?versionId=99999999999999999999", "versionId", "expected a whole number.")]
    [TestCase("comparisons?run=1", "baseline", "expected one value.")]
    [TestCase("comparisons?baseline=1&run=x", "run", "expected a whole number.")]
    public async Task Get_ParameterThatIsWrong_IsRejectedAndNamed(string path, string field, string says)
    {
        var reply = await _program.GetReplyAsync(path);

        reply.Status.Should().Be(400);
        reply.Json.GetProperty("field").GetString().Should().Be(field);
        reply.Json.GetProperty("detail").GetString().Should().StartWith($"{field}: ").And.EndWith(says);
    }

    /// <summary>The command line says --threshold. If the parameter were ignored, the suite would keep 0.8 and versions would get a wrong evalStatus.</summary>
    [TestCase("threshold=0.9", "threshold")]
    [TestCase("passThreshold=0,9", "passThreshold")]
    [TestCase("isDefault=yes", "isDefault")]
    public async Task PostSuite_SettingThatIsWrong_StoresNothing(string setting, string field)
    {
        var reply = await _program.PostJsonAsync($"suites?name=strict&{setting}", """[{"input":"a","expected":"b"}]""");

        (reply.Status, reply.Json.GetProperty("field").GetString()).Should().Be((400, field));
        (await _program.GetReplyAsync("suites")).Json.GetProperty("items").GetArrayLength().Should().Be(0);
    }

    [TestCase("runs?STATUS=FAILED&limit=5")]
    [TestCase("runs?")]
    public async Task Get_ValidParameters_AreAccepted(string path) => (await _program.GetReplyAsync(path)).Status.Should().Be(200);

    [Test]
    public async Task Get_WithoutKey_RevealsNothingAboutParameters()
    {
        using var anonymous = _server.Program(null);

        (await anonymous.GetReplyAsync("runs?state=FAILED")).Status.Should().Be(401);
    }

    [Test]
    public async Task Problem_OfALongName_IsShort() =>
        (await _program.GetReplyAsync($"runs?{new string('x', 2000)}=1")).Text.Length.Should().BeLessThan(500);
}
