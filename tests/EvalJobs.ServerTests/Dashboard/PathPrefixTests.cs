using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The server below a path of a proxy: every address it writes is below that path, whether a setting or a header gives the path, and whether the proxy removes it or not.</summary>
public sealed partial class PathPrefixTests
{
    private const string Prefix = "/tools/evaljobs";

    private static readonly (string, string)[] KnownProxy =
        [.. SomeUser.Settings("alice", ViewerRole.Operator), .. SomeUser.Settings("carol", ViewerRole.Viewer, "acme"), ("Dashboard:KnownProxies:0", "127.0.0.0/8")];

    private static readonly (string, string)[] PathBase = [.. KnownProxy, ("Dashboard:PathBase", Prefix)];

    private static readonly TestCaseData[] Ways =
    [
        new(PathBase, null, true) { TestName = "Setting, the proxy removes the path" },
        new(PathBase, null, false) { TestName = "Setting, the proxy keeps the path" },
        new(KnownProxy, Prefix, true) { TestName = "Header, the proxy removes the path" },
        new(KnownProxy, Prefix, false) { TestName = "Header, the proxy keeps the path" },
    ];

    [TestCaseSource(nameof(Ways))]
    [CancelAfter(240_000)]
    public async Task Crawl_OfEveryPage_FindsNoAddressOutsideThePath((string, string)[] settings, string? header, bool removesPath, CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync(settings);
        await SomeDashboard.AddAsync(server);
        using var browser = new Browser(server.Url, header, removesPath);
        await browser.SignInAsync();

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<string>([Prefix, $"{Prefix}/account", $"{Prefix}/api", $"{Prefix}/hangfire", $"{Prefix}/api/v1/runs?limit=1", $"{Prefix}/nowhere"]);
        var shapes = new Dictionary<string, int>(StringComparer.Ordinal);
        var outside = new List<string>();
        while (waiting.TryDequeue(out var address) && !cancellationToken.IsCancellationRequested)
        {
            var answer = await browser.GetAsync(address);
            var type = answer.Content.Headers.ContentType?.MediaType ?? "";
            var text = type is "text/html" or "application/json" or "text/css" ? await answer.Content.ReadAsStringAsync(cancellationToken) : "";
            var found = Addresses(text).Concat(answer.Headers.Location is { } location ? [("location", location.OriginalString)] : []);
            ((int)answer.StatusCode).Should().BeLessThan(500, address);
            if (address.Contains("/nowhere", StringComparison.Ordinal) is false)
                answer.StatusCode.Should().NotBe(HttpStatusCode.NotFound, address);

            // One page of each kind is enough, and two pages that a list links to.
            foreach (var (kind, each) in found.Select(each => (each.Item1, WebUtility.HtmlDecode(each.Item2).Split('#')[0])).Where(each => each.Item2.Length > 0 && seen.Add(each.Item2)))
            {
                if (each.StartsWith("http://", StringComparison.Ordinal) || each.StartsWith("https://", StringComparison.Ordinal) || !each.StartsWith('/'))
                {
                    if (!each.StartsWith("https://www.hangfire.io", StringComparison.Ordinal) && !each.StartsWith('?') && type == "text/html")
                        outside.Add($"{address} -> {each}");
                    continue;
                }

                if (!each.StartsWith($"{Prefix}/", StringComparison.Ordinal) && each != Prefix && !each.StartsWith($"{Prefix}?", StringComparison.Ordinal))
                    outside.Add($"{address} -> {each}");
                else if (!kind.EndsWith("action", StringComparison.Ordinal) && !kind.EndsWith("url", StringComparison.Ordinal) && (shapes[Shape(each)] = shapes.GetValueOrDefault(Shape(each)) + 1) <= 2)
                    waiting.Enqueue(each);
            }
        }

        outside.Should().BeEmpty();
        seen.Should().HaveCountGreaterThan(120).And.Contain(each => each.Contains("/runs/", StringComparison.Ordinal)).And.Contain(each => each.Contains("/jobs/", StringComparison.Ordinal));
        browser.CookiePaths.Should().NotBeEmpty().And.OnlyContain(path => path == Prefix || path.StartsWith($"{Prefix}/", StringComparison.Ordinal));
    }

    [Test]
    public async Task Form_BelowThePath_LeadsBackBelowIt()
    {
        await using var server = await RunningServer.StartAsync(PathBase);
        await server.Some.TenantAsync("acme");
        using var browser = new Browser(server.Url, null, removesPath: true);
        await browser.SignInAsync();
        var page = await (await browser.GetAsync($"{Prefix}/hangfire/evaluations/tenants/acme")).Content.ReadAsStringAsync();

        var answer = await browser.PostAsync($"{Prefix}/hangfire/evaluations/tenants/acme/pause", ("__RequestVerificationToken", Visitor.FormToken(page)));

        answer.Headers.Location!.OriginalString.Should().Be($"{Prefix}/hangfire/evaluations/tenants/acme");
        (await server.Some.Tenants.FindAsync("acme", default)).IsPaused.Should().BeTrue();
        (await (await browser.GetAsync($"{Prefix}/hangfire/evaluations/tenants/acme")).Content.ReadAsStringAsync()).Should().Contain("alert-success", "the browser sends the message's cookie back");
    }

