using System.Text.Json;
using System.Text.Json.Serialization;
using EvalJobs.Domain;

namespace EvalJobs.Server.Web;

/// <summary>Writes and reads enums as the words that the database stores, such as <c>NOT_RUN</c>.</summary>
internal sealed class StoredWordConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<TEnum> : JsonConverter<TEnum>, IStoredWordConverter where TEnum : struct, Enum
    {
        public string Words => StoredWord.List<TEnum>();

        public bool IsWord(string text) => Find(text) is not null;

        public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Find(reader.GetString()!) is { } value ? value : throw new JsonException($"Expected one of {Words}.");

        public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) => writer.WriteStringValue(StoredWord.Of(value));

        /// <remarks>Unlike in typed text, upper and lower case are different here.</remarks>
        private static TEnum? Find(string text) => StoredWord.Find<TEnum>(text) is { } value && StoredWord.Of(value) == text ? value : null;
    }
}

/// <summary>The words of an enum, for error messages.</summary>
internal interface IStoredWordConverter
{
    /// <summary>The words, with commas between them.</summary>
    string Words { get; }

    /// <returns>Whether it is one of them, in upper case.</returns>
    bool IsWord(string text);
}
