using System.Text.Json;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>The OpenAPI document in the repository equals the served one and is complete.</summary>
public sealed class ApiDocumentTests
{
    private const string Page = "docs/guide/openapi.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private RunningServer _server = null!;
    private JsonElement _document;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        using var anonymous = _server.Program(null);
        _document = (await anonymous.GetReplyAsync("openapi.json")).Json;
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public void Document_CheckedIn_IsTheOneServed()
    {
        var served = JsonSerializer.Serialize(_document, Indented) + "\n";
        if (Update.IsWanted("openapi"))
            File.WriteAllText(Path.Combine(Repository.Root, Page), served);

        (JsonSerializer.Serialize(JsonElement.Parse(Repository.Read(Page)), Indented) + "\n").Should().Be(
            served, $"programs rely on {Page}. If the change is intended, run this test once with EVALJOBS_UPDATE=openapi and check the difference; a change that breaks programs needs /api/v2");
    }

    [Test]
    public void Document_Always_IsOpenApi31AndHoldsEveryEndpoint()
    {
        _document.GetProperty("openapi").GetString().Should().StartWith("3.1");
        Operations().Select(operation => operation.GetProperty("operationId").GetString()).Should().BeEquivalentTo(ApiTestData.Endpoints(_server).Select(ApiTestData.Name));
    }

    [Test]
    public void Operations_Always_DescribeWhatTheyDoAndHowTheyFail()
    {
        foreach (var operation in Operations())
        {
            var id = operation.GetProperty("operationId").GetString();
            operation.GetProperty("summary").GetString().Should().NotBeNullOrEmpty(id);
            var responses = operation.GetProperty("responses").EnumerateObject().ToList();
            responses.Select(response => response.Name).Should().Contain(["400", "401", "403", "404", "429", "503"], id).And.Contain(status => status.StartsWith('2'), id);
            responses.Where(response => response.Name[0] is '4' or '5').Should().OnlyContain(response => response.Value.GetProperty("content").ToString().Contains("application/problem+json", StringComparison.Ordinal), id);
            foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().ToList() : [])
                parameter.TryGetProperty("description", out _).Should().BeTrue("{0}: {1} needs a description", id, parameter.GetProperty("name"));
        }
    }

    [Test]
    public void Schemas_Always_DescribeEachProperty()
    {
        var undescribed = _document.GetProperty("components").GetProperty("schemas").EnumerateObject()
            .SelectMany(schema => schema.Value.TryGetProperty("properties", out var properties)
                ? properties.EnumerateObject().Where(property => !property.Value.ToString().Contains("\"description\"", StringComparison.Ordinal)).Select(property => $"{schema.Name}.{property.Name}")
                : [])
            .Where(name => !name.StartsWith("PageOf", StringComparison.Ordinal));

        undescribed.Should().BeEmpty();
    }

    [Test]
    public async Task Reference_OfTheDocument_LoadsNothingFromOtherServersAndKeepsTheStrictPolicy()
    {
        using var anonymous = _server.Program(null);
        var page = await anonymous.GetReplyAsync("/api");

        page.Status.Should().Be(200, page.Text);
        var policy = page.Message.Headers.GetValues("Content-Security-Policy").Single();
        policy.Should().Contain("script-src 'self';").And.NotContain("unsafe-inline").And.NotContain("unsafe-eval").And.NotContain("http");
        page.Text.Should().NotContain("//", "nothing is loaded from another server");
        (await anonymous.GetReplyAsync("/api/assets/scalar.js")).Message.Content.Headers.ContentType!.MediaType.Should().Be("text/javascript");

        await using var browser = await Browser.StartAsync();
        await using var visit = await browser.VisitAsync(_server.Url);
        await visit.Page.GotoAsync(new Uri(_server.Url, "/api").ToString());
        await visit.Page.GetByText("Open Group - runs").First.WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
        visit.RequestsToOtherHosts.Should().BeEmpty("no request leaves this server");
        visit.ConsoleErrors.Should().BeEmpty();
    }

    private IEnumerable<JsonElement> Operations() =>
        _document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(entry => entry.Name is "get" or "put" or "post" or "delete" or "patch").Select(entry => entry.Value));
}
