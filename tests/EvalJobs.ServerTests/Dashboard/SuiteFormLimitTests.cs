using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>A form with the maximum number of cases, and with more.</summary>
public sealed class SuiteFormLimitTests
{
    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private Tenant _tenant = null!;

    [SetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _tenant = await _server.Some.TenantAsync("acme");
        _visitor = new Visitor(_server.Url);
    }

    [TearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Form_WithTooManyCases_IsRejectedAndKeepsThemAll()
    {
        var (answer, page) = await PostAsync(101);

        answer.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        page.Should().Contain("A form has at most 100 cases").And.Contain("question 100<").And.NotContain("Add another case");
        (await _server.Some.Suites.ListAsync(_tenant.Id, default)).Should().BeEmpty();
    }

    [Test]
    public async Task AnotherCase_WhereThereIsNoRoom_IsRejectedAndStoresNothing()
    {
        var (answer, page) = await PostAsync(100, ("more", "yes"));

        answer.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        page.Should().Contain("A form has at most 100 cases").And.NotContain("Add another case");
        (await _server.Some.Suites.ListAsync(_tenant.Id, default)).Should().BeEmpty();
    }

    [Test]
    public async Task Form_WithTheMaximumOfCases_IsStoredCompletely()
    {
        var (answer, _) = await PostAsync(100);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var suite = (await _server.Some.Suites.ListAsync(_tenant.Id, default)).Single();
        (await _server.Some.Suites.CountCasesAsync(suite.Id, suite.Revision, default)).Should().Be(100);
    }

    // Every field that the page would send, to prove that the server's limit on fields is high enough.
    private async Task<(HttpResponseMessage Answer, string Page)> PostAsync(int cases, params (string Name, string Value)[] more)
    {
        var blank = await (await _visitor.GetAsync("/hangfire/evaluations/suites/new?tenant=acme")).Content.ReadAsStringAsync();
        var perCase = Regex.Matches(blank, @"name=""case\.0\.(?<field>[a-z]+)""", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Select(match => match.Groups["field"].Value).Distinct(StringComparer.Ordinal).ToList();
        var fields = Enumerable.Range(0, cases).SelectMany(at => perCase.Select(field => (
            $"case.{at}.{field}",
            field switch { "input" => $"question {at}", "expected" => "a", "scorer" => "exact_match", "weight" => "1", _ => "" })));
        var answer = await _visitor.PostAsync("/hangfire/evaluations/suites/new?tenant=acme",
        [
            ("__RequestVerificationToken", Visitor.FormToken(blank)), ("name", "long"), ("threshold", "0.8"), .. fields, .. more,
        ]);
        return (answer, await answer.Content.ReadAsStringAsync());
    }
}
