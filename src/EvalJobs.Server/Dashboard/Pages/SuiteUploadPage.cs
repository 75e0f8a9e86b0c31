using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>
/// Takes a file of cases as a new suite, or as the next revision of one, in two steps: the file and a look at it, with what can be chosen about how it is read;
/// then the import. Nothing is stored in the database before that. A bad file is refused whole.
/// </summary>
internal sealed class SuiteUploadPage(
    PageRequest request, EvaluationSuiteRepository suites, TenantRepository tenants, ImportSuite importSuite, ScorerRegistry scorers, TenantPicker picker, KeptUploads uploads)
{
    public async Task<IResult> ShowNewAsync()
    {
        var choice = await picker.ReadAsync();
        if (choice.Tenant is not { } tenant)
            return ChooseTenant.Ask("New suite from a file", choice);
        return Shown(new UploadForm { Tenant = tenant, BasedOn = 0 });
    }

    public async Task<IResult> ShowNextAsync(long id)
    {
        var (tenant, suite) = await FindAsync(id);
        return Shown(new UploadForm { Tenant = tenant, Suite = suite, BasedOn = suite.Revision });
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

    private async Task<IResult> TakeAsync(IFormCollection fields, UploadForm form)
    {
        var owner = new UploadOwner(request.Viewer.Actor, form.Tenant.Id, form.Suite?.Id);
        if (fields["do"] == "cancel")
        {
            uploads.Drop(form.Kept, owner);
            return request.Done(form.Suite is { } suite ? $"/evaluations/suites/{suite.Id}" : $"/evaluations/suites?tenant={form.Tenant.Slug}", "Nothing was stored, and the file is deleted.");
        }

        if (form.Suite is null && form.Name.Length > 0 && SuiteDraft.NameError(form.Name) is { } nameError)
            form.Errors.Add("name", nameError);
        form = await ReceiveAsync(fields.Files["file"], form, owner);
        if (uploads.Find(form.Kept, owner) is not { } file)
            return RejectedWithoutFile(form);

        using (file)
        {
            form = form with { FileName = file.Name, FileLength = file.Length, Scoring = form.Scoring.Turned(scorers, form.Errors) };
            if (form.ToImport(file.Open, scorers) is not { } import)
                return Rejected(form);
            if (fields["do"] == "import" && !form.Errors.Any && form.Scoring.Turn.Length == 0)
                return await ImportAsync(form, import, owner);

            form = form.With(await importSuite.LookAsync(import, LookLimits.Head, request.Aborted));
            await NoteTakenNameAsync(form);
            return form.Errors.Any ? Rejected(form) : Shown(form);
        }
    }

    /// <summary>Keeps the file that was sent, in place of the one before; one that cannot be kept for what it is leaves that one there.</summary>
    private async Task<UploadForm> ReceiveAsync(IFormFile? file, UploadForm form, UploadOwner owner)
    {
        // A browser sends a field without a file as one without a name.
        if (file is null || (file.Length == 0 && file.FileName.Length == 0))
            return form;

        if (file.Length == 0)
            form.Errors.Add("file", "Choose a file that is not empty.");
        else if (file.Length > UploadForm.LargestFile)
            form.Errors.Add("file", $"The file is larger than {UploadForm.LargestFile / (1024 * 1024)} MiB. Divide it, or ask an administrator to import it.");
        else
        {
            uploads.Drop(form.Kept, owner);
            var id = await uploads.KeepAsync(owner, Path.GetFileName(file.FileName), file.Length, file.OpenReadStream, request.Aborted);
            if (id is null)
                form.Errors.Add("file", "The server keeps as many files as it can at this moment. Send the form again in some minutes.");
            return form with { Kept = id ?? "" };
        }

        return form;
    }

    private async Task<IResult> ImportAsync(UploadForm form, SuiteImport import, UploadOwner owner)
    {
        try
        {
            var saved = form.Suite is null
                ? await importSuite.ExecuteAsync(import, request.Viewer.Actor, request.Aborted)
                : await importSuite.ImportIfChangedAsync(import, request.Viewer.Actor, request.Aborted);
            uploads.Drop(form.Kept, owner);
            if (form.Suite is { } before && saved.Suite.Revision == before.Revision)
                return request.Done($"/evaluations/suites/{before.Id}", $"Nothing was changed: {form.FileName} holds what revision {before.Revision} of the suite '{before.Name}' holds.");
            var leftOut = import.Move.Report.LeftOut.Count;
            return request.Done(
                $"/evaluations/suites/{saved.Suite.Id}",
                $"{Show.Many(saved.CaseCount, "case")} of {form.FileName} {(saved.CaseCount == 1 ? "is" : "are")} stored as revision {saved.Suite.Revision} of the suite '{saved.Suite.Name}'."
                + (leftOut > 0 ? $" {Show.Many(leftOut, "case")} that cannot be moved {(leftOut == 1 ? "is" : "are")} left out." : ""));
        }
        catch (InvalidInputException error)
        {
            // All that is wrong with the file is said at once, not only where the import stopped.
            form = form.With(await importSuite.LookAsync(import, LookLimits.Whole, request.Aborted));
            await NoteTakenNameAsync(form);
            if (form.Look!.Problems.Count == 0 && !form.Errors.Any)
                form.Errors.Add("file", error.Message);
        }
        catch (ConflictException error)
        {
            form = form.With(await importSuite.LookAsync(import, LookLimits.Head, request.Aborted));
            form.Errors.Add(form.Suite is null ? "name" : "file", error.Message);
        }

        return Rejected(form);
    }

    private async Task NoteTakenNameAsync(UploadForm form)
    {
        if (form.Suite is not null || form.Errors["name"] is not null)
            return;
        var name = form.Name.Length > 0 ? form.Name : form.Look?.Settings.Name;
        if (name is null)
            form.Errors.Add("name", "The file names no suite: give the suite a name.");
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

    private IResult RejectedWithoutFile(UploadForm form)
    {
        if (form.Errors["file"] is null)
        {
            form.Errors.Add("file", form.Kept.Length == 0
                ? "Choose a file that is not empty."
                : $"The file is not here any more: it is kept {KeptUploads.Lifetime.TotalMinutes:0} minutes, until it is imported, and not beyond a restart of the server. Choose it again; everything else is as you chose it.");
        }

        return Rejected(form with { Kept = "" });
    }

    private IResult Rejected(UploadForm form) => Shown(form, StatusCodes.Status422UnprocessableEntity);

    private IResult Shown(UploadForm form, int status = StatusCodes.Status200OK) => Page.Of<SuiteUploadView, SuiteUploadModel>(new SuiteUploadModel(form, scorers), status);
}

/// <summary>What the page of an upload shows.</summary>
/// <param name="Form">The form.</param>
/// <param name="Scorers">The scorers to choose from, which describe their settings.</param>
internal sealed record SuiteUploadModel(UploadForm Form, ScorerRegistry Scorers);
