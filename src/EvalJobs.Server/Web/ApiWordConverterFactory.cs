using System.Text.Json;
using System.Text.Json.Serialization;
using EvalJobs.Domain;

namespace EvalJobs.Server.Web;

/// <summary>Writes and reads our enums as the words that stand in the database, such as <c>NOT_RUN</c>.</summary>
internal sealed class ApiWordConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
    {
        public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var expected = $"expected one of {string.Join(", ", Enum.GetValues<TEnum>().Select(StoredWord.Of))}.";
            if (reader.TokenType != JsonTokenType.String)
                throw new JsonException(expected);
            var word = reader.GetString()!;
            return Enum.GetValues<TEnum>().Cast<TEnum?>().FirstOrDefault(value => StoredWord.Of(value!.Value) == word) ?? throw new JsonException(expected);
        }

        public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) => writer.WriteStringValue(StoredWord.Of(value));
    }
}
