using System.Net;
using System.Reflection;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The audit page and its filter show words together with the codes. Also tests the presets of times, which every list has.</summary>
internal sealed class AuditPageTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("reader", ViewerRole.Viewer)]);
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "acme");
        await _server.Some.Runs.CancelAsync((await _server.RunsAsync(tenant)).Single().Id, "test", default);
        _visitor = new Visitor(_server.Url);
        await _visitor.SignInAsync("reader", SomeUser.Password);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public void Words_OfEveryAction_ExistOnce() => AuditWords.Actions.Select(each => each.Code).Should().BeEquivalentTo(
        typeof(ChangeType).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!));

    [Test]
    public void Words_OfACodeOfAnotherVersion_AreReadable() => AuditWords.Action("THING_MADE_ANEW").Should().Be("Thing made anew");

    [Test]
    public async Task Records_AreInWordsWithTheirCodes()
    {
        var page = await TextAsync("/audit?tenant=acme");

        page.Should().Contain("Suite stored <small class=\"ej-code text-muted\"><code>SUITE_IMPORTED</code>").And.Contain("Run cancelled <small")
            .And.Contain("title=\"isDefault\">default suite</span> <bdi>yes</bdi>").And.Contain(">version 1</a>").And.NotContain("agent version").And.NotContain("evaluation run");
    }

    [Test]
    public async Task Filter_ByAction_ListsOnlyThose()
    {
        var page = await TextAsync("/audit?tenant=acme&action=RUN_CANCELLED");

        page.Should().Contain("value=\"RUN_CANCELLED\" selected>Run cancelled<").And.Contain("<code>RUN_CANCELLED</code>").And.NotContain("<code>RUN_CREATED</code>").And.NotContain("<code>SUITE_IMPORTED</code>");
        (await TextAsync("/audit/export/csv?tenant=acme&action=RUN_CANCELLED")).Should().Contain("RUN_CANCELLED").And.NotContain("RUN_CREATED");
        (await _visitor.GetAsync($"{Pages}/audit?action=NONSENSE")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [TestCase("/audit", "action=RUN_CREATED")]
    [TestCase("/runs", "status=PENDING")]
    public async Task Preset_Pressed_KeepsWhatWasChosenAndIsMarked(string path, string chosen)
    {
        var pressed = await _visitor.GetAsync($"{Pages}{path}?tenant=acme&{chosen}&from=2001-01-01T00:00&to=&before=7&preset=yesterday");

        pressed.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var address = pressed.Headers.Location!.ToString();
        address.Should().Contain("tenant=acme").And.Contain(chosen).And.Contain($"from={DateTime.UtcNow.AddDays(-1):yyyy-MM-dd}").And.Contain($"to={DateTime.UtcNow:yyyy-MM-dd}")
            .And.NotContain("preset").And.NotContain("before").And.NotContain("2001");
        var page = await (await _visitor.GetAsync(address)).Content.ReadAsStringAsync();
        page.Should().MatchRegex("value=\"yesterday\"[^>]* aria-current=\"true\"").And.NotMatchRegex("value=\"today\"[^>]* aria-current");
        page.IndexOf(">Filter</button>", StringComparison.Ordinal).Should().BeLessThan(page.IndexOf("name=\"preset\"", StringComparison.Ordinal), "the Enter key presses the first button of a form");
    }

    [TestCase("today")]
    [TestCase("day")]
    [TestCase("days")]
    [TestCase("week")]
    public async Task Preset_EachInUse_IsTheOneMarked(string preset)
    {
        var address = (await _visitor.GetAsync($"{Pages}/runs?preset={preset}")).Headers.Location!.ToString();

        (await (await _visitor.GetAsync(address)).Content.ReadAsStringAsync()).Split("aria-current=\"true\"").Should().Contain(part => part.EndsWith($"value=\"{preset}\" class=\"btn btn-xs btn-default\" ", StringComparison.Ordinal));
        (await TextAsync("/runs")).Should().NotMatchRegex("name=\"preset\"[^>]* aria-current");
    }

    private async Task<string> TextAsync(string path)
    {
        var answer = await _visitor.GetAsync($"{Pages}{path}");
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return await answer.Content.ReadAsStringAsync();
    }
}
