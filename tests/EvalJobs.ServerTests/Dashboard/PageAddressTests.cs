using System.Net;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>What the product's addresses answer for what does not exist. All addresses answer HEAD.</summary>
public sealed class PageAddressTests
{
    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _visitor = new Visitor(_server.Url);
        await _server.Some.TenantAsync("acme");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase("/runs/abc")]
    [TestCase("/runs/99999999999999999999")]
    [TestCase("/runs/4711")]
    [TestCase("/runs/4711/progress")]
    [TestCase("/suites/4711")]
    [TestCase("/suites/4711/edit")]
    [TestCase("/versions/4711")]
    [TestCase("/tenants/nobody")]
    [TestCase("/tenants/Nobody!")]
    [TestCase("/nowhere/at/all")]
    public async Task Get_OfWhatDoesNotExist_IsNotFoundOnAPage(string path)
    {
        var answer = await _visitor.GetAsync($"/hangfire/evaluations{path}");

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("Not found").And.Contain("To the overview").And.Contain("</html>");
    }

    [TestCase("/")]
    [TestCase("/hangfire/evaluations")]
    [TestCase("/hangfire/evaluations/runs")]
    [TestCase("/hangfire/evaluations/suites")]
    [TestCase("/hangfire/evaluations/versions")]
    [TestCase("/hangfire/evaluations/audit")]
    [TestCase("/hangfire/evaluations/tenants/acme")]
    [TestCase("/hangfire/evaluations/evaljobs.css")]
    public async Task Head_WhereGetIsAnswered_AnswersTheSameWithoutABody(string path)
    {
        using var head = new HttpRequestMessage(HttpMethod.Head, path);

        var answer = await _visitor.SendAsync(head);

        answer.StatusCode.Should().Be((await _visitor.GetAsync(path)).StatusCode);
        (await answer.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [TestCase("/nowhere")]
    [TestCase("/favicon.ico/at/all")]
    [TestCase("/hangfire/nowhere")]
    public async Task Get_OutsideOurPages_IsAPageForPeopleAndTheStatusAloneForPrograms(string path)
    {
        using var program = new HttpClient { BaseAddress = _server.Url };
        using var head = new HttpRequestMessage(HttpMethod.Head, path);

        var answer = await _visitor.GetAsync(path);
        var headers = await _visitor.SendAsync(head);
        var plain = await program.GetAsync(path);

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("There is no page at this address.").And.Contain("href=\"/\">To the start page").And.Contain("</html>");
        headers.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await headers.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        plain.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await plain.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Get_BelowTheApi_IsAProblemDocumentForBrowsersToo() =>
        (await _visitor.GetAsync("/api/v1/nowhere")).Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");

    [Test]
    public async Task Root_Always_LeadsToTheOverview() =>
        (await _visitor.GetAsync("/")).Headers.Location!.ToString().Should().Be("/hangfire/evaluations");

    /// <summary>A browser caches these files for a day, so the next version must use another address.</summary>
    [TestCase("evaljobs.css")]
    [TestCase("evaljobs-dark.css")]
    [TestCase("evaljobs.js")]
    [TestCase("icon")]
    public async Task AddressesOfFiles_OnAPage_NameTheirVersion(string file) =>
        (await (await _visitor.GetAsync("/hangfire/evaluations")).Content.ReadAsStringAsync()).Should().MatchRegex($@"/hangfire/evaluations/{file}\?v=\d+""");

    [Test]
    public async Task HangfiresHome_Always_ShowsOurFigures()
    {
        var page = await (await _visitor.GetAsync("/hangfire")).Content.ReadAsStringAsync();

        foreach (var metric in new[] { "pending:count", "running:count", "warnings:count", "action:count", "failed:count", "oldest" })
            page.Should().MatchRegex($"data-metric=\"evaljobs:{metric}\"[^>]*>\\s*[0-9–]", "an empty figure would leave a gap");
    }
}
