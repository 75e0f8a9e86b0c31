using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Server.Cli;

/// <summary>The remedy for an error as an option or a command.</summary>
internal static class RemedyText
{
    private static readonly Dictionary<string, string> OptionByPart = new(StringComparer.Ordinal)
    {
        [CaseField.Input.Role] = "--input",
        [CaseField.Expected.Role] = "--expected",
        [CaseField.Key.Role] = "--key",
        [CaseField.Name.Role] = "--title",
        [CaseField.Weight.Role] = "--weight",
        [CaseField.Scoring.Role] = "--scoring-field",
        [CaseField.Tags.Role] = "--case-tags",
        [CaseField.MustPass.Role] = "--must-pass",
    };

    /// <returns>The error's message and its remedies. The remedies are on a separate line if the message has several lines.</returns>
    public static string MessageOf(NotAllowedException error)
    {
        var gap = error.Message.Contains('\n', StringComparison.Ordinal) ? "\n" : " ";
        return string.Concat([error.Message, .. error.Remedies.Select(remedy => gap + Of(remedy))]);
    }

    /// <returns>The remedy in one sentence.</returns>
    public static string Of(Remedy remedy) => remedy.Kind switch
    {
        RemedyKind.ListTenants => "'tenant list' shows them.",
        RemedyKind.ListSuites => "'suite list' shows them.",
        RemedyKind.NameSuite => "--suite names one; 'suite import --default' makes one the default.",
        RemedyKind.NameParent => "--parent names it when the version is created.",
        RemedyKind.AskErroredAgain => $"'run retry {remedy.Value} --errored' does the first.",
        RemedyKind.RetryRun => $"'run retry {remedy.Value}' does it.",
        RemedyKind.RestoreRun => $"'run restore {remedy.Value}' does it.",
        RemedyKind.MapField when remedy.Value is null => $"{OptionByPart[remedy.Subject!]} names it.",
        RemedyKind.MapField => $"{OptionByPart[remedy.Subject!]} {remedy.Value} reads it as it is.",
        RemedyKind.NameNoFields => "Leave out --input and the other options that name fields.",
        RemedyKind.NameColumns => "Name them with --input and --expected.",
        RemedyKind.ChooseFormat => "--format chooses it.",
        RemedyKind.ChoosePrompt => "--prompt chooses it.",
        RemedyKind.SkipUnsupported => "--skip-unsupported leaves them out.",
        RemedyKind.NameJudge => "--judge '{\"model\": …, \"apiKeyRef\": …}' gives the judge's settings.",
        RemedyKind.NameCriteria => "--criteria names the eval's file.",
        _ => throw new ArgumentOutOfRangeException(nameof(remedy), remedy.Kind, string.Create(CultureInfo.InvariantCulture, $"No text for {remedy.Kind}.")),
    };
}