    [Test]
    public async Task UnknownAddress_BelowThePath_LeadsBackBelowIt()
    {
        await using var server = await RunningServer.StartAsync(PathBase);
        using var browser = new Browser(server.Url, null, removesPath: true);
        await browser.SignInAsync();

        var page = await (await browser.GetAsync($"{Prefix}/nowhere")).Content.ReadAsStringAsync();

        page.Should().Contain("There is no page at this address.").And.Contain($"href=\"{Prefix}/\">To the start page").And.Contain($"href=\"{Prefix}/hangfire/");
        var signOut = await browser.GetAsync($"{Prefix}/signout");
        signOut.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        (await signOut.Content.ReadAsStringAsync()).Should().Contain("This address accepts only forms").And.Contain($"href=\"{Prefix}/\">To the start page");
    }

    [TestCase("/elsewhere")]
    [TestCase("//evil.example")]
    [TestCase("/tools/evaljobsx")]
    public async Task SignIn_ReturnUrlOutsideThePath_LeadsToTheStartPage(string returnUrl)
    {
        await using var server = await RunningServer.StartAsync(PathBase);
        using var browser = new Browser(server.Url, null, removesPath: true);

        (await browser.SignInAsync(returnUrl: returnUrl)).Headers.Location!.OriginalString.Should().Be($"{Prefix}/");
    }

