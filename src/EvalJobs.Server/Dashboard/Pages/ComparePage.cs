using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What differs between these runs, case by case?</summary>
internal sealed class ComparePage(
    PageRequest request, RunListRepository rows, EvaluationRunRepository runs, AgentVersionRepository versions, RunComparisonRepository comparisons, CaseOutcomeRepository outcomes,
    CaseOutcomeCache cache, CasePreviewRepository cases, TenantRepository tenants, DataExporter exporter)
{
    private const int PageSize = 25;

    private static readonly ExportFormat[] Formats = [ExportFormat.Csv, ExportFormat.Jsonl, ExportFormat.Junit];

    /// <summary>Characters read of each reply for its first line.</summary>
    private const int FirstLineLength = 200;

    /// <summary>Characters of each reply shown where a case is opened.</summary>
    private const int PreviewLength = 20_000;

    public async Task<IResult> ShowAsync()
    {
        if (request.QueryNumber("version") is { } version && request.QueryNumber("baseline") is { } baseline)
            return await FindRunsAsync(version, baseline);

        var ids = ReadIds();
        if (ids.Count == 1)
            return await FindParentRunAsync(ids[0]);

        var compared = await ReadRunsAsync();
        var columns = new List<IReadOnlyList<CaseFigures>>();
        foreach (var run in compared)
            columns.Add(await cache.GetAsync(run.Run, request.Aborted));
        var all = RunMatrix.Of(columns);

        var search = request.Query("search");
        var word = request.QueryWord("show", [.. CompareFilter.All.Select(each => each.Key).OfType<string>()]);
        var filter = CompareFilter.All.First(each => each.Key == word);
        var requested = request.QueryNumber("page") ?? 1;
        var searched = search is null ? all : [.. all.Where(each => Contains(each.CaseKey, search) || Contains(each.Name, search))];
        var matching = request.QueryErrors.Count > 0 ? [] : searched.Where(filter.Keeps).ToList();
        var pageCount = LastPage.Of(matching.Count, PageSize);
        var page = (int)Math.Clamp(requested, 1, pageCount);
        var shown = matching.Skip((page - 1) * PageSize).Take(PageSize).ToList();
        return Page.Of<CompareView, CompareModel>(new CompareModel
        {
            Runs = [.. compared.Select((run, index) => new ComparedRun(
                run.Run, run.Row, columns[index].Count, RunMatrix.Percentile95(columns[index]), index == 0 ? null : RunMatrix.AgainstBaseline(all, index)))],
            Genome = GenomeDifference.Of([.. compared.Select(run => run.Version.Genome)]),
            Filter = filter,
            Search = search,
            Counts = [.. CompareFilter.All.Select(each => (each, searched.Count(each.Keeps)))],
            MatchCount = matching.Count,
            Page = page,
            PageCount = pageCount,
            Cases = shown,
            Replies = await ReadRepliesAsync(compared, shown, FirstLineLength),
            Back = request.Query(RunListAddress.Field) is null ? null : RunListAddress.WithSelection(RunListAddress.FromQuery(request), string.Join(',', compared.Select(run => run.Run.Id))),
            IsCut = compared.Any(run => run.Run.CaseCount > CaseOutcomeCache.MaxCases),
        });
    }

    /// <summary>The replies of one case side by side, as a page or, for the script, as the part that the page opens.</summary>
    public async Task<IResult> ShowCaseAsync()
    {
        var compared = await ReadRunsAsync();
        var key = request.Query("case") ?? throw new InvalidInputException("The address names no case: open one on the page of the comparison.");
        var columns = new List<IReadOnlyList<CaseFigures>>();
        foreach (var run in compared)
            columns.Add([.. (await cache.GetAsync(run.Run, request.Aborted)).Where(outcome => outcome.CaseKey == key)]);
        var found = RunMatrix.Of(columns) is [var only, ..] ? only : throw new NotFoundException($"None of the runs has a case '{DisplayText.Excerpt(key, 100)}'.");

        var first = found.Outcomes.ToList().FindIndex(outcome => outcome is not null);
        var text = await cases.GetTextAsync(compared[first].Run, found.Outcomes[first]!.TestCaseId, request.Aborted);
        var model = new CompareCaseModel(
            [.. compared.Select(run => new ComparedRun(run.Run, run.Row, 0, null, null))], found, text, await ReadRepliesAsync(compared, [found], PreviewLength), PreviewLength);
        return request.Query("part") is null ? Page.Of<CompareCaseView, CompareCaseModel>(model) : Page.Of<CompareCase, CompareCaseModel>(model);
    }

    /// <summary>Every case that runs share with the baseline, as a file; filter and search of the page do not count.</summary>
    public async Task<IResult> ExportAsync(string format)
    {
        var compared = (await ReadRunsAsync()).Select(each => each.Run).ToList();
        DataExporter.EnsureComparable(compared[1..], compared[0]);
        return Download.Of(
            request, $"comparison-{string.Join('-', compared.Select(run => run.Id))}", format, Formats,
            (chosen, target) => exporter.ExportComparisonAsync(compared[1..], compared[0], chosen, target, request.Aborted));
    }

    /// <summary>Two versions are compared by their latest completed runs of the suite named, else of one that is required, else of the one both ran last.</summary>
    private async Task<IResult> FindRunsAsync(long version, long baseline)
    {
        foreach (var id in (long[])[version, baseline])
            request.EnsureSees(await tenants.GetAsync((await versions.GetAsync(id, request.Aborted)).TenantId, request.Aborted));
        var comparable = await comparisons.ListComparableAsync(version, baseline, request.Aborted);
        var suite = request.QueryNumber("suite");
        var chosen = ComparableRuns.Choose(comparable, suite)
            ?? throw new ConflictException($"There is nothing to compare yet: the two versions have not both completed a run of {(suite is null ? "the same suite" : $"suite {suite}")}.");
        return Results.Redirect(request.Url($"/evaluations/compare?runs={chosen.BaselineRunId},{chosen.RunId}"));
    }

    /// <summary>One run alone is compared with what is nearest to it: the latest run of its suite by its version's parent.</summary>
    private async Task<IResult> FindParentRunAsync(long id)
    {
        var run = await runs.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(run.TenantId, request.Aborted));
        if ((await runs.ReadContextAsync(run, request.Aborted)).ComparedRunId is not { } parent)
            throw new InvalidInputException($"Run {id} cannot be compared alone: its version's parent has no completed run of the same suite. Select 2 to {RunMatrix.MaxRuns} runs.");
        return request.Done(
            $"/evaluations/compare?runs={parent},{id}{(request.Query(RunListAddress.Field) is { } list ? $"&{RunListAddress.Field}={Uri.EscapeDataString(list)}" : "")}",
            $"Only run {id} was selected, so it is compared with run {parent}, the latest run of the same suite for its version's parent. Select 2 to {RunMatrix.MaxRuns} runs to compare others.");
    }

    private async Task<IReadOnlyList<(EvaluationRun Run, RunRow Row, AgentVersion Version)>> ReadRunsAsync()
    {
        var ids = ReadIds();
        if (ids.Count is < 2 or > RunMatrix.MaxRuns)
            throw NotComparable();

        var found = (await rows.ListAsync(ids, request.Aborted)).ToDictionary(row => row.Id);
        var compared = new List<(EvaluationRun, RunRow, AgentVersion)>();
        foreach (var id in ids)
        {
            var run = await runs.GetAsync(id, request.Aborted);
            request.EnsureSees(await tenants.GetAsync(run.TenantId, request.Aborted));
            if (compared is [var (first, _, _), ..] && first.TenantId != run.TenantId)
                throw new InvalidInputException($"Run {run.Id} is of another tenant than run {first.Id}; only runs of one tenant are compared.");
            compared.Add((run, found.GetValueOrDefault(id) ?? throw new NotFoundException($"There is no run {id}."), await versions.GetAsync(run.VersionId, request.Aborted)));
        }

        return compared;
    }

    /// <returns>The runs that the address names, the baseline first.</returns>
    private IReadOnlyList<long> ReadIds()
    {
        var values = request.Http.Request.Query["runs"];
        var named = values.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal).ToList();
        var ids = named.Select(Actions.FormNumber.Parse).OfType<long>().ToList();

        // Runs selected in a list are separate values, newest first: without sorting the newest run would be the baseline, and improvements would look like regressions.
        if (values.Count > 1)
            ids.Sort();
        return ids.Count == named.Count ? ids : throw NotComparable();
    }

    private static InvalidInputException NotComparable() => new($"Select 2 to {RunMatrix.MaxRuns} runs in a list of runs to compare them. The oldest run is the baseline.");

    private async Task<IReadOnlyList<IReadOnlyDictionary<long, CaseReply>>> ReadRepliesAsync(
        IReadOnlyList<(EvaluationRun Run, RunRow Row, AgentVersion Version)> compared, IReadOnlyList<MatrixCase> shown, int length)
    {
        var replies = new List<IReadOnlyDictionary<long, CaseReply>>();
        for (var index = 0; index < compared.Count; index++)
            replies.Add(await outcomes.ListRepliesAsync(compared[index].Run.Id, shown.Select(each => each.Outcomes[index]?.TestCaseId).OfType<long>(), length, request.Aborted));
        return replies;
    }

    private static bool Contains(string text, string search) => text.Contains(search, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Which cases of a comparison are shown.</summary>
/// <param name="Key">Its word in the address; null for all.</param>
/// <param name="Text">Its name.</param>
/// <param name="Keeps">Whether a case is shown.</param>
internal sealed record CompareFilter(string? Key, string Text, Func<MatrixCase, bool> Keeps)
{
    /// <summary>Every filter, the one for all cases first.</summary>
    public static readonly IReadOnlyList<CompareFilter> All =
    [
        new(null, "All", _ => true),
        new("regressed", "Newly failing", each => each.IsNewlyFailing),
        new("fixed", "Newly passing", each => each.IsNewlyPassing),
        new("different", "Different verdicts", each => each.IsDifferent),
        new("missing", "Not in every run", each => each.IsMissing),
    ];
}
