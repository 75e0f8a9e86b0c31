using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Import;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard.Forms;
using Microsoft.AspNetCore.Mvc;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Takes a file of cases as a new suite, or as the next revision of one. A bad file is refused whole.</summary>
internal sealed class SuiteUploadPage(PageRequest request, EvaluationSuiteRepository suites, TenantRepository tenants, ScorerRegistry scorers)
{
    public async Task<IResult> ShowNewAsync()
    {
        var tenant = await tenants.FindAsync(request.Query("tenant") ?? "", request.Aborted);
        request.EnsureSees(tenant);
        return Page.Of<SuiteUploadView, UploadForm>(new UploadForm { Tenant = tenant, BasedOn = 0, Scorers = scorers.Names });
    }

    public async Task<IResult> ShowNextAsync(long id)
    {
        var (tenant, suite) = await FindAsync(id);
        return Page.Of<SuiteUploadView, UploadForm>(new UploadForm { Tenant = tenant, Suite = suite, BasedOn = suite.Revision, Scorers = scorers.Names });
    }

    public async Task<IResult> UploadNewAsync(UploadInput input)
    {
        var tenant = request.EnsureSees(await tenants.FindAsync(request.Query("tenant") ?? "", request.Aborted));
        return await StoreAsync(input.File, new UploadForm
        {
            Tenant = tenant,
            BasedOn = 0,
            Name = FormText.Line(input.Name).Trim(),
            Scorer = input.Scorer ?? "",
            Scorers = scorers.Names,
        });
    }

    public async Task<IResult> UploadNextAsync(long id, UploadInput input)
    {
        var (tenant, suite) = await FindAsync(id);
        return await StoreAsync(input.File, new UploadForm
        {
            Tenant = tenant,
            Suite = suite,
            BasedOn = int.TryParse(input.BasedOn, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0,
            Scorer = input.Scorer ?? "",
            Scorers = scorers.Names,
        });
    }

    private async Task<IResult> StoreAsync(IFormFile? file, UploadForm form)
    {
        if (form.Suite is null && form.Name.Length is > 200)
            form.Faults.Add("name", "A suite's name is 1 to 200 characters.");
        if (!scorers.Names.Contains(form.Scorer, StringComparer.Ordinal))
            form.Faults.Add("scorer", $"Choose one of {string.Join(", ", scorers.Names)}.");
        if (file is null || file.Length == 0)
            form.Faults.Add("file", "Choose a file that is not empty.");
        else if (file.Length > UploadForm.LargestFile)
            form.Faults.Add("file", $"The file is larger than {UploadForm.LargestFile / (1024 * 1024)} MiB. Divide it, or ask an administrator to import it.");
        if (form.Faults.Any)
            return Rejected(form);

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
                return Rejected(form);
            }

            var saved = await suites.SaveAsync(form.Tenant.Id, draft, source.ReadCasesAsync(request.Aborted), request.Viewer.Actor, request.Aborted);
            return request.Done(
                $"/evaluations/suites/{saved.Suite.Id}",
                $"{Show.Many(saved.CaseCount, "case")} of {fileName} are stored as revision {saved.Suite.Revision} of the suite '{saved.Suite.Name}'.");
        }
        catch (InvalidInputException error)
        {
            form.Faults.Add("file", error.Message);
        }
        catch (ConflictException error)
        {
            form.Faults.Add(form.Suite is null ? "name" : "file", error.Message);
        }

        return Rejected(form);
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

    private async Task<(Tenant Tenant, EvaluationSuite Suite)> FindAsync(long id)
    {
        var suite = await suites.GetAsync(id, request.Aborted);
        var tenant = await tenants.GetAsync(suite.TenantId, request.Aborted);
        request.EnsureSees(tenant);
        return (tenant, suite);
    }

    private static IResult Rejected(UploadForm form) => Page.Of<SuiteUploadView, UploadForm>(form, StatusCodes.Status422UnprocessableEntity);
}

/// <summary>The form of a file of cases, as posted.</summary>
/// <param name="Name">A new suite's name.</param>
/// <param name="Scorer">The scorer of cases without scoring.</param>
/// <param name="BasedOn">The revision the page was made from.</param>
/// <param name="File">The file.</param>
internal sealed record UploadInput(
    [FromForm(Name = "name")] string? Name, [FromForm(Name = "scorer")] string? Scorer, [FromForm(Name = "basedOn")] string? BasedOn, [FromForm(Name = "file")] IFormFile? File);
