using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary>
/// Compares a body with its type before the serializer reads it, so that the error is in this program's words and names the field. The messages of
/// the serializer contain names of internal types, and their form may change.
/// </summary>
internal ref struct ApiBodyShape
{
    private Utf8JsonReader _reader;
    private string _field;

    private ApiBodyShape(ReadOnlySpan<byte> json)
    {
        // The depth is limited here, so that the error is in this program's words.
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        _field = "";
    }

    /// <exception cref="ApiProblemException">The JSON is malformed, or not of the type's shape; the problem names the field.</exception>
    public static void Validate(ReadOnlySpan<byte> json, Type type)
    {
        var shape = new ApiBodyShape(json);
        try
        {
            shape._reader.Read();
            shape.ValidateValue(type, isNullable: false);
            // The reader reports anything after the value as an error.
            shape._reader.Read();
        }
        catch (JsonException)
        {
            throw Problem($"The body is not valid JSON: {JsonErrorText.ReasonOf(json)}.", shape._field);
        }
    }

    private void ValidateValue(Type declared, bool isNullable)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonElement))
            ValidateAny();
        else if (_reader.TokenType == JsonTokenType.Null)
        {
            if (!isNullable)
                throw Expected(type);
        }
        else
        {
            var info = ApiJson.Options.GetTypeInfo(type);
            switch (info.Kind)
            {
                case JsonTypeInfoKind.Object when _reader.TokenType == JsonTokenType.StartObject:
                    ValidateObject(info);
                    break;
                case JsonTypeInfoKind.Enumerable when _reader.TokenType == JsonTokenType.StartArray:
                    ValidateArray(info.ElementType!);
                    break;
                case JsonTypeInfoKind.None when IsOf(type):
                    break;
                default:
                    throw Expected(type);
            }
        }
    }

    private void ValidateObject(JsonTypeInfo info)
    {
        var parent = _field;
        ValidateDepth();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (NextProperty(parent, seen) is { } name)
        {
            var property = info.Properties.FirstOrDefault(each => each.Name == name)
                ?? throw Wrong($"not a field here; the fields are {string.Join(", ", info.Properties.Select(each => each.Name))}.");
            ValidateValue(property.PropertyType, property.IsSetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null);
        }

        _field = parent;
        var missing = info.Properties.Where(property => property.IsRequired && !seen.Contains(property.Name)).Select(property => Join(parent, property.Name)).ToList();
        if (missing.Count > 0)
            throw Problem($"{string.Join(", ", missing)}: required, but not given.", missing[0]);
    }

    private void ValidateArray(Type element)
    {
        var parent = _field;
        ValidateDepth();
        for (var index = 0; Next() != JsonTokenType.EndArray; index++)
        {
            _field = $"{parent}[{index}]";
            ValidateValue(element, isNullable: false);
        }

        _field = parent;
    }

    /// <summary>A value of any kind. No key may occur twice in it.</summary>
    private void ValidateAny()
    {
        var parent = _field;
        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            ValidateDepth();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (NextProperty(parent, seen) is not null)
                ValidateAny();
        }
        else if (_reader.TokenType == JsonTokenType.StartArray)
        {
            ValidateDepth();
            for (var index = 0; Next() != JsonTokenType.EndArray; index++)
            {
                _field = $"{parent}[{index}]";
                ValidateAny();
            }
        }
        else if (_reader.TokenType == JsonTokenType.String)
            Text();

        _field = parent;
    }

    /// <returns>The name of the next property, whose value is read next; null after the last.</returns>
    private string? NextProperty(string parent, HashSet<string> seen)
    {
        if (Next() == JsonTokenType.EndObject)
            return null;
        _field = parent;
        var name = Text();
        _field = Join(parent, name);
        if (!seen.Add(name))
            throw Wrong("given twice.");
        Next();
        return name;
    }

    private JsonTokenType Next()
    {
        _reader.Read();
        return _reader.TokenType;
    }

    private void ValidateDepth()
    {
        if (_reader.CurrentDepth >= CanonicalJson.MaxDepth)
            throw Problem($"The body is {JsonErrorText.TooDeep}.", null);
    }

    private string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw _field.Length == 0 ? Problem("A key in the body contains half of a surrogate pair.", null) : Wrong("the text contains half of a surrogate pair.");
        }
    }

    private bool IsOf(Type type) => _reader.TokenType switch
    {
        JsonTokenType.String => type == typeof(string) ? Text() is not null : ApiJson.Options.GetConverter(type) is IStoredWordConverter words && words.IsWord(Text()),
        JsonTokenType.True or JsonTokenType.False => type == typeof(bool),
        JsonTokenType.Number => type == typeof(double) || (type == typeof(int) && _reader.TryGetInt32(out _)) || (type == typeof(long) && _reader.TryGetInt64(out _)),
        _ => false,
    };

    private ApiProblemException Expected(Type type) => Wrong($"expected {NameOf(type)}.");

    /// <returns>The description of a value of this type for people.</returns>
    /// <exception cref="NotSupportedException">No body has contained a value of this type so far. Add its description here, and its recognition above.</exception>
    internal static string NameOf(Type type) =>
        type == typeof(string) ? "a text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number"
        : type == typeof(int) ? $"a whole number from {int.MinValue} to {int.MaxValue}"
        : type == typeof(long) ? $"a whole number from {long.MinValue} to {long.MaxValue}"
        : ApiJson.Options.GetConverter(type) is IStoredWordConverter words ? $"one of {words.Words}"
        : ApiJson.Options.GetTypeInfo(type).Kind switch
        {
            JsonTypeInfoKind.Object => "an object",
            JsonTypeInfoKind.Enumerable => "a list",
            var kind => throw new NotSupportedException($"No body can hold a value of {type} ({kind})."),
        };

    private static string Join(string parent, string name) => parent.Length == 0 ? name : $"{parent}.{name}";

    private readonly ApiProblemException Wrong(string what) => Problem($"{(_field.Length == 0 ? "The body" : Shortened(_field))}: {what}", _field);

    private static ApiProblemException Problem(string detail, string? field) => new(ApiProblem.Invalid(detail, string.IsNullOrEmpty(field) ? null : Shortened(field)));

    private static string Shortened(string field) => field.Length > MaxShown ? $"{field[..MaxShown]}…" : field;

    private const int MaxShown = 100;
}
