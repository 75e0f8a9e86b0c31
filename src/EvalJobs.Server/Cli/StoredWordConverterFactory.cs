using System.Text.Json;
using System.Text.Json.Serialization;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary>Writes our enums in JSON as the words that stand in the database, such as <c>NOT_RUN</c>.</summary>
internal sealed class StoredWordConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
    {
        public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            StoredWord.Parse<TEnum>(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
            writer.WriteStringValue(StoredWord.Of(value));
    }
}
