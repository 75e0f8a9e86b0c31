using System.Text;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>Runs the commands of docs/guide/start.md as they are written, in a folder with only the files of a clone.</summary>
public sealed class StartDocTests
{
    private static readonly DocPage Page = DocPage.Read("guide/start.md");

    [Test]
    public async Task Commands_OfThePage_DoWhatThePageSays()
    {
        using var cli = new Cli();
        CopyExample(cli.Folder);
        var answers = new List<CliAnswer>();
        foreach (var words in Page.Blocks("sh").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(Words))
        {
            if (words is ["export", var setting])
                cli.Environment[setting.Split('=')[0]] = setting.Split('=')[1];
            else
                answers.Add(await cli.RunAsync([.. words.Skip(1)]));
        }

        var said = string.Concat(answers.Select(answer => answer.Output + answer.Error)).ReplaceLineEndings("\n");
        foreach (var shown in Page.Blocks("text").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
            said.Should().Contain(shown);
        answers.Select(answer => answer.ExitCode).Should().Equal([.. Enumerable.Repeat(0, answers.Count - 1), 2], "the last command is not allowed");
        said.Should().Contain("7/12").And.Contain("11/12");
    }

    [Test]
    public void Words_OfALine_AreThoseOfAShell() =>
        Words("evaljobs add \"Acme Corp\" --x '{\"a\": 1}' b").Should().Equal("evaljobs", "add", "Acme Corp", "--x", "{\"a\": 1}", "b");

    private static void CopyExample(string folder)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "docs", "guide", "example"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "guide", "example")))
            File.Copy(file, Path.Combine(target.FullName, Path.GetFileName(file)));
    }

    /// <summary>Splits at spaces outside quotes, and removes both kinds of quotes.</summary>
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        foreach (var character in line + " ")
        {
            if (quote == '\0' && character is ('"' or '\''))
            {
                quote = character;
            }
            else if (character == quote)
            {
                quote = '\0';
            }
            else if (character == ' ' && quote == '\0')
            {
                if (word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
            }
            else
            {
                word.Append(character);
            }
        }

        return words;
    }
}
