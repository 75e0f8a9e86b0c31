using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Creates a suite, or its next revision, in a form. Long suites are edited a page of cases at a time.</summary>
internal sealed class SuiteFormPage(PageRequest request, EvaluationSuiteRepository suites, SuiteListRepository lists, TenantRepository tenants, SaveSuite saveSuite, ScorerRegistry scorers, TenantPicker picker)
{
    public async Task<IResult> ShowNewAsync()
    {
        var choice = await picker.ReadAsync();
        if (choice.Tenant is not { } tenant)
            return ChooseTenant.Ask("New suite", choice);
        return RenderForm(SuiteForm.New(tenant, (await suites.ListAsync(tenant.Id, request.Aborted)).Count == 0), StatusCodes.Status200OK);
    }

    public async Task<IResult> ShowEditAsync(long id)
    {
        var (tenant, suite) = await FindAsync(id);
        var after = CaseAnchor.After(request, SuiteForm.PageSize);
        var count = await suites.CountCasesAsync(suite.Id, suite.Revision, request.Aborted);
        return RenderForm(SuiteForm.Of(tenant, suite, count, after, await ListCasesAsync(suite.Id, suite.Revision, after, request.Aborted)), StatusCodes.Status200OK);
    }

    public async Task<IResult> CreateAsync(IFormCollection fields)
    {
        var tenant = request.EnsureSees(await tenants.FindAsync(request.Query("tenant") ?? "", request.Aborted));
        var form = SuiteForm.Read(fields, tenant, null, 0, [], scorers);
        if (form.Focus is not null || form.HasRequestedView)
            return RenderChangedForm(form);
        await RejectTakenNameAsync(form);
        if (form.ToEdit(scorers) is not { } edit)
            return Rejected(form);

        try
        {
            var saved = await saveSuite.CreateAsync(tenant.Id, edit.Draft, [.. edit.Added], request.Viewer.Actor, request.Aborted);
            return Stored(saved, $"The suite '{saved.Suite.Name}' is created with {DisplayText.Many(saved.CaseCount, "case")}.");
        }
        catch (InvalidInputException error)
        {
            return Rejected(form, error);
        }
        catch (ConflictException error)
        {
            form.Errors.Add("name", error.Message);
            return Rejected(form);
        }
    }

    public async Task<IResult> SaveAsync(long id, IFormCollection fields)
    {
        var (tenant, suite) = await FindAsync(id);
        var form = await ReadAsync(fields, tenant, suite);
        if (form.Focus is not null || form.HasRequestedView)
            return RenderChangedForm(form);
        await RejectTakenNameAsync(form);
        var change = form.ToEdit(scorers);
        if (await HasTakenKeyAsync(form, request.Aborted) || change is not { } edit)
            return Rejected(form);
        if (form.IsUnchanged(edit))
            return request.Done($"/evaluations/suites/{suite.Id}", $"Nothing was changed: the suite '{suite.Name}' stays at revision {suite.Revision}.");

        try
        {
            var saved = await saveSuite.ReviseAsync(suite.Id, edit, request.Viewer.Actor, request.Aborted);
            return Stored(saved, $"The suite '{saved.Suite.Name}' is stored as revision {saved.Suite.Revision}, with {DisplayText.Many(saved.CaseCount, "case")}. Runs from now on use it.");
        }
        catch (InvalidInputException error)
        {
            return Rejected(form, error);
        }
        catch (ConflictException error)
        {
            // The typed values stay; the form now offers to overwrite the other user's revision.
            form = form with { Suite = await suites.GetAsync(suite.Id, request.Aborted) };
            form.Errors.General = error.Message;
            return Rejected(form);
        }
    }

