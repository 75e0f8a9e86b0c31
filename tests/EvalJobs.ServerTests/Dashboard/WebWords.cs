using System.Text.RegularExpressions;
using EvalJobs.Server.Cli;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Finds words of the command line in a text for users of the browser: options, and names of commands in quotes, code or brackets.</summary>
internal static class WebWords
{
    private static readonly Lazy<Regex> Pattern = new(() =>
    {
        var commands = CommandLine.Build().Subcommands.SelectMany(group => group.Subcommands.Select(command => $"{Regex.Escape(group.Name)} {Regex.Escape(command.Name)}")).ToList();
        commands.Should().HaveCountGreaterThan(20, "otherwise nothing is searched");
        return new Regex($"""(?<![\w-])--[a-z][a-z-]+|(?:['`(>“]|&\#x27;|: )(?:evaljobs )?(?:{string.Join('|', commands)})\b|\bevaljobs (?:{string.Join('|', commands)})\b""", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));
    });

    /// <returns>The words that were found, each once.</returns>
    public static IReadOnlyList<string> Find(string text) => [.. Pattern.Value.Matches(text).Select(match => match.Value).Distinct(StringComparer.Ordinal)];
}
