using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Turns records of another tool's file into records of our own form.</summary>
internal static class MovedRecords
{
    private const int MaxListed = 50;

    /// <param name="records">The file's records, one a case.</param>
    /// <param name="converter">Knows the tool's form.</param>
    /// <param name="options">Where findings go.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">A record holds a text that cannot be read.</exception>
    public static async IAsyncEnumerable<CaseRecord> ReadAsync(
        IAsyncEnumerable<CaseRecord> records, ICaseConverter converter, MoveOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var paths = new Dictionary<string, JsonPath>(StringComparer.Ordinal);
        await foreach (var record in records.WithCancellation(cancellationToken))
        {
            var source = ((JsonCaseRecord)record).Value;
            if (TryConvert(converter, source, record.Place, options) is { } moved)
                yield return new JsonCaseRecord(record.Place, ToElement(moved), paths);
        }
    }

    /// <exception cref="InvalidInputException">A case was found that cannot be moved, and such cases are not to be left out, or no other is there.</exception>
    public static void EnsureNothingLost(MoveOptions options, bool isAnyMoved, FilePlace file)
    {
        var found = options.Report.LeftOut;
        if (found.Count == 0 || (options.SkipUnsupported && isAnyMoved))
            return;

        var lines = found.Take(MaxListed).Select(each => $"\n  {each}");
        var more = found.Count > MaxListed ? $"\n  … and {found.Count - MaxListed} more" : "";
        var what = isAnyMoved ? $"{found.Count} of the cases cannot be moved" : "none of the cases can be moved";
        var remedies = found.Select(each => each.Remedy).OfType<Remedy>().Distinct();
        if (isAnyMoved)
            remedies = remedies.Prepend(new Remedy(RemedyKind.SkipUnsupported));
        throw new InvalidInputException(file.Error($"{what}:{string.Concat(lines)}{more}").Message) { Remedies = [.. remedies] };
    }

    public static JsonElement ToElement(JsonObject value) => JsonSerializer.SerializeToElement(value);

    private static JsonObject? TryConvert(ICaseConverter converter, JsonElement source, FilePlace place, MoveOptions options)
    {
        try
        {
            return converter.Convert(source, options.Report);
        }
        catch (UnsupportedCaseException error)
        {
            options.Report.LeaveOut(place, DatasetRecord.Key(source), error.Message, error.Remedy);
            return null;
        }
        catch (InvalidOperationException error)
        {
            throw place.Error("a text holds half of a surrogate pair.", inner: error);
        }
    }
}

/// <summary>Turns one record of another tool into one of our own form.</summary>
internal interface ICaseConverter
{
    /// <returns>The case; null when the tool itself would not ask it, which is noted.</returns>
    /// <exception cref="UnsupportedCaseException">It holds something that has no counterpart here.</exception>
    JsonObject? Convert(JsonElement source, MoveReport report);
}
