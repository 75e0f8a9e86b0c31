using System.Buffers;
using Ganss.Xss;
using Markdig;

namespace EvalJobs.Server.Dashboard;

/// <summary>Markdown that someone else wrote, as HTML that can do nothing but be read.</summary>
/// <remarks>
/// Two walls: HTML within the Markdown is text, and what comes out passes a sanitizer that knows the elements of Markdown and no other. Pictures
/// are left out, since loading one tells its server who reads. The content policy of every page is the third.
/// </remarks>
internal static class MarkdownText
{
    /// <summary>Characters rendered at most: the time grows with the square of some texts.</summary>
    public const int MaxLength = 20_000;

    private static readonly SearchValues<char> Signs = SearchValues.Create("*_#`[|>~");
    private static readonly string[] Schemes = [Uri.UriSchemeHttp, Uri.UriSchemeHttps, Uri.UriSchemeMailto];

    /// <returns>Whether it is worth offering: something in the text may be Markdown.</returns>
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

    /// <summary>Made for the first text that is rendered, not for the first page that shows a text: parser and sanitizer take hundreds of milliseconds to load.</summary>
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
