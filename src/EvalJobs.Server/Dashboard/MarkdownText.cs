using System.Buffers;
using Ganss.Xss;
using Markdig;

namespace EvalJobs.Server.Dashboard;

/// <summary>Untrusted Markdown as safe HTML.</summary>
/// <remarks>
/// There are three protections: HTML within the Markdown is shown as text, a sanitizer allows only the elements of Markdown, and every page has a content security
/// policy. Images are left out, because loading one would tell its server who reads the page.
/// </remarks>
internal static class MarkdownText
{
    /// <summary>Characters rendered at most: for some texts the time grows with the square of their length.</summary>
    public const int MaxLength = 20_000;

    private static readonly SearchValues<char> Signs = SearchValues.Create("*_#`[|>~");
    private static readonly string[] Schemes = [Uri.UriSchemeHttp, Uri.UriSchemeHttps, Uri.UriSchemeMailto];

    /// <returns>Whether the text may contain Markdown.</returns>
    public static bool IsLikely(string text) =>
        text.AsSpan().ContainsAny(Signs) || text.Contains("\n- ", StringComparison.Ordinal) || text.Contains("\n1. ", StringComparison.Ordinal);

    /// <returns>The HTML; null when the text is too deeply nested to be rendered.</returns>
    public static string? ToHtml(string text)
    {
        try
        {
            return Renderer.Render(text.Length <= MaxLength ? text : DisplayText.WithoutHalf(text[..MaxLength]));
        }
        catch (ArgumentException)
        {
            // Markdig's limit of nesting.
            return null;
        }
    }

    /// <summary>Created for the first text that is rendered, because parser and sanitizer take hundreds of milliseconds to load.</summary>
    private static class Renderer
    {
        private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().Build();
        private static readonly HtmlSanitizer Sanitizer = Strict();

        public static string Render(string text) => Sanitizer.Sanitize(Markdown.ToHtml(text, Pipeline));

        private static HtmlSanitizer Strict()
        {
            var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
            {
                AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
                {
                    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "del", "a",
                    "table", "thead", "tbody", "tr", "th", "td",
                },
                AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "start" },
                AllowedSchemes = new HashSet<string>(Schemes, StringComparer.OrdinalIgnoreCase),
                UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
                AllowedCssProperties = new HashSet<string>(StringComparer.OrdinalIgnoreCase),
                AllowedAtRules = new HashSet<AngleSharp.Css.Dom.CssRuleType>(),
            });
            sanitizer.PostProcessNode += (sender, processed) =>
            {
                if (processed.Node is not AngleSharp.Html.Dom.IHtmlAnchorElement link)
                    return;

                // A relative link would lead to a page of ours that the text's author chose.
                if (!Uri.TryCreate(link.GetAttribute("href"), UriKind.Absolute, out var address) || !Schemes.Contains(address.Scheme))
                    link.RemoveAttribute("href");
                link.SetAttribute("rel", "noopener noreferrer nofollow");
                link.SetAttribute("target", "_blank");
            };
            return sanitizer;
        }
    }
}