    // The form's cases are those of its own revision, which never change, even if a later revision was saved.
    private async Task<SuiteForm> ReadAsync(IFormCollection fields, Tenant tenant, EvaluationSuite suite)
    {
        var revision = SuiteForm.FromRevisionOf(fields);
        var count = await suites.CountCasesAsync(suite.Id, revision, request.Aborted);
        var page = await ListCasesAsync(suite.Id, revision, SuiteForm.AfterOf(fields), request.Aborted);
        var form = SuiteForm.Read(fields, tenant, suite, count, page, scorers);

        var cases = new List<CaseForm>();
        foreach (var each in form.Cases)
        {
            cases.Add(each.Original is null || each.IsUntouched
                ? each
                : each with { Whole = await lists.GetTextAsync(suite.Id, each.Original.TestCaseId, request.Aborted) });
        }

        return form with { Cases = cases };
    }

    /// <summary>Whether a key belongs to a case on another page, which the form does not contain.</summary>
    private async Task<bool> HasTakenKeyAsync(SuiteForm form, CancellationToken cancellationToken)
    {
        var changed = form.KeptCases().Where(each => !each.Case.IsUntouched).ToList();
        var taken = await lists.FindKeysAsync(form.Suite!.Id, form.FromRevision, changed.Select(each => each.Case.KeyAt(each.Ordinal)), cancellationToken);
        var going = form.Cases.Where(each => each.Original is not null && (each.IsRemoved || !each.IsUntouched)).Select(each => each.Original!.Ordinal).ToHashSet();
        foreach (var (ordinal, each) in changed)
        {
            if (taken.TryGetValue(each.KeyAt(ordinal), out var holder) && !going.Contains(holder) && form.Errors[each.Field("key")] is null)
                form.Errors.Add(each.Field("key"), $"Case {holder} has the key '{each.KeyAt(ordinal)}' already.");
        }

        return form.Errors.Any;
    }

    /// <summary>Adds the error together with the others. A name that is taken later is found when the suite is stored.</summary>
    private async Task RejectTakenNameAsync(SuiteForm form)
    {
        if ((await suites.ListAsync(form.Tenant.Id, request.Aborted)).Any(suite => suite.Name == form.Name && suite.Id != form.Suite?.Id))
            form.Errors.Add("name", $"The tenant has a suite '{form.Name}' already.");
    }

    private async Task<(Tenant Tenant, EvaluationSuite Suite)> FindAsync(long id)
    {
        var suite = await suites.GetAsync(id, request.Aborted);
        var tenant = await tenants.GetAsync(suite.TenantId, request.Aborted);
        request.EnsureSees(tenant);
        return (tenant, suite);
    }

    private Task<IReadOnlyList<SuiteCasePreview>> ListCasesAsync(long suiteId, int revision, int after, CancellationToken cancellationToken) =>
        lists.ListCasesAsync(suiteId, revision, after, CaseForm.LongestText, SuiteForm.PageSize, cancellationToken);

    private IResult Stored(SavedSuite saved, string message) => request.Done($"/evaluations/suites/{saved.Suite.Id}", message);

    /// <summary>Shows the form with more or other fields.</summary>
    private IResult RenderChangedForm(SuiteForm form)
    {
        var changed = form.WithRequestedView(scorers);
        return RenderForm(changed, changed.Errors.Any ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    // The database layer rejected a value, such as a character that cannot be stored: the typed values stay.
    private IResult Rejected(SuiteForm form, InvalidInputException error)
    {
        if (error.Field is "name" or "description" or "tags")
            form.Errors.Add(error.Field, error.Message);
        else
            form.Errors.General = $"{FormWords.Of(error.Message)} Nothing was stored.";
        return Rejected(form);
    }

    private IResult Rejected(SuiteForm form) => RenderForm(form, StatusCodes.Status422UnprocessableEntity);

    private IResult RenderForm(SuiteForm form, int status) => Page.Of<SuiteFormView, SuiteFormModel>(new SuiteFormModel(form, scorers), status);
}

/// <summary>What the form of a suite shows.</summary>
/// <param name="Form">The form.</param>
/// <param name="Scorers">The scorers to choose from, which describe their settings.</param>
internal sealed record SuiteFormModel(SuiteForm Form, ScorerRegistry Scorers);
