using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>A user who follows all links of the product's pages gets no rejection and no missing page, and sees nothing of forbidden tenants.</summary>
public sealed partial class LinkWalkTests
{
    private const string Home = "/hangfire/evaluations";

    // The links lead to lists in every order and filter, so this number of pages is enough.
    private const int MaxPages = 250;

    private RunningServer _server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync(
            [.. SomeUser.Settings("operator", ViewerRole.Operator), .. SomeUser.Settings("reader", ViewerRole.Viewer), .. SomeUser.Settings("limited", ViewerRole.Operator, "acme"), .. SomeUser.Settings("limited-reader", ViewerRole.Viewer, "acme")]);
        var data = await SomeDashboard.AddAsync(_server);
        await _server.Services.GetRequiredService<RunScheduleRepository>()
            .AddAsync(data.Acme.Id, data.Completed.SuiteId, new ScheduleDraft { AgentName = "agent", Cron = "0 2 * * 1-5", TimeZone = "Europe/Berlin" }, "test", default);
        await _server.TickAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [TestCase("operator", false)]
    [TestCase("reader", false)]
    [TestCase("limited", true)]
    [TestCase("limited-reader", true)]
    public async Task Person_FollowingEveryLink_MeetsNoError(string name, bool isLimited)
    {
        using var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        var (waiting, seen, refused, foreign) = (new Queue<(string Path, string From)>([(Home, "the start")]), new HashSet<string>([Home], StringComparer.Ordinal), new List<string>(), new List<string>());
        var read = 0;

        while (waiting.TryDequeue(out var link) && read++ < MaxPages)
        {
            using var answer = await visitor.GetAsync(link.Path);
            if ((int)answer.StatusCode >= 400)
                refused.Add($"{(int)answer.StatusCode} at {link.Path}, a link of {link.From}");
            if (answer.StatusCode != HttpStatusCode.OK || answer.Content.Headers.ContentType?.MediaType != "text/html")
                continue;
            var page = await answer.Content.ReadAsStringAsync();
            if (isLimited && (page.Contains("hostile", StringComparison.OrdinalIgnoreCase) || page.Contains("/tenants/backlog", StringComparison.Ordinal)))
                foreign.Add(link.Path);
            foreach (var path in Links().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups["path"].Value)).Where(path => path.StartsWith("/hangfire", StringComparison.Ordinal) && seen.Add(path)))
                waiting.Enqueue((path, link.Path));
        }

        refused.Should().BeEmpty();
        foreign.Should().BeEmpty("it names other tenants");
        read.Should().BeGreaterThan(isLimited ? 40 : 60, "the walk must visit many pages");
        seen.Contains($"{Home}/jobs").Should().Be(!isLimited, "the server's jobs are only for users who may see every tenant");
    }

    [GeneratedRegex("<a [^>]*href=\"(?<path>[^\"#]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Links();
}
