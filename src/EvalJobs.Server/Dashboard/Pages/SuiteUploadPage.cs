using System.Globalization;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard.Forms;
using Microsoft.AspNetCore.Mvc;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Takes a file of cases as a new suite, or as the next revision of one. A bad file is refused whole.</summary>
internal sealed class SuiteUploadPage(PageRequest request, EvaluationSuiteRepository suites, TenantRepository tenants, ImportSuite importSuite, ScorerRegistry scorers, TenantPicker picker)
{
    public async Task<IResult> ShowNewAsync()
    {
        var choice = await picker.ReadAsync();
        if (choice.Tenant is not { } tenant)
            return ChooseTenant.Ask("New suite from a file", choice);
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
        if (form.Suite is null && form.Name.Length > 0 && SuiteDraft.NameError(form.Name) is { } nameError)
            form.Errors.Add("name", nameError);
        if (!scorers.Names.Contains(form.Scorer, StringComparer.Ordinal))
            form.Errors.Add("scorer", $"Choose one of {string.Join(", ", scorers.Names)}.");
        if (file is null || file.Length == 0)
            form.Errors.Add("file", "Choose a file that is not empty.");
        else if (file.Length > UploadForm.LargestFile)
            form.Errors.Add("file", $"The file is larger than {UploadForm.LargestFile / (1024 * 1024)} MiB. Divide it, or ask an administrator to import it.");
        if (form.Errors.Any)
            return Rejected(form);

        var fileName = Path.GetFileName(file!.FileName);
        try
        {
            var import = new SuiteImport
            {
                TenantId = form.Tenant.Id,
                FileName = fileName,
                Open = file.OpenReadStream,
                Name = form.Suite?.Name ?? (form.Name.Length > 0 ? form.Name : null),
                BasedOn = form.BasedOn,
                DefaultScoring = ScoringSpec.Parse(form.Scorer),
            };
            var saved = form.Suite is null
                ? await importSuite.ExecuteAsync(import, request.Viewer.Actor, request.Aborted)
                : await importSuite.ImportIfChangedAsync(import, request.Viewer.Actor, request.Aborted);
            if (form.Suite is { } before && saved.Suite.Revision == before.Revision)
                return request.Done($"/evaluations/suites/{before.Id}", $"Nothing was changed: {fileName} holds what revision {before.Revision} of the suite '{before.Name}' holds.");
            return request.Done(
                $"/evaluations/suites/{saved.Suite.Id}",
                $"{Show.Many(saved.CaseCount, "case")} of {fileName} are stored as revision {saved.Suite.Revision} of the suite '{saved.Suite.Name}'.");
        }
        catch (InvalidInputException error)
        {
            form.Errors.Add("file", error.Message);
        }
        catch (ConflictException error)
        {
            form.Errors.Add(form.Suite is null ? "name" : "file", error.Message);
        }

        return Rejected(form);
    }

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
