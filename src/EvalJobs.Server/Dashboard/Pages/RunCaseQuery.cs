using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The filter of a run's cases in the page's address, and the requested page of them.</summary>
internal sealed record RunCaseQuery
{
    /// <summary>Cases on one page.</summary>
    public const int PageSize = 25;

    /// <summary>The filter; null in a field means any.</summary>
    public required CaseFilter Filter { get; init; }

    /// <summary>The page, from 1.</summary>
    public required int Page { get; init; }

    /// <summary>The case that is shown open, by its ordinal; null means none. Without a filter its page is shown.</summary>
    public int? Opened { get; init; }

    /// <summary>Cases before the page.</summary>
    public int Offset => (int)Math.Min((Page - 1L) * PageSize, int.MaxValue);

    /// <summary>Whether the filter has more than a verdict.</summary>
    public bool IsMore => !(Filter with { Verdict = null }).IsPlain;

    /// <summary>Whether it is the first page of one verdict, in the order of the suite.</summary>
    public bool IsFirstOfVerdict => Filter.Verdict is not null && !IsMore && Page == 1;

    /// <returns>The query of a request; invalid values are rejected. A case's ordinal (<c>after</c>) selects its page.</returns>
    public static RunCaseQuery Of(PageRequest request)
    {
        var page = request.QueryNumber("page") ?? CaseAnchor.After(request, PageSize) / PageSize + 1L;
        return new RunCaseQuery
        {
            Filter = new CaseFilter
            {
                Verdict = request.QueryWord("verdict", [.. Enum.GetValues<CaseVerdict>().Select(StoredWord.Of), CasePreviewRepository.Waiting]),
                Text = request.Query("q") is { } text ? text[..Math.Min(text.Length, SearchPattern.MaxLength)] : null,
                MinScore = Score("min"),
                MaxScore = Score("max"),
                SlowerThanMs = Milliseconds(),
                Sort = request.QueryWord("sort", CaseFilter.Sorts),
            },
            Opened = CaseAnchor.FromQuery(request),
            Page = (int)Math.Clamp(page, 1, int.MaxValue / PageSize),
        };

        double? Score(string name)
        {
            if (request.Query(name) is not { } typed)
                return null;
            if (double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && score is >= 0 and <= 1)
                return score;
            request.RejectQuery(name, "is not a score; expected a number from 0 to 1, such as 0.5.");
            return null;
        }

        long? Milliseconds()
        {
            if (request.Query("slower") is not { } typed)
                return null;
            if (long.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
            request.RejectQuery("slower", "is not a time; expected whole milliseconds, such as 1500.");
            return null;
        }
    }
}
