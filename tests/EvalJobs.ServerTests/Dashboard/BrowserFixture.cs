using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Tests of a running server in a real browser. A fixture has one server and one browser; without a browser it is skipped with the reason.</summary>
[Category("Browser")]
internal abstract class BrowserFixture
{
    protected Browser Browser { get; private set; } = null!;

    protected RunningServer Server { get; private set; } = null!;

    protected Some Some => Server.Some;

    /// <summary>The server's settings; names without "EvalJobs:".</summary>
    protected virtual (string Name, string Value)[] Settings => [];

    [OneTimeSetUp]
    public async Task StartBrowserAndServer()
    {
        Browser = await Browser.StartAsync();
        Server = await RunningServer.StartAsync(Settings);
    }

    [OneTimeTearDown]
    public async Task StopServerAndBrowser()
    {
        if (Server is not null)
            await Server.DisposeAsync();
        if (Browser is not null)
            await Browser.DisposeAsync();
    }
}

/// <summary>A visit for each test. Unexpected errors in the browser's console fail the test.</summary>
internal abstract class VisitFixture : BrowserFixture
{
    /// <summary>The test's visit. If a test replaces it, the new one is checked and disposed at the end.</summary>
    protected Visit Visit { get; set; } = null!;

    [SetUp]
    public async Task BeginVisit() => Visit = await Browser.VisitAsync(Server.Url);

    [TearDown]
    public async Task EndVisit()
    {
        Visit.ConsoleErrors.Where(error => !IsExpected(error)).Should().BeEmpty();
        Visit.RequestsToOtherHosts.Should().BeEmpty();
        await Visit.DisposeAsync();
    }

    /// <summary>Whether this console error is expected, such as an error status that a test causes.</summary>
    protected virtual bool IsExpected(string error) => false;
}
