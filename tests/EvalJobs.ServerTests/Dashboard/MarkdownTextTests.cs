using System.Reflection;
using AngleSharp.Html.Parser;
using EvalJobs.Server.Dashboard;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Markdown from untrusted sources is readable and harmless.</summary>
public sealed class MarkdownTextTests
{
    private static readonly string[] Elements =
    [
        "P", "BR", "HR", "H1", "H2", "H3", "H4", "H5", "H6", "UL", "OL", "LI", "BLOCKQUOTE", "PRE", "CODE", "EM", "STRONG", "DEL", "A", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD",
    ];

    [Test]
    public void IsLikely_OnAPageThatRendersNothing_LoadsNeitherParserNorSanitizer() =>
        typeof(MarkdownText).GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public).Select(field => field.FieldType.Assembly.GetName().Name)
            .Should().NotContain(["Markdig", "HtmlSanitizer"], "the first page of a run would wait until they are loaded");

    [Test]
    public void ToHtml_OrdinaryMarkdown_IsReadable()
    {
        var html = MarkdownText.ToHtml("# Title\n\nA **bold** [link](https://example.com/a?b=c) and `code`.\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n3. three");

        html.Should().Contain("<h1>Title</h1>").And.Contain("<strong>bold</strong>").And.Contain("<code>code</code>").And.Contain("<li>one</li>").And.Contain("<td>1</td>").And.Contain("<ol start=\"3\">")
            .And.Contain("href=\"https://example.com/a?b=c\"").And.Contain("rel=\"noopener noreferrer nofollow\"");
    }

    [TestCase("<script>window.hacked=1</script>")]
    [TestCase("<img src=x onerror=\"window.hacked=1\">")]
    [TestCase("![x](x \"onerror=window.hacked=1\")")]
    [TestCase("![tracked](https://evil.example/pixel.png)")]
    [TestCase("[x](javascript:window.hacked=1)")]
    [TestCase("[x](JaVaScRiPt:window.hacked=1)")]
    [TestCase("[x](&#106;avascript:window.hacked=1)")]
    [TestCase("[x](java\tscript:window.hacked=1)")]
    [TestCase("[x](data:text/html;base64,PHNjcmlwdD4=)")]
    [TestCase("[x](vbscript:msgbox)")]
    [TestCase("<javascript:window.hacked=1>")]
    [TestCase("[sign out](/signout)")]
    [TestCase("[up](../../process)")]
    [TestCase("[x][r]\n\n[r]: javascript:window.hacked=1")]
    [TestCase("[x](https://a.example \"t\\\" onmouseover=\\\"window.hacked=1\")")]
    [TestCase("```\n</code></pre><script>window.hacked=1</script>\n```")]
    [TestCase("```\"onload=window.hacked=1\nx\n```")]
    [TestCase("<a href=\"x\" style=\"position:fixed\">x</a>")]
    [TestCase("<style>*{display:none}</style><base href=//evil.example>")]
    [TestCase("<form action=/hangfire/evaluations/process method=post><button>x</button></form>")]
    [TestCase("<iframe srcdoc=\"<script>window.hacked=1</script>\"></iframe><svg onload=window.hacked=1>")]
    [TestCase("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=window.hacked=1&gt;\">")]
    [TestCase("| a |\n| - |\n| <script>window.hacked=1</script> |")]
    [TestCase("# x {onclick=window.hacked=1 #ej-main .alert}")]
    public void ToHtml_HostileMarkdown_IsHarmless(string text)
    {
        var document = new HtmlParser().ParseDocument($"<body>{MarkdownText.ToHtml(text)}</body>");

        foreach (var element in document.Body!.QuerySelectorAll("*"))
        {
            element.TagName.Should().BeOneOf(Elements);
            element.Attributes.Select(attribute => attribute.Name).Should().BeSubsetOf(["href", "rel", "target", "start"]);
            if (element.GetAttribute("href") is { } href)
                href.Should().MatchRegex("^(https?://|mailto:)");
        }
    }

    [Test]
    [CancelAfter(20_000)]
    public void ToHtml_TextsMadeToBeSlow_EndInTime(CancellationToken cancellationToken)
    {
        foreach (var part in new[] { "[", "*a **a ", "> ", "![", "`", "| a ", "- ", "<a ", "_a __a ", "&" })
        {
            var work = Task.Run(() => MarkdownText.ToHtml(string.Concat(Enumerable.Repeat(part, MarkdownText.MaxLength / part.Length))), cancellationToken);
            work.Wait(TimeSpan.FromSeconds(15), cancellationToken).Should().BeTrue(part);
        }
    }
}
