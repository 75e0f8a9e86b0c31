using EvalJobs.Domain;
using EvalJobs.Import;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard;

/// <summary>The remedy for an error as a link of the dashboard.</summary>
internal static class RemedyLink
{
    /// <returns>A dashboard path and the link's words; null if the page itself has the remedy.</returns>
    public static (string Path, string Words)? Of(Remedy remedy) => remedy.Kind switch
    {
        RemedyKind.ListTenants => ("/evaluations", "See all tenants"),
        RemedyKind.ListSuites or RemedyKind.NameSuite => ("/evaluations/suites", "See all suites"),
        RemedyKind.RetryRun or RemedyKind.RestoreRun or RemedyKind.AskErroredAgain => ($"/evaluations/runs/{remedy.Value}", $"See run {remedy.Value}"),
        _ => null,
    };

    /// <returns>The place of the remedy on the page of an upload, and the link's text; null if the page has none.</returns>
    public static (string Anchor, string Words)? WithinUpload(Remedy remedy) => remedy.Kind switch
    {
        RemedyKind.MapField => (AnchorOf(UploadForm.FieldOf(CaseField.All.First(part => part.Role == remedy.Subject))), "Choose it"),
        RemedyKind.NameColumns or RemedyKind.NameNoFields => (AnchorOf(UploadForm.FieldOf(CaseField.Input)), "See the fields"),
        RemedyKind.ChooseFormat => (AnchorOf("format"), "Choose the format"),
        RemedyKind.ChoosePrompt => (AnchorOf("prompt"), "Choose the prompt"),
        RemedyKind.SkipUnsupported => (AnchorOf("skip"), "Leave them out"),
        RemedyKind.NameJudge => (AnchorOf("judge"), "Give the judge's settings"),
        RemedyKind.NameCriteria => (AnchorOf("criteria"), "Give the criteria"),
        _ => null,
    };

    private static string AnchorOf(string field) => $"#{FormErrors.IdOf(field)}";
}
