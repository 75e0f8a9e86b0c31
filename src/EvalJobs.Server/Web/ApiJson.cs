using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EvalJobs.Server.Web;

/// <summary>How the API writes and reads JSON. Strict in reading: a field that nobody knows is a mistake, not noise.</summary>
internal static class ApiJson
{
    /// <summary>The options; never changed after the first use.</summary>
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    private static JsonSerializerOptions CreateOptions()
    {
        var options = Configure(new JsonSerializerOptions());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <returns>The JSON of a value.</returns>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Applies ours to the framework's.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = 64;
        options.Converters.Add(new StoredWordConverterFactory());
        return options;
    }
}
