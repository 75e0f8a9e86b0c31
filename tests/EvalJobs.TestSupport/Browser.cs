using Microsoft.Playwright;

namespace EvalJobs.Tests.Support;

/// <summary>A headless Chromium of this machine's own. One per fixture: starting it is what takes time.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            @"C:\Program Files\Google\Chrome\Application\chrome.exe"];

    /// <summary>Chromium's menu below its address line, which nobody sees, is two pages of its own in every window: a tenth to a half of a second of processor time for each visit.</summary>
    private const string AddressMenu = "WebUIOmniboxPopup,WebUIOmniboxAimPopup";

    /// <summary>What Playwright itself turns off. Of this switch the browser takes the last alone.</summary>
    private const string TurnedOffByPlaywright =
        "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,DialMediaRouteProvider,GlobalMediaControls,HttpsUpgrades,LensOverlay,MediaRouter,PaintHolding,"
        + "ThirdPartyStoragePartitioning,BlockOriginHeaderModificationOnRedirect,AvoidCorsURLLoaderRestartOnRedirect,Translate,AutoDeElevate,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled";

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Starts it; skips the test, saying why, where there is none.</summary>
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
            // Such as a packaged browser that may not read the profile it is given. In CI that is a failure.
            playwright.Dispose();
            Assert.Ignore($"{program} does not start: {error.Message}");
            throw;
        }
    }

    /// <summary>A visit with no memory of earlier ones.</summary>
    /// <param name="url">The server.</param>
    /// <param name="width">Of the window, pixels.</param>
    /// <param name="isDark">Whether the person likes it dark.</param>
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

/// <summary>One person's visit: remembers what the browser complained of and what it asked of other machines.</summary>
public sealed class Visit : IAsyncDisposable
{
    /// <summary>What the visit complains of when a script of a name, text or reply ran.</summary>
    public const string HackedComplaint = "A script that is not ours has set window.hacked.";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly IBrowserContext _context;

    private Visit(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Errors and warnings in the browser's console, of every page of the visit: refused styles and scripts, failed requests, thrown errors, <see cref="HackedComplaint"/>.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Requests to anything but the server.</summary>
    public List<string> Strangers { get; } = [];

    internal static async Task<Visit> StartAsync(IBrowserContext context, Uri url)
    {
        // Told by each page as it happens: whoever asks the last page only may ask while it gives way to another, and hears nothing of those before.
        await context.AddInitScriptAsync($"Object.defineProperty(window, 'hacked', {{ set() {{ console.error('{HackedComplaint}'); }} }});");
        var visit = new Visit(context, await context.NewPageAsync());
        visit.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                visit.Complaints.Add(message.Text);
        };
        visit.Page.PageError += (_, error) => visit.Complaints.Add(error);
        visit.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(url.ToString(), StringComparison.Ordinal))
                visit.Strangers.Add(request.Url);
        };
        return visit;
    }

    /// <summary>Opens a dashboard path.</summary>
    public async Task<IResponse> OpenAsync(string path) => (await Page.GotoAsync($"hangfire{path}"))!;

    /// <summary>Presses the button with these words and waits for the page that follows.</summary>
    public async Task PressAsync(string button)
    {
        var loaded = new TaskCompletionSource();
        void Loaded(object? sender, IPage page) => loaded.TrySetResult();
        Page.Load += Loaded;
        await Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await loaded.Task.WaitAsync(Patience);
        Page.Load -= Loaded;
    }

    /// <summary>Follows the link with these words and waits for the page behind it.</summary>
    public async Task FollowAsync(string link)
    {
        var loaded = new TaskCompletionSource();
        void Loaded(object? sender, IPage page) => loaded.TrySetResult();
        Page.Load += Loaded;
        await Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync();
        await loaded.Task.WaitAsync(Patience);
        Page.Load -= Loaded;
    }

    /// <summary>
    /// Writes a picture of the whole page to <c>screenshots</c> beside the test results, for people to look at, where <c>EVALJOBS_TEST_PICTURES</c> is set: no test reads it, and
    /// it takes the browser about half the processor time of axe-core.
    /// </summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("EVALJOBS_TEST_PICTURES") is { Length: > 0 })
            await Page.ScreenshotAsync(new() { Path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "screenshots", $"{name}.png"), FullPage = true });
    }

    /// <summary>What the page says happened.</summary>
    public async Task<string> MessageAsync() => (await Page.Locator(".ej-message").First.InnerTextAsync()).Trim();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
