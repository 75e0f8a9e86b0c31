using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The time zone that a browser chose, on pages and in what their script loads, only for that browser.</summary>
public sealed partial class TimesPageTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private SomeDashboard _data = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync(SomeUser.Settings("reader", ViewerRole.Viewer));
        _data = await SomeDashboard.AddAsync(_server);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task EveryPage_InAZone_ShowsTimesOfThatZoneOnly()
    {
        using var reader = await ReaderAsync("Asia/Kathmandu");
        var version = _data.Completed.VersionId;
        foreach (var path in new[] { "", "/runs", "/suites", "/versions", "/audit", "/tenants/acme", $"/runs/{_data.Running.Id}", $"/runs/{_data.Completed.Id}", $"/versions/{version}", $"/suites/{_data.Completed.SuiteId}", $"/trend?version={version}" })
        {
            var page = await TextAsync(reader, path);

            // The part in brackets is the second part of the tooltip.
            Moments().Matches(page).Should().NotBeEmpty(path).And.OnlyContain(moment => moment.Groups["zone"].Value == "+05:45" || moment.Value.EndsWith(" UTC)", StringComparison.Ordinal), path);
            page.Should().NotContain("(UTC)", path);
        }
    }

    [Test]
    public async Task Live_OfBrowsersInDifferentZones_IsEachInItsOwn()
    {
        using var east = await ReaderAsync("Asia/Tokyo");
        using var west = await ReaderAsync("America/St_Johns");
        using var none = await ReaderAsync(null);
        using var bad = await ReaderAsync("../../etc/passwd");

        for (var round = 0; round < 2; round++)
        {
            (await TextAsync(east, "/runs", isLive: true)).Should().Contain("+09:00").And.NotContain("-03:30").And.NotContain("-02:30");
            (await TextAsync(west, "/runs", isLive: true)).Should().MatchRegex("-0[23]:30").And.NotContain("+09:00");
            (await TextAsync(none, "/runs", isLive: true)).Should().Contain(" UTC\"").And.NotContain("+09:00");
            (await TextAsync(bad, "/runs", isLive: true)).Should().Contain(" UTC\"", "an invalid zone means UTC").And.NotContain("+09:00").And.NotMatchRegex("-0[23]:30");
        }
    }

    [Test]
    public async Task Chosen_ByAViewer_IsKeptAndLeadsBack()
    {
        using var reader = await ReaderAsync(null);
        var back = $"{Pages}/runs?status=FAILED";

        var answer = await SaveAsync(reader, ("zone", "Europe/Berlin"), ("back", back));

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().Should().Be(back);
        answer.Headers.GetValues("Set-Cookie").Should().ContainSingle(cookie => cookie.StartsWith("evaljobs-zone=Europe%2FBerlin;", StringComparison.Ordinal)).Which.Should().ContainEquivalentOf("httponly");
        (await TextAsync(reader, "/runs")).Should().Contain("data-zone=\"Europe/Berlin\"");
        await SaveAsync(reader, ("times", "exact"), ("back", back));
        (await TextAsync(reader, "/runs")).Should().NotContain("data-ago").And.MatchRegex(@">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]:00</time>");
        await SaveAsync(reader, ("zone", "UTC"), ("times", "ages"), ("back", back));
        (await TextAsync(reader, "/runs")).Should().Contain("data-zone=\"UTC\"").And.Contain("data-ago");
    }

    [TestCase("https://evil.example/")]
    [TestCase("//evil.example")]
    [TestCase("")]
    public async Task Chosen_WithAReturnUrlToAnotherSite_LeadsToTheFirstPage(string back)
    {
        using var reader = await ReaderAsync(null);

        (await SaveAsync(reader, ("zone", "UTC"), ("back", back))).Headers.Location!.ToString().Should().Be("/");
    }

    [Test]
    public async Task Chosen_ZoneThatDoesNotExist_IsReportedAndNotKept()
    {
        using var reader = await ReaderAsync(null);

        var answer = await SaveAsync(reader, ("zone", "Nowhere/Town"));

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("There is no time zone &#x27;Nowhere/Town&#x27;");
        (await TextAsync(reader, "/runs")).Should().Contain("data-zone=\"UTC\"");
    }

    [Test]
    public async Task Chosen_WithoutTheTokenOfAForm_IsRejected()
    {
        using var reader = await ReaderAsync(null);

        (await reader.PostAsync($"{Pages}/times", ("zone", "Europe/Berlin"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task Page_OfTheTimes_OffersEveryZone() =>
        (await TextAsync(await ReaderAsync("Europe/Berlin"), "/times")).Should().Contain("<option value=\"Europe/Berlin\" selected>").And.Contain("America/New_York").And.NotContain("right/");

    [Test]
    public async Task Filter_OfALinkInAZone_MeansTheSameInAnother()
    {
        using var reader = await ReaderAsync(null);
        using var berlin = await ReaderAsync("Europe/Berlin");
        const string Link = "/runs?from=2026-07-01T12:00&to=2026-10-25T02:30&zone=Europe/Berlin";

        (await TextAsync(reader, Link)).Should().Contain("value=\"2026-07-01T10:00\"").And.Contain("value=\"2026-10-25T01:30\"").And.Contain("From (UTC)");
        (await TextAsync(berlin, Link)).Should().Contain("value=\"2026-07-01T12:00\"").And.Contain("value=\"2026-10-25T02:30\"").And.Contain("name=\"zone\" value=\"Europe/Berlin\"").And.Contain("From (Europe/Berlin)");
        (await TextAsync(berlin, "/runs?from=2026-07-01T12:00")).Should().Contain("value=\"2026-07-01T14:00\"", "a link without a zone is in UTC");
        (await TextAsync(berlin, "/runs?from=2026-07-01T12:00&zone=no/zone")).Should().Contain("value=\"2026-07-01T14:00\"");
    }

    [Test]
    public async Task Files_OfAPage_AreInUtcAndThePageSaysSo()
    {
        using var berlin = await ReaderAsync("Asia/Tokyo");
        using var plain = await ReaderAsync(null);

        (await TextAsync(berlin, "/runs")).Should().Contain("(times in UTC)");
        (await TextAsync(berlin, "/runs/export/csv")).Should().Be(await TextAsync(plain, "/runs/export/csv")).And.NotContain("+09:00");
    }

    private async Task<Visitor> ReaderAsync(string? zone)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync("reader", SomeUser.Password);
        if (zone is not null)
            visitor.Cookies.Add(new Cookie(PageTimes.ZoneCookie, Uri.EscapeDataString(zone), Pages, _server.Url.Host));
        return visitor;
    }

    private static async Task<HttpResponseMessage> SaveAsync(Visitor visitor, params (string, string)[] fields) =>
        await visitor.PostAsync($"{Pages}/times", [.. fields, ("__RequestVerificationToken", Visitor.FormToken(await TextAsync(visitor, "/times")))]);

    private static async Task<string> TextAsync(Visitor visitor, string path, bool isLive = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Pages + path);
        if (isLive)
            request.Headers.Add("X-Live", "yes");
        return WebUtility.HtmlDecode(await (await visitor.SendAsync(request)).Content.ReadAsStringAsync());
    }

    [GeneratedRegex(@"\(?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?<zone>UTC|[+-]\d\d:\d\d)\)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Moments();
}
