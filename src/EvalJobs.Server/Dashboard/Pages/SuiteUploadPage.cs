using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>
/// Imports a file of cases as a new suite, or as the next revision of one, in two steps: first a preview of the file, with choices of how it is read;
/// then the import. The preview has its own address, with the secret id of the stored file. Nothing is stored in the database before the import. A file with an error is rejected as a whole.
/// </summary>
internal sealed class SuiteUploadPage(
    PageRequest request, EvaluationSuiteRepository suites, TenantRepository tenants, ImportSuite importSuite, ScorerRegistry scorers, TenantPicker picker, UploadStore uploads)
{
    private const string NoFile = "Choose a file that is not empty.";

    private static readonly string Gone =
        $"The file is no longer on the server: it is kept for {UploadStore.Lifetime.TotalMinutes:0} minutes, or until it is imported or replaced, or the server restarts.";

    public async Task<IResult> ShowNewAsync()
    {
        var choice = await picker.ReadAsync();
        if (choice.Tenant is not { } tenant)
            return ChooseTenant.Ask("New suite from a file", choice);
        return await ShowAsync(new UploadForm { Tenant = tenant, BasedOn = 0 });
    }

    public async Task<IResult> ShowNextAsync(long id)
    {
        var (tenant, suite) = await FindAsync(id);
        return await ShowAsync(new UploadForm { Tenant = tenant, Suite = suite, BasedOn = suite.Revision });
    }

    public async Task<IResult> UploadNewAsync(IFormCollection fields)
    {
        var tenant = request.EnsureSees(await tenants.FindAsync(request.Query("tenant") ?? "", request.Aborted));
        return await TakeAsync(fields, UploadForm.Read(fields, tenant, null, scorers));
    }

    public async Task<IResult> UploadNextAsync(long id, IFormCollection fields)
    {
        var (tenant, suite) = await FindAsync(id);
        return await TakeAsync(fields, UploadForm.Read(fields, tenant, suite, scorers));
    }

    /// <summary>The blank form; with a kept file in the address, its preview.</summary>
    private async Task<IResult> ShowAsync(UploadForm form)
    {
        if (request.Query(UploadForm.UploadIdField) is not { } kept)
            return RenderForm(form);
        using var file = uploads.Find(kept, OwnerOf(form));
        return file is { Choices: { } choices }
            ? await PreviewAsync(form with { UploadId = kept }, file, choices)
            : request.Done(form.Path, new StatusMessage($"{Gone} Choose it again.", IsError: true));
    }

    private async Task<IResult> TakeAsync(IFormCollection fields, UploadForm form)
    {
        var owner = OwnerOf(form);
        if (fields["do"] == "cancel")
        {
            uploads.Drop(form.UploadId, owner);
            return request.Done(form.Suite is { } suite ? $"/evaluations/suites/{suite.Id}" : $"/evaluations/suites?tenant={form.Tenant.Slug}", "Nothing was stored, and the file is deleted.");
        }

        (form, var error) = await ReceiveAsync(fields.Files["file"], form, owner);
        using var file = uploads.Find(form.UploadId, owner);
        if (file is null)
            return RejectedWithoutFile(form, error);

        if (fields["do"] == "import" && error is null && form.Scoring.RequestedView.Length == 0)
        {
            (form, var import) = Prepare(form, file);
            if (import is not null)
            {
                (var imported, error) = await ImportAsync(form, import, owner);
                if (imported is not null)
                    return imported;
            }
        }

        // A page with its own address can be reloaded; for the answer to a form, the browser would ask to send the form again.
        var choices = StoredChoices.Of(fields, error);
        return uploads.Remember(form.UploadId, owner, choices) ? Results.Redirect(request.Url(form.PreviewPath)) : await PreviewAsync(form, file, choices);
    }

    /// <summary>Stores the sent file in place of the previous one; an empty or too large file leaves the previous one.</summary>
    private async Task<(UploadForm Form, UploadError? Error)> ReceiveAsync(IFormFile? file, UploadForm form, UploadOwner owner)
    {
        // A browser sends an empty file field as a file without a name.
        if (file is null || (file.Length == 0 && file.FileName.Length == 0))
            return (form, null);
        if (file.Length == 0)
            return (form, new("file", NoFile));
        if (file.Length > UploadForm.LargestFile)
            return (form, new("file", $"The file is larger than {UploadForm.LargestFile / (1024 * 1024)} MiB. Split it, or ask an administrator to import it."));

        uploads.Drop(form.UploadId, owner);
        var id = await uploads.KeepAsync(owner, Path.GetFileName(file.FileName), file.Length, file.OpenReadStream, request.Aborted);
        return (form with { UploadId = id ?? "" }, id is null ? new("file", "The server cannot keep more files at the moment. Send the form again in a few minutes.") : null);
    }

    /// <returns>The form with the data of the file and the errors of the choices, and the import; no import when a choice is wrong.</returns>
    private (UploadForm Form, SuiteImport? Import) Prepare(UploadForm form, StoredUpload file)
    {
        AddNameError(form);
        form = form with { FileName = file.Name, FileLength = file.Length, Scoring = form.Scoring.WithRequestedView(scorers, form.Errors) };
        return (form, form.ToImport(file.Open, scorers));
    }

    private async Task<IResult> PreviewAsync(UploadForm address, StoredUpload file, StoredChoices choices)
    {
        var (form, import) = Prepare(UploadForm.Read(choices.Fields, address.Tenant, address.Suite, scorers) with { UploadId = address.UploadId }, file);
        if (import is not null)
        {
            form = form.With(await importSuite.PreviewFileAsync(import, choices.Error is { IsOfContent: true } ? PreviewLimits.Whole : PreviewLimits.Head, request.Aborted));
            await AddTakenNameErrorAsync(form);
        }

        // An error of the preview is not added twice.
        if (choices.Error is { } error && form.Errors[error.Field] is null && !(error.IsOfContent && (form.Errors.Any || form.Preview is { Problems.Count: > 0 })))
            form.Errors.Add(error.Field, error.Message);
        return RenderForm(form);
    }

    private async Task<(IResult? Imported, UploadError? Error)> ImportAsync(UploadForm form, SuiteImport import, UploadOwner owner)
    {
        try
        {
            var saved = form.Suite is null
                ? await importSuite.ExecuteAsync(import, request.Viewer.Actor, request.Aborted)
                : await importSuite.ImportIfChangedAsync(import, request.Viewer.Actor, request.Aborted);
            uploads.Drop(form.UploadId, owner);
            if (form.Suite is { } before && saved.Suite.Revision == before.Revision)
                return (request.Done($"/evaluations/suites/{before.Id}", $"Nothing was changed: {form.FileName} has the same content as revision {before.Revision} of the suite '{before.Name}'."), null);
            var leftOut = import.Conversion.Report.LeftOut.Count;
            return (request.Done(
                $"/evaluations/suites/{saved.Suite.Id}",
                $"{DisplayText.Many(saved.CaseCount, "case")} of {form.FileName} {(saved.CaseCount == 1 ? "is" : "are")} stored as revision {saved.Suite.Revision} of the suite '{saved.Suite.Name}'."
                + (leftOut > 0 ? $" {DisplayText.Many(leftOut, "case")} that cannot be converted {(leftOut == 1 ? "is" : "are")} left out." : "")), null);
        }
        catch (InvalidInputException error)
        {
            // The next preview shows all errors of the file, not only the one where the import stopped.
            return (null, new("file", error.Message, IsOfContent: true));
        }
        catch (ConflictException error)
        {
            return (null, new(form.Suite is null ? "name" : "file", error.Message));
        }
    }

    private static void AddNameError(UploadForm form)
    {
        if (form.Suite is null && form.Name.Length > 0 && SuiteDraft.NameError(form.Name) is { } error)
            form.Errors.Add("name", error);
    }

    private async Task AddTakenNameErrorAsync(UploadForm form)
    {
        if (form.Suite is not null || form.Errors["name"] is not null)
            return;
        var name = form.Name.Length > 0 ? form.Name : form.Preview?.Settings.Name;
        if (name is null)
            form.Errors.Add("name", "The file does not name the suite. Give the suite a name.");
        else if ((await suites.ListAsync(form.Tenant.Id, request.Aborted)).Any(suite => suite.Name == name))
            form.Errors.Add("name", $"The tenant has a suite '{name}' already. Choose another name, or upload the file on that suite's page.");
    }

    private async Task<(Tenant Tenant, EvaluationSuite Suite)> FindAsync(long id)
    {
        var suite = await suites.GetAsync(id, request.Aborted);
        var tenant = await tenants.GetAsync(suite.TenantId, request.Aborted);
        request.EnsureSees(tenant);
        return (tenant, suite);
    }

    private IResult RejectedWithoutFile(UploadForm form, UploadError? error)
    {
        AddNameError(form);
        form.Errors.Add("file", error?.Message ?? (form.UploadId.Length == 0 ? NoFile : $"{Gone} Choose it again; your other choices are kept."));
        return RenderForm(form with { UploadId = "" }, StatusCodes.Status422UnprocessableEntity);
    }

    private UploadOwner OwnerOf(UploadForm form) => new(request.Viewer.Actor, form.Tenant.Id, form.Suite?.Id);

    private IResult RenderForm(UploadForm form, int status = StatusCodes.Status200OK) => Page.Of<SuiteUploadView, SuiteUploadModel>(new SuiteUploadModel(form, scorers), status);
}

/// <summary>What the page of an upload shows.</summary>
/// <param name="Form">The form.</param>
/// <param name="Scorers">The scorers to choose from, which describe their settings.</param>
internal sealed record SuiteUploadModel(UploadForm Form, ScorerRegistry Scorers);
