using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EvalJobs.Server.Web;

/// <summary>How the API writes and reads JSON. Reading is strict: an unknown field is an error.</summary>
internal static class ApiJson
{
    /// <summary>The options. They must not be changed after the first use.</summary>
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    private static JsonSerializerOptions CreateOptions()
    {
        var options = Configure(new JsonSerializerOptions());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <returns>The JSON of a value.</returns>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Copies these options to those of the framework.</summary>
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
