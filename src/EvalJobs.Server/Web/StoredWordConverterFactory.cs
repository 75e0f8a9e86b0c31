using System.Text.Json;
using System.Text.Json.Serialization;
using EvalJobs.Domain;

namespace EvalJobs.Server.Web;

/// <summary>Writes and reads our enums as the words that stand in the database, such as <c>NOT_RUN</c>.</summary>
internal sealed class StoredWordConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
    {
        /// <remarks>Upper and lower case differ here, unlike in what people type.</remarks>
        public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && reader.GetString() is { } word && StoredWord.Find<TEnum>(word) is { } value && StoredWord.Of(value) == word
                ? value
                : throw new JsonException($"expected one of {StoredWord.List<TEnum>()}.");

        public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) => writer.WriteStringValue(StoredWord.Of(value));
    }
}
