using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EvalJobs.Import;

/// <summary>
/// A value of a YAML file, by the 1.2 core schema: plain numbers, booleans and null have their type, and quoted text stays text. Aliases share the
/// value they name, so a file of aliases to aliases stays small here; only <see cref="ToJson"/> expands them.
/// </summary>
internal sealed partial class YamlValue
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true, MaxDepth = CanonicalJson.MaxDepth + 1 };

    private readonly List<(string Name, YamlValue Value)> _properties = [];

    private YamlValue(YamlKind kind, FilePlace place, string text = "")
    {
        Kind = kind;
        Place = place;
        Text = text;
    }

    public YamlKind Kind { get; }

    public FilePlace Place { get; }

    /// <summary>A string's text; a number, boolean or null as JSON.</summary>
    public string Text { get; }

    public List<YamlValue> Items { get; } = [];

    public IReadOnlyList<(string Name, YamlValue Value)> Properties => _properties;

    public YamlValue? Property(string name) => _properties.Find(property => property.Name == name).Value;

    /// <returns>The only document of the file; null when it has none.</returns>
    public static async Task<YamlValue?> ReadAsync(ImportStream stream, FilePlace file, int limit, CancellationToken cancellationToken)
    {
        var bytes = await ImportFile.ReadWholeAsync(
            stream, file, limit, $"the YAML file is larger than {limit / (1024 * 1024)} MiB, the most that is read whole.", cancellationToken);
        using var text = new StringReader(Encoding.UTF8.GetString(bytes));
        try
        {
            return new Reader(new Parser(text), file).ReadDocument();
        }
        catch (YamlException error)
        {
            throw file.At(error.Start.Line).Error($"not valid YAML: {error.Message}", inner: error);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // These exceptions are errors of the YAML library for malformed text. For the user they mean malformed text.
            throw file.Error($"not valid YAML: {error.Message}", inner: error);
        }
    }

    /// <summary>Writes the value as JSON, every alias in full.</summary>
    /// <param name="budget">The text that may still be written for this file; it is reduced.</param>
    public JsonElement ToJson(YamlBudget budget)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Unchecked))
            Write(writer, this, budget, Place, depth: 0);
        return JsonText.Parse(json.WrittenSpan, Place);
    }

    private static void Write(Utf8JsonWriter writer, YamlValue value, YamlBudget budget, FilePlace place, int depth)
    {
        // The depth of a value includes the values of its aliases.
        if (depth > CanonicalJson.MaxDepth)
            throw place.Error($"the YAML is {JsonErrorText.TooDeep}.");
        budget.Spend(1 + value.Text.Length, place);
        switch (value.Kind)
        {
            case YamlKind.Mapping:
                writer.WriteStartObject();
                foreach (var (name, inner) in value.Properties)
                {
                    budget.Spend(name.Length, place);
                    writer.WritePropertyName(name);
                    Write(writer, inner, budget, place, depth + 1);
                }
                writer.WriteEndObject();
                break;
            case YamlKind.Sequence:
                writer.WriteStartArray();
                foreach (var item in value.Items)
                    Write(writer, item, budget, place, depth + 1);
                writer.WriteEndArray();
                break;
            case YamlKind.String:
                writer.WriteStringValue(value.Text);
                break;
            default:
                writer.WriteRawValue(value.Text, skipInputValidation: true);
                break;
        }
    }

    private sealed class Reader(IParser parser, FilePlace file)
    {
        private readonly Dictionary<AnchorName, YamlValue> _anchors = [];

        public YamlValue? ReadDocument()
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return null;
            parser.Consume<DocumentStart>();
            var value = ReadValue(depth: 1);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _) ? value : throw Here().Error("the YAML file contains a second document; one is read.");
        }

        private YamlValue ReadValue(int depth)
        {
            var place = Here();
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                // An anchor is known only after the end of its value, so no value can contain itself.
                return _anchors.TryGetValue(alias.Value, out var shared)
                    ? shared
                    : throw place.Error($"the alias *{alias.Value} names no value defined before it.");
            }

            var start = parser.Current as NodeEvent;
            var value = parser.Current switch
            {
                MappingStart or SequenceStart when depth > CanonicalJson.MaxDepth =>
                    throw place.Error($"the YAML is {JsonErrorText.TooDeep}."),
                MappingStart mapping => ReadMapping(mapping, place, depth),
                SequenceStart sequence => ReadSequence(sequence, place, depth),
                _ => ReadScalar(parser.Consume<Scalar>(), place),
            };
            if (start is { Anchor.IsEmpty: false })
                _anchors[start.Anchor] = value;
            return value;
        }

        private YamlValue ReadMapping(MappingStart start, FilePlace place, int depth)
        {
            ValidateTag(start.Tag, "map", place);
            parser.MoveNext();
            var value = new YamlValue(YamlKind.Mapping, place);
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var keyPlace = Here();
                var key = ReadValue(depth + 1);
                if (key.Kind is YamlKind.Mapping or YamlKind.Sequence)
                    throw keyPlace.Error("a key must be a text, not a mapping or a sequence.");
                if (key is { Kind: YamlKind.String, Text: "<<" })
                    throw keyPlace.Error("merge keys (<<) are not part of YAML 1.2; write the fields out, or alias the whole value.");
                if (!names.Add(key.Text))
                    throw keyPlace.Error("the key occurs twice.", key.Text);
                value._properties.Add((key.Text, ReadValue(depth + 1)));
            }
            return value;
        }

        private YamlValue ReadSequence(SequenceStart start, FilePlace place, int depth)
        {
            ValidateTag(start.Tag, "seq", place);
            parser.MoveNext();
            var value = new YamlValue(YamlKind.Sequence, place);
            while (!parser.TryConsume<SequenceEnd>(out _))
                value.Items.Add(ReadValue(depth + 1));
            return value;
        }

        private static YamlValue ReadScalar(Scalar scalar, FilePlace place)
        {
            var text = scalar.Value;
            var tag = scalar.Tag.IsEmpty ? null : scalar.Tag.Value;
            if (tag is "!" or "tag:yaml.org,2002:str" || (tag is null && scalar.Style != ScalarStyle.Plain))
                return new YamlValue(YamlKind.String, place, text);

            // The core schema's tags, in its order.
            string found;
            string json;
            if (text is "" or "~" or "null" or "Null" or "NULL")
                (found, json) = ("null", "null");
            else if (text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
                (found, json) = ("bool", text[0] is 't' or 'T' ? "true" : "false");
            else if (DecimalInteger().IsMatch(text))
                (found, json) = ("int", Number(text));
            else if (OtherInteger().IsMatch(text))
                (found, json) = ("int", text[1] == 'x' ? FromHexadecimal(text[2..]) : FromOctal(text[2..]));
            else if (Float().IsMatch(text))
                (found, json) = ("float", Number(text));
            else if (NoNumber().IsMatch(text))
                throw place.Error($"{text} is not a JSON number; quote it if it is meant as text.");
            else
                (found, json) = ("str", text);

            if (tag is not null && tag != $"tag:yaml.org,2002:{found}" && (tag, found) != ("tag:yaml.org,2002:float", "int"))
                throw place.Error($"'{text}' is not what its tag '{tag}' says; only the tags of YAML's core schema are read.");
            return new YamlValue(found == "str" ? YamlKind.String : YamlKind.Literal, place, json);
        }

        private static void ValidateTag(TagName tag, string expected, FilePlace place)
        {
            if (!tag.IsEmpty && tag.Value is not "!" && tag.Value != $"tag:yaml.org,2002:{expected}")
                throw place.Error($"the tag '{tag.Value}' is not known; only the tags of YAML's core schema are read.");
        }

        /// <summary>The same digits in JSON's form: no plus, no leading zeros, a digit on both sides of the point.</summary>
        private static string Number(string text)
        {
            var sign = text[0] == '-' ? "-" : "";
            var digits = text.TrimStart('+', '-');
            var exponentAt = digits.IndexOfAny(['e', 'E']);
            var exponent = exponentAt < 0 ? "" : digits[exponentAt..];
            var parts = (exponentAt < 0 ? digits : digits[..exponentAt]).Split('.');

            var whole = parts[0].TrimStart('0');
            whole = whole.Length == 0 ? "0" : whole;
            var fraction = parts.Length == 1 ? "" : parts[1].Length == 0 ? ".0" : $".{parts[1]}";
            return $"{sign}{whole}{fraction}{exponent}";
        }

        private static string FromHexadecimal(string digits) =>
            BigInteger.Parse($"0{digits}", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

        private static string FromOctal(string digits) =>
            digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0')).ToString(CultureInfo.InvariantCulture);

        private FilePlace Here()
        {
            if (parser.Current is null)
                parser.MoveNext();
            return file.At(parser.Current?.Start.Line ?? 0);
        }
    }

    [GeneratedRegex(@"\A[-+]?[0-9]+\z", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex DecimalInteger();

    // Bounded, because the cost of converting digits of another base grows with the square of their number.
    [GeneratedRegex(@"\A0(o[0-7]{1,256}|x[0-9a-fA-F]{1,256})\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OtherInteger();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Float();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex NoNumber();
}

/// <summary>The kind of a <see cref="YamlValue"/>.</summary>
internal enum YamlKind
{
    Mapping,
    Sequence,
    String,

    /// <summary>A number, boolean or null, stored as JSON.</summary>
    Literal,
}

/// <summary>The text that the aliases of one file may expand to. Without a limit a few lines of nested aliases could fill the memory.</summary>
internal sealed class YamlBudget(int limit)
{
    private long _left = limit;

    public void Spend(int amount, FilePlace place)
    {
        _left -= amount;
        if (_left < 0)
            throw place.Error($"with its aliases written out the YAML is larger than {limit / (1024 * 1024)} MiB.");
    }
}
