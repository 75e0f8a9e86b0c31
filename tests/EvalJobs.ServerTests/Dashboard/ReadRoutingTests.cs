using System.Net;
using EvalJobs.Data;
using EvalJobs.Server.Dashboard;
using EvalJobs.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Which pages read a secondary of the database, and that a browser sees what it has just posted.</summary>
internal sealed class ReadRoutingTests
{
    private static readonly StorageOptions Storage = new() { Provider = StorageProvider.SqlServer, ConnectionString = "Server=db;Database=EvalJobs;User Id=u;Password=p", ReadOnlyIntent = true };

    [Test]
    public async Task Endpoints_ThatReadTheReplica_AreListsChartsAndTheirFiles()
    {
        await using var app = ServerApp.Build(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["EvalJobs:Storage:Provider"] = "SqlServer",
            ["EvalJobs:Storage:ConnectionString"] = Storage.ConnectionString,
            ["EvalJobs:Storage:ReadOnlyIntent"] = "true",
        });
        var marked = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ReadRouting.Metadata>() is not null).ToList();

        marked.Select(endpoint => endpoint.RoutePattern.RawText!.Split("/evaluations")[1]).Should().BeEquivalentTo(
            ["/", "/runs", "/search", "/trend", "/compare", "/compare/case", "/suites", "/suites/{id:long}/difference", "/versions", "/audit", "/runs/export/{format}", "/compare/export/{format}",
             "/audit/export/{format}"],
            "the API and pages with a form, a standing or a gate must read the latest data");
        marked.Should().AllSatisfy(endpoint =>
        {
            endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Should().BeSubsetOf(["GET", "HEAD"]);
            endpoint.Metadata.GetMetadata<PostedForms.Metadata>().Should().BeNull();
        });
    }

    [Test]
    public async Task Request_ForAList_ReadsTheReplicaUntilTheBrowserPosts()
    {
        await using var app = await StartAsync();
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(app.Urls.First()) };

        var list = await browser.GetStringAsync("/hangfire/list");
        var file = await browser.GetStringAsync("/hangfire/file");
        var page = await browser.GetStringAsync("/hangfire/page");
        using var posted = await browser.PostAsync("/hangfire/act", null);
        var after = await browser.GetStringAsync("/hangfire/list");

        list.Should().Be("ReadOnly");
        file.Should().Be("ReadOnly", "the data is read while the answer is written, after the handler has returned");
        page.Should().Be("ReadWrite");
        (await posted.Content.ReadAsStringAsync()).Should().Be("ReadWrite");
        posted.Headers.GetValues("Set-Cookie").Single().Should().MatchRegex("^evaljobs-wrote=1; max-age=30; path=/hangfire; samesite=strict; httponly$");
        after.Should().Be("ReadWrite", "the secondary may not have the posted data yet");
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAntiforgery().AddSingleton(Storage)
            .AddSingleton(new EvaluationDatabase(Storage, text => throw new NotSupportedException($"{new SqlConnectionStringBuilder(text).ApplicationIntent}")));
        var app = builder.Build();
        app.UseReadRouting();
        app.UseAntiforgery();
        app.MapGet("/hangfire/list", ReadAsync).ReadsCopy();
        app.MapGet("/hangfire/file", (EvaluationDatabase database) => Results.Stream(async body => await body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(await ReadAsync(database))))).ReadsCopy();
        app.MapGet("/hangfire/page", ReadAsync);
        app.MapPost("/hangfire/act", ReadAsync).WithMetadata(new PostedForms.Metadata());
        await app.StartAsync();
        return app;
    }

    /// <returns>The application intent of the connection that the request would have opened.</returns>
    private static async Task<string> ReadAsync(EvaluationDatabase database)
    {
        try
        {
            await database.QueryAsync<long>(SqlQuery.ReadDatabaseClock, null, default);
            return "";
        }
        catch (NotSupportedException error)
        {
            return error.Message;
        }
    }
}
