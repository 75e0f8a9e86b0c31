using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Support;

/// <summary>A page of docs/, split into the parts that a test can run.</summary>
public sealed partial class DocPage
{
    private DocPage(string text) => Text = text;

    public string Text { get; }

    /// <param name="name">The path below docs/, such as "operate/access.md".</param>
    public static DocPage Read(string name) => new(File.ReadAllText(Path.Combine(Repository.Root, "docs", name)).ReplaceLineEndings("\n"));

    /// <summary>The fenced code blocks of a language.</summary>
    public List<string> Blocks(string language) =>
        BlockPattern().Matches(Text).Where(each => each.Groups["language"].Value == language).Select(each => each.Groups["text"].Value).ToList();

    /// <summary>The cells of the first table after a text.</summary>
    public IEnumerable<string[]> Rows(string after) =>
        Text[Text.IndexOf(after, StringComparison.Ordinal)..].Split('\n')
            .SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')).Skip(2)
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray());

    /// <summary>An environment file as the server would read it.</summary>
    public static IConfiguration Environment(string text) =>
        new ConfigurationBuilder().AddInMemoryCollection(text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0].Replace("__", ":", StringComparison.Ordinal), (string?)pair[1]))).Build();

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex BlockPattern();
}
