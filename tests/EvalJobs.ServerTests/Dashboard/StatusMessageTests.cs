using System.Net;
using System.Text;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The message on the page after a suite's form or file, through plain HTTP.</summary>
public sealed class StatusMessageTests
{
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;
    private Tenant _tenant = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _tenant = await _server.Some.TenantAsync("acme");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [TestCase("評", 900)]
    [TestCase("😀", 300)]
    [TestCase("a", 1500)]
    public async Task Message_LongInAnyScript_IsShownOnTheNextPage(string letter, int count)
    {
        using var visitor = new Visitor(_server.Url);
        var token = await TokenAsync(visitor);
        var name = string.Concat(Enumerable.Repeat(letter, count));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hangfire/evaluations/suites/upload?tenant=acme")
        {
            Content = new MultipartFormDataContent
            {
                { new StringContent(token), TokenField },
                { new StringContent($"from a file of {letter}"), "name" },
                { new StringContent("exact_match"), "scorer" },
                { new StringContent("import"), "do" },
                { new ByteArrayContent(Encoding.UTF8.GetBytes("""{"input":"q","expected":"a"}""")), "file", $"{name}.jsonl" },
            },
        };

        var answer = await visitor.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var page = await (await visitor.GetAsync(answer.Headers.Location!.ToString())).Content.ReadAsStringAsync();
        WebUtility.HtmlDecode(page).Should().Contain($"1 case of {letter}{letter}{letter}");
    }

    private static async Task<string> TokenAsync(Visitor visitor) =>
        Visitor.FormToken(await (await visitor.GetAsync("/hangfire/evaluations/suites/new?tenant=acme")).Content.ReadAsStringAsync());
}
