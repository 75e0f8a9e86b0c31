using System.Text;
using System.Text.Json;

namespace EvalJobs.Execution.Scoring;

/// <summary>The same schema as the library must see it to judge what the author wrote.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>The keywords that name a schema come first: the library names subschemas while it reads, and a scoring object has its keys
/// sorted, so that <c>$defs</c> would come before the <c>$id</c> it belongs to.</item>
/// <item><c>$</c> in a pattern is the end of the text only, as in ECMAScript; .NET would also match before a line end there.</item>
/// </list>
/// </remarks>
internal static class SchemaForLibrary
{
    private static readonly string[] Identity = ["$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$ref", "$dynamicRef"];

    public static JsonElement Of(JsonElement schema)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer, schema);
        return JsonElement.Parse(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <returns>The pattern with each <c>$</c> that stands for the end of the text written so that .NET takes it for just that.</returns>
    public static string Pattern(string pattern)
    {
        if (!pattern.Contains('$'))
            return pattern;

        var result = new StringBuilder();
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            result.Append(c);
            if (c == '\\' && i + 1 < pattern.Length)
                result.Append(pattern[++i]);
            else if (c == '[')
                inClass = true;
            else if (c == ']')
                inClass = false;
            else if (c == '$' && !inClass)
                result.Append("(?!\\n)");
        }
        return result.ToString();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var keyword in schema.EnumerateObject().OrderBy(keyword => Array.IndexOf(Identity, keyword.Name) is >= 0 and var index ? index : Identity.Length))
        {
            writer.WritePropertyName(keyword.Name);
            WriteValue(writer, keyword.Name, keyword.Value);
        }
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, string keyword, JsonElement value)
    {
        if (keyword == "pattern" && value.ValueKind == JsonValueKind.String)
        {
            writer.WriteStringValue(Pattern(value.GetString()!));
        }
        else if (value.ValueKind == JsonValueKind.Object && SchemaCheck.Maps.Contains(keyword))
        {
            writer.WriteStartObject();
            foreach (var member in value.EnumerateObject())
            {
                writer.WritePropertyName(keyword == "patternProperties" ? Pattern(member.Name) : member.Name);
                Write(writer, member.Value);
            }
            writer.WriteEndObject();
        }
        else if (value.ValueKind == JsonValueKind.Array && SchemaCheck.Lists.Contains(keyword))
        {
            writer.WriteStartArray();
            foreach (var item in value.EnumerateArray())
                Write(writer, item);
            writer.WriteEndArray();
        }
        else if (SchemaCheck.Single.Contains(keyword))
        {
            Write(writer, value);
        }
        else
        {
            value.WriteTo(writer);
        }
    }
}
