using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>
/// The screenshots in README.md and docs/operate/dashboard.md show pages of the demo. <c>EVALJOBS_UPDATE=screenshots</c> takes them again.
/// Without it, each page is opened and its screenshot must be small enough.
/// </summary>
public sealed class ScreenshotTests
{
    private const int Width = 1280;
    private const int LargestBytes = 250_000;

    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "operate", "images");

    private Cli _cli = null!;
    private Process _demo = null!;
    private Browser _browser = null!;
    private Uri _url = null!;
    private string _comparison = null!;

    [OneTimeSetUp]
    public async Task StartDemo()
    {
        _browser = await Browser.StartAsync();
        _cli = new Cli();
        _demo = _cli.Start("demo", "--port", "0");
        while (await _demo.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Regex.Match(line, "(?<url>http://[^/]+/)hangfire(?<path>/evaluations/versions/[0-9]+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)) is { Success: true } found)
            {
                (_url, _comparison) = (new Uri(found.Groups["url"].Value), found.Groups["path"].Value);
                return;
            }
        }

        Assert.Fail("The demo ended without printing its addresses: " + await _demo.StandardError.ReadToEndAsync());
    }

    [OneTimeTearDown]
    public async Task StopDemo()
    {
        if (_demo is not null)
        {
            _demo.Kill(entireProcessTree: true);
            await _demo.WaitForExitAsync();
            _demo.Dispose();
            _cli.Dispose();
        }

        if (_browser is not null)
            await _browser.DisposeAsync();
    }

    [TestCase("overview", "/evaluations", "Globex")]
    [TestCase("tenant", "/evaluations/tenants/globex", "Globex")]
    [TestCase("run", "/evaluations/runs/1", "What is 9 minus 4?")]
    [TestCase("comparison", null, "1.0.0")]
    public async Task Screenshot_OfAPage_ShowsTheCurrentPage(string name, string? path, string text)
    {
        await using var visit = await _browser.VisitAsync(_url, Width);
        (await visit.OpenAsync(path ?? _comparison)).Status.Should().Be(200);
        (await visit.Page.ContentAsync()).Should().Contain(text);
        var taken = await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Animations = ScreenshotAnimations.Disabled });
        taken.Length.Should().BeLessThan(LargestBytes);

        var file = Path.Combine(Folder, $"{name}.png");
        if (Update.IsWanted("screenshots"))
        {
            Directory.CreateDirectory(Folder);
            await File.WriteAllBytesAsync(file, taken);
        }

        var stored = await File.ReadAllBytesAsync(file);
        stored.Length.Should().BeLessThan(LargestBytes);
        WidthOf(stored).Should().Be(WidthOf(taken), "run the tests with EVALJOBS_UPDATE=screenshots after a change of the pages");
    }

    /// <summary>A PNG's header gives its width in bytes 16 to 19.</summary>
    private static int WidthOf(byte[] png) => BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16, 4));
}
