using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using EvalJobs.Tests.Support;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Checks the open page in every appearance: light and dark, on a desktop and on a phone.</summary>
/// <remarks>
/// The page is opened once, because only the style sheets depend on colour scheme and width (<see cref="EnsureAsync"/> changes these in the browser). So the light page is checked completely,
/// and the dark page only for what depends on colours.
/// </remarks>
internal static partial class PageAppearance
{
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>Resets the appearance to light, on a desktop, for a visit that has checked another page.</summary>
    public static async Task BeginAsync(Visit visit)
    {
        await visit.Page.SetViewportSizeAsync(1280, 900);
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
    }

    /// <summary>Switches the open page to dark or light.</summary>
    public static async Task ChangeColoursAsync(Visit visit, bool isDark)
    {
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light });

        // Hangfire's style sheet animates some changes of colours, so the animations are finished first.
        await visit.Page.EvaluateAsync("() => document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => each.finish())");
    }

    /// <summary>Fails when the page scrolls sideways, or when <see cref="EnsureAccessibleAsync"/> and <see cref="EnsureReadableAsync"/> find.</summary>
    /// <param name="visit">The visit with the open page. Afterwards the page is light, on a phone.</param>
    /// <param name="page">The name of the page, for messages and screenshots.</param>
    /// <param name="isOurs">Whether it is the product's own page, and not one of Hangfire's.</param>
    public static async Task EnsureAsync(Visit visit, string page, bool isOurs = true)
    {
        foreach (var (device, width) in new[] { ("desktop", 1280), ("phone", 390) })
        {
            await visit.Page.SetViewportSizeAsync(width, 900);
            foreach (var isDark in new[] { true, false })
            {
                var appearance = $"{page}-{device}-{(isDark ? "dark" : "light")}";
                await ChangeColoursAsync(visit, isDark);
                await visit.SaveScreenshotAsync(appearance);
                if (isOurs)
                {
                    await EnsureAccessibleAsync(visit, appearance, coloursOnly: isDark);
                    await EnsureReadableAsync(visit, appearance, coloursOnly: isDark);
                }
            }

            if (isOurs)
                (await visit.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > window.innerWidth")).Should().BeFalse($"{page} must not scroll sideways at {width} pixels");
        }

        // Hangfire's own script searches for its charts when the colours change, and most pages have none.
        visit.ConsoleErrors.RemoveAll(error => error.Contains("changeDatasetColorScheme", StringComparison.Ordinal));
    }

    /// <summary>axe-core's rules of WCAG 2.2 A and AA; not for Hangfire's own pages, which the product cannot change.</summary>
    /// <param name="visit">The visit with the open page.</param>
    /// <param name="page">The name of the page, for messages.</param>
    /// <param name="coloursOnly">Whether everything was checked on the same page in other colours: only the rules of colours can find more.</param>
    public static async Task EnsureAccessibleAsync(Visit visit, string page, bool coloursOnly = false)
    {
        if (!await visit.Page.EvaluateAsync<bool>("'axe' in window"))
            await visit.Page.EvaluateAsync(Axe);
        var violations = await visit.Page.EvaluateAsync<string[]>(
            """
            async coloursOnly => {
                const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
                const colours = () => axe.getRules(levels).filter(rule => rule.tags.includes('cat.color')).map(rule => rule.ruleId);
                const runOnly = coloursOnly ? { type: 'rule', values: colours() } : levels;
                const result = await axe.run(document, { runOnly, resultTypes: ['violations'] });
                if (result.passes.length === 0) return ['axe-core tried nothing'];
                return result.violations.map(each => `${each.id}, ${each.help}: ${each.nodes.map(node => `${node.html} ${node.any[0]?.message}`).join(' | ')}`);
            }
            """,
            coloursOnly);
        violations.Should().BeEmpty(page);
    }

    /// <summary>Finds what axe-core does not find: labels with low contrast, missing spaces between words, line breaks within run numbers, and skipped heading levels.</summary>
    /// <param name="visit">The visit with the open page.</param>
    /// <param name="page">The name of the page, for messages.</param>
    /// <param name="coloursOnly">Whether everything was checked on the same page in other colours.</param>
    public static async Task EnsureReadableAsync(Visit visit, string page, bool coloursOnly = false)
    {
        var found = await visit.Page.EvaluateAsync<string[]>(
            """
            () => {
              const channel = value => { value /= 255; return value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4; };
              const parse = color => (color.match(/[\d.]+/g) ?? []).map(Number);
              const luminance = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
              const behind = element => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > .99) { return c; } } return [255, 255, 255]; };
              const contrast = element => { const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))].sort((x, y) => y - x); return (a + .05) / (b + .05); };
              const faint = [...document.querySelectorAll('.label, .metric:not(.metric-null), .badge, .ej-times .btn, .nav-tabs a, .nav-pills a')].filter(e => e.offsetWidth > 0 && contrast(e) < 4.5).map(e => `contrast ${contrast(e).toFixed(2)}: ${e.textContent.trim()}`);
              const broken = [...document.querySelectorAll('.ej-id a')].filter(e => e.getClientRects().length > 1).map(e => `broken: ${e.textContent}`);
              const levels = [...document.querySelectorAll('main h1, main h2, main h3, main h4')].filter(e => e.offsetWidth > 0).map(e => Number(e.tagName[1]));
              const skipped = levels.filter((level, index) => index > 0 && level > levels[index - 1] + 1).map(level => `a heading of level ${level} leaves out one`);
              return [...faint, ...broken, ...skipped];
            }
            """);
        found.Should().BeEmpty(page);
        if (coloursOnly)
            return;

        // Texts written by users are removed from the page for this check, and restored afterwards.
        var text = await visit.Page.EvaluateAsync<string>(
            """
            () => {
              const main = document.querySelector('main');
              const written = [...main.querySelectorAll('pre, code, bdi, q, textarea, select, datalist, [dir=auto]')].map(e => ({ e, content: [...e.childNodes] }));
              written.forEach(({ e }) => e.replaceChildren(' '));
              const text = main.innerText;
              written.reverse().forEach(({ e, content }) => e.replaceChildren(...content));
              return text;
            }
            """);
        JoinedWords().Matches(text).Select(match => match.Value).Should().BeEmpty($"a space is missing on {page}");
        (await JoinedNamesAsync(visit)).Should().BeEmpty($"a screen reader reads words as one on {page}");
    }

    /// <returns>Names in the browser's accessibility tree with a missing space between words that the page shows apart. Checks links, buttons and headings, whose names come from their content.</returns>
    private static async Task<IReadOnlyList<string>> JoinedNamesAsync(Visit visit)
    {
        var written = await visit.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('a, button, summary, th, h1, h2, h3, h4, label, legend')].map(e => e.textContent)");
        var apart = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);
        foreach (var text in written)
            apart.TryAdd(string.Concat(WordsOf(text)), GapsOf(text));
        var session = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        var tree = await session.SendAsync("Accessibility.getFullAXTree");
        await session.DetachAsync();
        var names = tree!.Value.GetProperty("nodes").EnumerateArray()
            .Select(node => node.TryGetProperty("name", out var name) && name.TryGetProperty("value", out var value) ? value.GetString() : null).OfType<string>().Where(name => name.Length > 0).ToList();
        names.Should().Contain(name => WordsOf(name).Length > 1, "the accessibility tree must not be empty");
        return [.. names.Where(name => apart.TryGetValue(string.Concat(WordsOf(name)), out var gaps) && gaps.Except(GapsOf(name)).Any()).Distinct(StringComparer.Ordinal)];
    }

    private static string[] WordsOf(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <returns>The positions, counted without white space, at which a word ends.</returns>
    private static IReadOnlyList<int> GapsOf(string text) => [.. WordsOf(text).Aggregate(new List<int> { 0 }, (ends, word) => [.. ends, ends[^1] + word.Length])];

    [GeneratedRegex(@"\w*[a-z]{2}[.!?:,;][A-Z]\w*|[a-z]{2}[A-Z]{3,}|\d[A-Z]{4,}|[a-z%]\(|[a-z]{2}\d+ (?:ms|s|min|h|d)\b", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex JoinedWords();
}
