using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Actions;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Retries, cancels, reorders or acknowledges many runs: those selected in a list, or all of a filter.</summary>
internal sealed class BulkPage(PageRequest request, RunListRepository runs, RunsPage runsPage, BulkRuns bulk)
{
    /// <summary>Runs in one go at most.</summary>
    public const int MaxRuns = ChangeRuns.MaxRuns;

    /// <summary>The confirmation page: which runs, and what will be done with them.</summary>
    public async Task<IResult> ConfirmAsync()
    {
        var kind = BulkChange.KindOf(request.Query("do")) ?? throw new InvalidInputException("Choose what to do with the runs.");
        var isAll = request.Query("all") is not null;
        var found = isAll ? await ListAllAsync(kind) : await ListAsync(Ids(request.Http.Request.Query["runs"]));
        var list = isAll ? RunListAddress.OfFilter(request) : RunListAddress.FromQuery(request);
        var fitting = found.Where(run => Fits(run, kind)).ToList();
        return Page.Of<BulkView, BulkModel>(new BulkModel
        {
            Kind = kind,
            Runs = [.. fitting.Take(MaxRuns)],
            IsCut = fitting.Count > MaxRuns,
            Left = found.Count - fitting.Count,
            IsAll = isAll,
            List = list,
            Back = isAll ? list : RunListAddress.WithSelection(list, request.Http.Request.Query["runs"]),
        });
    }

    /// <summary>Starts the change and redirects to the page of its progress.</summary>
    public async Task<IResult> StartAsync(IFormCollection form)
    {
        var kind = BulkChange.KindOf(form["do"]) ?? throw new InvalidInputException("Choose what to do with the runs.");
        var priority = kind == BulkKind.Priority ? FormNumber.ParsePriority(form["priority"]) : 0;
        if (kind == BulkKind.Priority)
            RunPriority.Validate(priority);
        var note = FormText.Lines(form["note"]).Trim();
        if (note.Length > AcknowledgeRun.MaxNoteLength)
            throw new InvalidInputException($"The note has {note.Length} characters; at most {AcknowledgeRun.MaxNoteLength} are allowed.");
        var chosen = await ListAsync(Ids(form["runs"]));
        if (chosen.Count == 0)
            throw new InvalidInputException("Select at least one run.");
        var progress = bulk.Start(new BulkChange(kind, priority, note.Length == 0 ? null : note), [.. chosen.Select(run => run.Id)], request.Viewer.Actor, RunListAddress.Posted(request, form));
        return request.Done($"/evaluations/runs/change/{progress.Id}", "The action has started. Each changed run gets an audit record.");
    }

    /// <summary>The page of the progress. The browser reloads it until the change is done, even without the script.</summary>
    public IResult ShowProgress(string id)
    {
        var progress = bulk.Find(id, request.Viewer.Actor)
            ?? throw new NotFoundException("This server has no such action. The audit trail lists what was done.");
        var reading = progress.Read();
        if (!reading.IsDone)
            request.Http.Response.Headers["Refresh"] = "1";
        return Page.Of<BulkProgressView, BulkReading>(reading);
    }

    private async Task<IReadOnlyList<RunRow>> ListAllAsync(BulkKind kind)
    {
        var filter = await runsPage.ReadFilterAsync();

        // Completed runs cannot be changed, so they are not searched.
        if (filter.Outcome is not null)
            return [];
        if (kind == BulkKind.Acknowledge && filter.Status is null or RunStatus.Failed)
            filter = filter with { NeedsAction = true };
        if (filter.NeedsAction || filter.Status is not null)
            return await runs.ListAsync(filter, MaxRuns + 1, request.Aborted);

        var found = new List<RunRow>();
        foreach (var status in BulkChange.StatusesFor(kind))
            found.AddRange(await runs.ListAsync(filter with { Status = status }, MaxRuns + 1, request.Aborted));
        return [.. found.OrderByDescending(run => run.Id)];
    }

    // Invisible runs are left out, like runs that do not exist.
    private async Task<IReadOnlyList<RunRow>> ListAsync(IReadOnlyList<long> ids) =>
        [.. (await runs.ListAsync(ids, request.Aborted)).Where(run => request.Viewer.Sees(run.TenantSlug))];

    private static bool Fits(RunRow run, BulkKind kind) => run.ArchivedAt is null && BulkChange.StatusesFor(kind).Contains(run.Status);

    private static IReadOnlyList<long> Ids(IEnumerable<string?> values)
    {
        var ids = values.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(FormNumber.Parse).OfType<long>().Distinct().ToList();
        return ids.Count <= MaxRuns ? ids : throw new InvalidInputException($"At most {MaxRuns} runs can be changed at once; these are {ids.Count}.");
    }
}

/// <summary>The confirmation page before many runs are changed.</summary>
internal sealed record BulkModel
{
    /// <summary>What to do.</summary>
    public required BulkKind Kind { get; init; }

    /// <summary>The runs it will be done with.</summary>
    public required IReadOnlyList<RunRow> Runs { get; init; }

    /// <summary>Whether there are more than can be changed in one go.</summary>
    public required bool IsCut { get; init; }

    /// <summary>Runs chosen whose state does not allow it.</summary>
    public required int Left { get; init; }

    /// <summary>Whether all runs of a filter are chosen, not selected ones.</summary>
    public required bool IsAll { get; init; }

    /// <summary>The address of the list that they were chosen in.</summary>
    public required string List { get; init; }

    /// <summary>The same with the selection.</summary>
    public required string Back { get; init; }
}
