using System.ComponentModel.DataAnnotations;
using EvalJobs.Domain;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Reads the setting <c>Topics</c> of a channel: the words of <see cref="AlertTopic"/>, such as <c>GATE_FAILED</c> or <c>GateFailed</c>.</summary>
internal static class AlertTopics
{
    private static readonly AlertTopic[] Known = [.. Enum.GetValues<AlertTopic>().Where(topic => topic != AlertTopic.Test)];

    /// <returns>The topics named; those of problems when none is. An unknown word is left out: <see cref="Validate"/> has rejected it.</returns>
    public static IReadOnlySet<AlertTopic> Read(IReadOnlyList<string> words) =>
        words.Count == 0 ? Alert.WarningTopics : words.Select(Find).OfType<AlertTopic>().ToHashSet();

    /// <returns>One error for each unknown topic.</returns>
    public static IEnumerable<ValidationResult> Validate(IReadOnlyList<string> words, string setting) => words
        .Where(word => Find(word) is null)
        .Select(word => new ValidationResult($"'{word}' is not a topic of alerts; expected {string.Join(", ", Known.Select(StoredWord.Of))}.", [setting]));

    private static AlertTopic? Find(string word) => Known.Cast<AlertTopic?>()
        .FirstOrDefault(topic => string.Equals(topic.ToString(), word.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
}
