using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Tests of a running server in a real browser, one of each for the fixture; skipped with the reason where there is no browser.</summary>
[Category("Browser")]
internal abstract class BrowserFixture
{
    protected Browser Browser { get; private set; } = null!;

    protected RunningServer Server { get; private set; } = null!;

    protected Some Some => Server.Some;

    /// <summary>The server's settings, without "EvalJobs:".</summary>
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

/// <summary>A visit for each test, in which the browser may complain of nothing but what is expected.</summary>
internal abstract class VisitFixture : BrowserFixture
{
    /// <summary>The test's visit. One that takes its place is looked at and ended in its stead.</summary>
    protected Visit Visit { get; set; } = null!;

    [SetUp]
    public async Task BeginVisit() => Visit = await Browser.VisitAsync(Server.Url);

    [TearDown]
    public async Task EndVisit()
    {
        Visit.ConsoleErrors.Where(complaint => !IsExpected(complaint)).Should().BeEmpty();
        Visit.RequestsToOtherHosts.Should().BeEmpty();
        await Visit.DisposeAsync();
    }

    /// <summary>Whether the browser may complain of that, such as of a status that a test provokes.</summary>
    protected virtual bool IsExpected(string complaint) => false;
}
