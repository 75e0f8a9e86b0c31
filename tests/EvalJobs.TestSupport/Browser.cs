using Microsoft.Playwright;

namespace EvalJobs.Tests.Support;

/// <summary>A headless Chromium installed on this machine. Start one per fixture, because the start is slow.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            @"C:\Program Files\Google\Chrome\Application\chrome.exe"];

    /// <summary>Chromium's invisible menu below the address line loads two pages in every window. They cost 0.1 to 0.5 seconds of processor time for each visit.</summary>
    private const string AddressMenu = "WebUIOmniboxPopup,WebUIOmniboxAimPopup";

    /// <summary>The features that Playwright itself turns off. The browser uses only the last occurrence of this switch, so they are repeated here.</summary>
    private const string TurnedOffByPlaywright =
        "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,DialMediaRouteProvider,GlobalMediaControls,HttpsUpgrades,LensOverlay,MediaRouter,PaintHolding,"
        + "ThirdPartyStoragePartitioning,BlockOriginHeaderModificationOnRedirect,AvoidCorsURLLoaderRestartOnRedirect,Translate,AutoDeElevate,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled";

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Starts it. Where there is none, skips the test with a reason.</summary>
    public static async Task<Browser> StartAsync()
    {
        var program = Environment.GetEnvironmentVariable("EVALJOBS_TEST_CHROMIUM") is { Length: > 0 } named ? named : Places.FirstOrDefault(File.Exists);
        if (program is null)
            Assert.Ignore("No Chromium or Chrome found: install one, or name its program in EVALJOBS_TEST_CHROMIUM.");

        var playwright = await Playwright.CreateAsync();
        try
        {
            return new Browser(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = program,
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", "--no-first-run", "--no-default-browser-check", $"--disable-features={TurnedOffByPlaywright},{AddressMenu}",
                ],
            }));
        }
        catch (PlaywrightException error) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            // For example, a packaged browser that may not read its profile folder. In CI this is a failure.
            playwright.Dispose();
            Assert.Ignore($"{program} does not start: {error.Message}");
            throw;
        }
    }

    /// <summary>A new browser session, without cookies or storage of earlier ones.</summary>
    /// <param name="url">The server.</param>
    /// <param name="width">Width of the window in pixels.</param>
    /// <param name="isDark">Whether the browser prefers the dark colour scheme.</param>
    public async Task<Visit> VisitAsync(Uri url, int width = 1280, bool isDark = false)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = url.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
        });
        context.SetDefaultTimeout(60_000);
        return await Visit.StartAsync(context, url);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>One browser session. It records console errors and requests to other hosts.</summary>
public sealed class Visit : IAsyncDisposable
{
    /// <summary>The console error that appears when a script in a name, text or reply ran.</summary>
    public const string HackedError = "A foreign script has set window.hacked.";

    private static readonly TimeSpan LoadTimeout = TimeSpan.FromMinutes(1);

    private readonly IBrowserContext _context;

    private Visit(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Errors and warnings in the browser's console on every page of the session: blocked styles and scripts, failed requests, thrown errors, <see cref="HackedError"/>.</summary>
    public List<string> ConsoleErrors { get; } = [];

    /// <summary>Addresses of requests to other hosts than the server.</summary>
    public List<string> RequestsToOtherHosts { get; } = [];

    internal static async Task<Visit> StartAsync(IBrowserContext context, Uri url)
    {
        // Each page reports through events. Reading the console of the current page at the end would miss earlier pages and could happen during a navigation.
        await context.AddInitScriptAsync($"Object.defineProperty(window, 'hacked', {{ set() {{ console.error('{HackedError}'); }} }});");
        var visit = new Visit(context, await context.NewPageAsync());
        visit.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                visit.ConsoleErrors.Add(message.Text);
        };
        visit.Page.PageError += (_, error) => visit.ConsoleErrors.Add(error);
        visit.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(url.ToString(), StringComparison.Ordinal))
                visit.RequestsToOtherHosts.Add(request.Url);
        };
        return visit;
    }

    /// <summary>Opens a dashboard path.</summary>
    public async Task<IResponse> OpenAsync(string path) => (await Page.GotoAsync($"hangfire{path}"))!;

    /// <summary>Presses the button with this text and waits until the next page has loaded.</summary>
    public async Task PressAsync(string button)
    {
        var loaded = new TaskCompletionSource();
        void Loaded(object? sender, IPage page) => loaded.TrySetResult();
        Page.Load += Loaded;
        await Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await loaded.Task.WaitAsync(LoadTimeout);
        Page.Load -= Loaded;
    }

    /// <summary>Follows the link with this text and waits until its page has loaded.</summary>
    public async Task FollowAsync(string link)
    {
        var loaded = new TaskCompletionSource();
        void Loaded(object? sender, IPage page) => loaded.TrySetResult();
        Page.Load += Loaded;
        await Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync();
        await loaded.Task.WaitAsync(LoadTimeout);
        Page.Load -= Loaded;
    }

    /// <summary>
    /// Writes a screenshot of the whole page to <c>screenshots</c> next to the test results, if <c>EVALJOBS_TEST_PICTURES</c> is set. It is for people: no test reads it, and
    /// a screenshot costs about half the processor time of an axe-core check.
    /// </summary>
    public async Task SaveScreenshotAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("EVALJOBS_TEST_PICTURES") is { Length: > 0 })
            await Page.ScreenshotAsync(new() { Path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "screenshots", $"{name}.png"), FullPage = true });
    }

    /// <summary>The status message of the page.</summary>
    public async Task<string> MessageAsync() => (await Page.Locator(".ej-message").First.InnerTextAsync()).Trim();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
