using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The filter of a run's cases, as it stands in the page's address, and the page of them that is asked for.</summary>
internal sealed record RunCaseFilter
{
    /// <summary>Cases on one page.</summary>
    public const int PageSize = 25;

    /// <summary>What is asked for; null in a field means any.</summary>
    public required CaseFilter Filter { get; init; }

    /// <summary>The page, from 1.</summary>
    public required int Page { get; init; }

    /// <summary>What could not be read, as a sentence; null when all could.</summary>
    public required string? Error { get; init; }

    /// <summary>Cases before the page.</summary>
    public int Offset => (int)Math.Min((Page - 1L) * PageSize, int.MaxValue);

    /// <summary>Whether more is asked for than a verdict.</summary>
    public bool IsOpen => !(Filter with { Verdict = null }).IsPlain || Error is not null;

    /// <returns>What a request asks for. A case's place (<c>after</c>) leads to its page.</returns>
    public static RunCaseFilter Of(PageRequest request)
    {
        var errors = new List<string>();
        var sort = request.Query("sort")?.ToUpperInvariant();
        var page = request.QueryNumber("page") ?? (request.QueryNumber("after") ?? 0) / PageSize + 1;
        return new RunCaseFilter
        {
            Filter = new CaseFilter
            {
                Verdict = request.QueryWord<CaseVerdict>("verdict") is { } verdict ? StoredWord.Of(verdict)
                    : string.Equals(request.Query("verdict"), CasePreviewRepository.Waiting, StringComparison.OrdinalIgnoreCase) ? CasePreviewRepository.Waiting
                    : null,
                Text = request.Query("q") is { } text ? text[..Math.Min(text.Length, SearchPattern.MaxLength)] : null,
                MinScore = Score("min"),
                MaxScore = Score("max"),
                SlowerThanMs = Milliseconds(),
                Sort = CaseFilter.Sorts.Contains(sort, StringComparer.Ordinal) ? sort : null,
            },
            Page = (int)Math.Clamp(page, 1, int.MaxValue / PageSize),
            Error = errors.Count == 0 ? null : string.Join(' ', errors),
        };

        double? Score(string name)
        {
            if (request.Query(name) is not { } typed)
                return null;
            if (double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && score is >= 0 and <= 1)
                return score;
            errors.Add($"'{Show.Excerpt(typed, 20)}' is no score: a score is a number from 0 to 1, such as 0.5.");
            return null;
        }

        long? Milliseconds()
        {
            if (request.Query("slower") is not { } typed)
                return null;
            if (request.QueryNumber("slower") is { } number)
                return number;
            errors.Add($"'{Show.Excerpt(typed, 20)}' is no time: say whole milliseconds, such as 1500.");
            return null;
        }
    }
}
