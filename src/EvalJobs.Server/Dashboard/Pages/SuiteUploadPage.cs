using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Import;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Takes a file of cases as a new suite, or as the next revision of one. A bad file is refused whole.</summary>
internal sealed class SuiteUploadPage(EvaluationSuiteRepository suites, TenantRepository tenants, ScorerRegistry scorers)
{
    public async Task<PageContent> ShowNewAsync(PageRequest request)
    {
        request.DemandCanAct();
        var tenant = await tenants.FindAsync(request.Query("tenant") ?? "", request.Aborted);
        request.DemandSees(tenant);
        return Page(new UploadForm { Tenant = tenant, BasedOn = 0, Scorers = scorers.Names });
    }

    public async Task<PageContent> ShowNextAsync(PageRequest request)
    {
        request.DemandCanAct();
        var (tenant, suite) = await FindAsync(request);
        return Page(new UploadForm { Tenant = tenant, Suite = suite, BasedOn = suite.Revision, Scorers = scorers.Names });
    }

    public async Task<ActionOutcome> UploadNewAsync(PageRequest request)
    {
        var tenant = await tenants.FindAsync(request.Route("Slug"), request.Aborted);
        request.DemandSees(tenant);
        return await StoreAsync(request, new UploadForm
        {
            Tenant = tenant,
            BasedOn = 0,
            Name = FormText.Line(request.Form["name"]).Trim(),
            Scorer = request.Form["scorer"].ToString(),
            Scorers = scorers.Names,
        });
    }

    public async Task<ActionOutcome> UploadNextAsync(PageRequest request)
    {
        var (tenant, suite) = await FindAsync(request);
        return await StoreAsync(request, new UploadForm
        {
            Tenant = tenant,
            Suite = suite,
            BasedOn = int.TryParse(request.Form["basedOn"], NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0,
            Scorer = request.Form["scorer"].ToString(),
            Scorers = scorers.Names,
        });
    }

    private async Task<ActionOutcome> StoreAsync(PageRequest request, UploadForm form)
    {
        var file = request.Form.Files.GetFile("file");
        if (form.Suite is null && form.Name.Length is > 200)
            form.Faults.Add("name", "A suite's name is 1 to 200 characters.");
        if (!scorers.Names.Contains(form.Scorer, StringComparer.Ordinal))
            form.Faults.Add("scorer", $"Choose one of {string.Join(", ", scorers.Names)}.");
        if (file is null || file.Length == 0)
            form.Faults.Add("file", "Choose a file that is not empty.");
        else if (file.Length > UploadForm.LargestFile)
            form.Faults.Add("file", $"The file is larger than {UploadForm.LargestFile / (1024 * 1024)} MiB. The command 'suite import' takes files of any size.");
        if (form.Faults.Any)
            return Refused(form);

        var fileName = Path.GetFileName(file!.FileName);
        try
        {
            var source = await SuiteFile.FromStreamAsync(
                fileName,
                file.OpenReadStream,
                new TestCaseReadOptions { DefaultScoring = ScoringSpec.Parse(form.Scorer), ValidateScoring = scorers.Validate },
                request.Aborted);
            var draft = await DraftAsync(form, source.Settings, request.Aborted);
            if (draft.Name.Length == 0)
            {
                form.Faults.Add("name", "Give the suite a name: the file brings none.");
                return Refused(form);
            }

            var saved = await suites.SaveAsync(form.Tenant.Id, draft, source.ReadCasesAsync(request.Aborted), request.Viewer.Actor, request.Aborted);
            return ActionOutcome.Done(
                $"{Show.Many(saved.CaseCount, "case")} of {fileName} are stored as revision {saved.Suite.Revision} of the suite '{saved.Suite.Name}'.",
                $"/evaluations/suites/{saved.Suite.Id}");
        }
        catch (InvalidInputException error)
        {
            form.Faults.Add("file", error.Message);
        }
        catch (ConflictException error)
        {
            form.Faults.Add(form.Suite is null ? "name" : "file", error.Message);
        }

        return Refused(form);
    }

    /// <summary>The file wins over the suite, as with the command; what it does not say stays as it was. A tenant's first suite is its default one.</summary>
    private async Task<SuiteDraft> DraftAsync(UploadForm form, SuiteSettings file, CancellationToken cancellationToken) => new()
    {
        Name = form.Suite?.Name ?? (form.Name.Length > 0 ? form.Name : file.Name ?? ""),
        BasedOn = form.BasedOn,
        Description = file.Description ?? form.Suite?.Description ?? "",
        PassThreshold = file.PassThreshold ?? form.Suite?.PassThreshold ?? PassRule.DefaultThreshold,
        IsDefault = form.Suite?.IsDefault ?? (await suites.ListAsync(form.Tenant.Id, cancellationToken)).Count == 0,
        Tags = file.Tags ?? (form.Suite is null ? [] : SuiteForm.TagsOf(form.Suite)),
    };

    private async Task<(Tenant Tenant, EvaluationSuite Suite)> FindAsync(PageRequest request)
    {
        var suite = await suites.GetAsync(request.RouteId("SuiteId"), request.Aborted);
        var tenant = await tenants.GetAsync(suite.TenantId, request.Aborted);
        request.DemandSees(tenant);
        return (tenant, suite);
    }

    private static ActionOutcome Refused(UploadForm form) => ActionOutcome.Show(Page(form) with { Status = StatusCodes.Status422UnprocessableEntity });

    private static PageContent Page(UploadForm form) => PageContent.Of<SuiteUploadView, UploadForm>(
        form.Suite is null ? $"New suite of {form.Tenant.Name} from a file" : $"New cases for {form.Suite.Name}", form);
}