    [Test]
    public async Task SignIn_OfAPersonOfSomeTenants_LeadsToTheStartPageBelowThePath()
    {
        await using var server = await RunningServer.StartAsync(KnownProxy);
        using var browser = new Browser(server.Url, Prefix, removesPath: true);

        (await browser.SignInAsync("carol", $"{Prefix}/hangfire/jobs/enqueued")).Headers.Location!.OriginalString.Should().Be($"{Prefix}/");
        (await browser.GetAsync($"{Prefix}/hangfire/evaluations?name=a")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Test]
    public async Task SignIn_Needed_LeadsBackToTheRequestedPage()
    {
        await using var server = await RunningServer.StartAsync(KnownProxy);
        using var browser = new Browser(server.Url, Prefix, removesPath: true);

        (await browser.GetAsync($"{Prefix}/hangfire/evaluations/runs?status=FAILED")).Headers.Location!.OriginalString
            .Should().Be($"{Prefix}/signin?returnUrl={Uri.EscapeDataString($"{Prefix}/hangfire/evaluations/runs?status=FAILED")}");
    }

    [Test]
    public async Task Header_InvalidPath_IsIgnored()
    {
        await using var server = await RunningServer.StartAsync(KnownProxy);
        foreach (var header in new[] { "//evil.example", "/a b", "/a\"b", "https://evil.example", "/..", "/hangfire", "/API/x", "evil", $"/{new string('a', 300)}" })
        {
            using var visitor = new Visitor(server.Url).With("X-Forwarded-For", "203.0.113.5").With("X-Forwarded-Proto", "https").With("X-Forwarded-Prefix", header);

            (await visitor.GetAsync("/hangfire/evaluations")).Headers.Location!.OriginalString.Should().StartWith("/signin?", header);
        }
    }

    [Test]
    public async Task Header_OfAnUnknownProxy_IsIgnored()
    {
        await using var server = await RunningServer.StartAsync([.. SomeUser.Settings("alice", ViewerRole.Operator), ("Dashboard:KnownProxies:0", "10.0.0.7")]);
        using var visitor = new Visitor(server.Url).With("X-Forwarded-Prefix", Prefix);

        var answer = await visitor.GetAsync("/signin");

        (await answer.Content.ReadAsStringAsync()).Should().NotContain(Prefix);
        (await visitor.GetAsync($"{Prefix}/health/live")).StatusCode.Should().NotBe(HttpStatusCode.OK);
    }

    [Test]
    public async Task Header_WithTheSettingAsWell_IsIgnored()
    {
        await using var server = await RunningServer.StartAsync(PathBase);
        using var browser = new Browser(server.Url, "/another", removesPath: true);

        (await browser.GetAsync($"{Prefix}/hangfire/evaluations")).Headers.Location!.OriginalString.Should().StartWith($"{Prefix}/signin?");
    }

    [Test]
    public async Task Head_SignInConfigured_AnswersWhereGetDoes()
    {
        await using var server = await RunningServer.StartAsync(PathBase);
        using var unknownProxy = new Browser(server.Url, null, removesPath: true);
        using var browser = new Browser(server.Url, null, removesPath: true);
        await browser.SignInAsync();
        string[] paths =
        [
            "/", "/health/live", "/health/ready", "/signin", "/account", "/hangfire", "/hangfire/recurring", "/hangfire/css0", "/hangfire/js0", "/hangfire/evaluations",
            "/hangfire/evaluations/runs/export/csv", "/hangfire/evaluations/evaljobs.js", "/api/v1/runs", "/api/v1/openapi.json",
        ];

        foreach (var (who, path) in new[] { unknownProxy, browser }.SelectMany(who => paths.Select(path => (who, path))))
        {
            var get = await who.GetAsync(Prefix + path);
            var head = await who.SendAsync(HttpMethod.Head, Prefix + path);

            head.StatusCode.Should().Be(get.StatusCode, path);
            head.Content.Headers.ContentType.Should().Be(get.Content.Headers.ContentType, path);
            head.Headers.Location.Should().Be(get.Headers.Location, path);
            (await head.Content.ReadAsByteArrayAsync()).Should().BeEmpty(path);
            if (who == browser || path.StartsWith("/health", StringComparison.Ordinal))
                get.StatusCode.Should().BeOneOf([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Found], path);
        }
    }

    [TestCase("evaljobs")]
    [TestCase("/evaljobs/")]
    [TestCase("/")]
    [TestCase("/hangfire/x")]
    [TestCase("https://example.com/evaljobs")]
    public async Task Setting_InvalidPath_StopsTheStartAndNamesTheSetting(string value)
    {
        var start = () => RunningServer.StartAsync(("Dashboard:PathBase", value));

        (await start.Should().ThrowAsync<InvalidInputException>()).Which.Message.Should().Contain("PathBase").And.Contain(value);
    }

    /// <returns>The addresses that a browser would follow, load or post to, in a page, a style sheet, or an answer of the API.</returns>
    private static IEnumerable<(string Kind, string Address)> Addresses(string text) => Links().Matches(text).Select(match => (match.Groups["kind"].Value, match.Groups["address"].Value));

    /// <returns>The address without its numbers and query values: the kind of the page.</returns>
    private static string Shape(string address) => Numbers().Replace(Values().Replace(address, "="), "0");

    [GeneratedRegex("""(\s(?<kind>href|src|action|formaction|data-[a-z-]*(url|part|document)[a-z-]*)="|url\(["']?|"next":\s*")(?<address>[^"')]*)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Links();

    [GeneratedRegex("[0-9]+(,[0-9]+)*|[0-9a-f-]{36}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Numbers();

    [GeneratedRegex("=[^&]*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Values();

    /// <summary>A client that acts as a browser behind a proxy that ends https: it sends Secure cookies and the proxy's headers.</summary>
    private sealed class Browser(Uri server, string? header, bool removesPath) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server };
        private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

        public HashSet<string> CookiePaths { get; } = new(StringComparer.Ordinal);

        public Task<HttpResponseMessage> GetAsync(string address) => SendAsync(HttpMethod.Get, address);

        public Task<HttpResponseMessage> PostAsync(string address, params (string Name, string Value)[] fields) =>
            SendAsync(HttpMethod.Post, address, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

        public async Task<HttpResponseMessage> SignInAsync(string name = "alice", string? returnUrl = null)
        {
            var page = await (await GetAsync($"{Prefix}/signin?returnUrl={Uri.EscapeDataString(returnUrl ?? "")}")).Content.ReadAsStringAsync();
            Addresses(page).Should().OnlyContain(each => each.Address.StartsWith(Prefix, StringComparison.Ordinal));
            return await PostAsync($"{Prefix}/signin", ("name", name), ("password", SomeUser.Password), ("returnUrl", returnUrl ?? ""), ("__RequestVerificationToken", Visitor.FormToken(page)));
        }

        public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, HttpContent? content = null)
        {
            using var request = new HttpRequestMessage(method, removesPath ? $"/{address[Prefix.Length..].TrimStart('/')}" : address) { Content = content };
            request.Headers.TryAddWithoutValidation("Accept", "text/html, application/json;q=0.9, */*;q=0.5");
            request.Headers.Add("X-Forwarded-For", "203.0.113.5");
            request.Headers.Add("X-Forwarded-Proto", "https");
            if (header is not null)
                request.Headers.Add("X-Forwarded-Prefix", header);
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            var answer = await _http.SendAsync(request);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                var parts = cookie.Split(';', StringSplitOptions.TrimEntries);
                var (name, value) = (parts[0].Split('=', 2)[0], parts[0].Split('=', 2)[1]);
                _cookies[name] = value;
                CookiePaths.Add(parts.Single(part => part.StartsWith("path=", StringComparison.OrdinalIgnoreCase))[5..]);
            }

            return answer;
        }

        public void Dispose() => _http.Dispose();
    }
}
