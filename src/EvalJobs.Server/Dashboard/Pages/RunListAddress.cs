using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The way back to the list in which runs were chosen: its address, with filter and selection.</summary>
internal static class RunListAddress
{
    /// <summary>The field of the form that carries it.</summary>
    public const string Field = "back";

    /// <summary>The query value with the selected runs, separated by commas.</summary>
    public const string SelectionField = "ticked";

    private const int MaxLength = 2000;

    private static readonly Uri Site = new("http://here.invalid");

    /// <returns>The list of runs with the filter of this request.</returns>
    public static string OfFilter(PageRequest request) => WithQuery(
        Home(request), request.Http.Request.Query.Where(pair => pair.Key is not ("do" or "all" or "runs" or SelectionField or Field)));

    /// <returns>The address of this page with a list, for its form; without the query when that is too long.</returns>
    public static string Here(PageRequest request)
    {
        var path = request.Url(request.Path);
        var address = WithQuery(path, request.Http.Request.Query.Where(pair => pair.Key is not (SelectionField or Field)));
        return address.Length <= MaxLength ? address : path;
    }

    /// <returns>The list that the form of a list carried, in the query; the list of all runs when it has none, or when it is not one of our pages.</returns>
    public static string FromQuery(PageRequest request) => Checked(request, request.Http.Request.Query[Field].ToString());

    /// <returns>The address in a posted form; the list of all runs when it is not one of our pages.</returns>
    public static string Posted(PageRequest request, IFormCollection form) => Checked(request, form[Field].ToString());

    /// <returns>The address with these runs selected, unless it would be too long.</returns>
    public static string WithSelection(string address, StringValues runs)
    {
        var (path, query) = address.Split('?', 2) is [var before, var after] ? (before, QueryHelpers.ParseQuery(after)) : (address, []);
        query.Remove(SelectionField);
        var plain = WithQuery(path, query);
        var selected = runs.Count == 0 ? plain : WithQuery(path, query.Append(new(SelectionField, string.Join(',', runs.ToArray()))));
        return selected.Length <= MaxLength ? selected : plain;
    }

    /// <returns>The selected runs.</returns>
    public static IReadOnlySet<string> SelectedRuns(PageRequest request) =>
        (request.Query(SelectionField) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    private static string Home(PageRequest request) => request.Url("/evaluations/runs");

    // Only our own pages are allowed, except the steps of this action. The address is parsed as a browser does it, because dots and backslashes change its meaning.
    private static string Checked(PageRequest request, string address) =>
        address.Length <= MaxLength && Uri.TryCreate(Site, address, out var read) && read.Authority == Site.Authority && read.Scheme == Site.Scheme
        && new PathString(read.AbsolutePath) is var path
        && path.StartsWithSegments(request.Url("/evaluations"), StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments(request.Url("/evaluations/runs/change"), StringComparison.OrdinalIgnoreCase)
            ? read.PathAndQuery
            : Home(request);

    private static string WithQuery(string path, IEnumerable<KeyValuePair<string, StringValues>> query) => path + QueryString.Create(query.Where(pair => !StringValues.IsNullOrEmpty(pair.Value)));
}
