using System.Runtime.CompilerServices;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Reads the objects of a JSON array, which is the whole file or is at the root path in it.</summary>
internal static class JsonRecords
{
    public static async IAsyncEnumerable<CaseRecord> ReadAsync(
        ImportStream stream, FilePlace file, string? root, [EnumeratorCancellation] CancellationToken cancellationToken,
        ImportFindings? findings = null)
    {
        var paths = new Dictionary<string, JsonPath>(StringComparer.Ordinal);
        var names = root?.Split('.') ?? [];
        var tokens = new JsonTokens(stream, file);
        if (!await tokens.ReadAsync(cancellationToken))
            throw file.Error("the file is empty.");

        foreach (var name in names)
        {
            if (!await FindAsync(tokens, name, cancellationToken))
                throw tokens.Place.Error($"the root '{root}' matches nothing: there is no object with '{name}' here.");
        }

        if (tokens.Type != JsonTokenType.StartArray)
            throw tokens.Place.Error(NoArray(root, isObject: tokens.Type == JsonTokenType.StartObject));
        while (await tokens.ReadAsync(cancellationToken) && tokens.Type != JsonTokenType.EndArray)
        {
            // The place of the value is stored before the value is read, which changes the position.
            var place = tokens.Place;
            var value = await tokens.ReadValueAsync(cancellationToken);
            if (value.ValueKind != JsonValueKind.Object)
            {
                var error = place.Error($"a test case is a JSON object, not {JsonCaseRecord.Kind(value)}.");
                (findings ?? throw error).Add(error);
                continue;
            }

            yield return new JsonCaseRecord(place, value, paths);
        }

        // The rest of the file is read, too, so that a file that is cut or malformed after the cases is rejected.
        foreach (var name in names.Reverse())
        {
            if (await FindAsync(tokens, name, cancellationToken))
                throw tokens.Place.Error($"the key '{name}' occurs twice.");
        }
        await tokens.ReadAsync(cancellationToken);
    }

    public static string NoArray(string? root, bool isObject) => (root, isObject) switch
    {
        (null, true) => "expected an array of test cases, found an object; name the property that contains the array as the root.",
        (null, false) => "expected an array of test cases.",
        _ => $"expected an array of test cases at the root '{root}'.",
    };

    /// <summary>Moves to the value of a property of the current object. The current token is the object's start, or the end of a value within it.</summary>
    /// <returns>False when the object ends first.</returns>
    private static async Task<bool> FindAsync(JsonTokens tokens, string name, CancellationToken cancellationToken)
    {
        if (tokens.Type is not (JsonTokenType.StartObject or JsonTokenType.EndArray or JsonTokenType.EndObject))
            return false;

        while (await tokens.ReadAsync(cancellationToken) && tokens.Type == JsonTokenType.PropertyName)
        {
            var isIt = tokens.Name == name;
            await tokens.ReadAsync(cancellationToken);
            if (isIt)
                return true;
            await tokens.SkipAsync(cancellationToken);
        }
        return false;
    }
}
