using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Makes hostile requests from the OpenAPI document: for each operation, some parts are valid and the others are invalid in many ways.</summary>
/// <param name="document">The document.</param>
/// <param name="random">The source of randomness, with a seed, so that a failure can be repeated.</param>
/// <param name="ids">Ids of objects that exist, to pass the first check.</param>
internal sealed class HostileRequests(JsonElement document, Random random, IReadOnlyDictionary<string, long[]> ids)
{
    private static readonly string[] Texts =
    [
        "", " ", "0", "-1", "null", "true", "NaN", "1e999", "99999999999999999999999999", "9223372036854775807", "-9223372036854775808", "2147483648", "'; DROP TABLE Tenant; --",
        "../../etc/passwd", "%00", "%", "%ff%fe", "\u202e\u0000x", "\ud83d\ude00", "é".Normalize(NormalizationForm.FormD), "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}", "acme", "globex", "PENDING",
        "pending", "a,b", "*", "\"", "\"abc\"", "W/\"x\"", "\\u0000", "CON", "[1]", "{}", new string('a', 2000), new string('9', 400),
    ];

    private static readonly string[] MediaTypes = ["application/json", "application/json; charset=utf-16", "text/plain", "text/csv", "application/yaml", "application/x-ndjson", "multipart/form-data; boundary=x", "a/b"];

    private readonly (string Path, string Method, JsonElement Operation)[] _operations =
        [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(entry => (path.Name, entry.Name.ToUpperInvariant(), entry.Value)))];

    /// <summary>One request, and the operation it is for.</summary>
    public (HttpRequestMessage Request, string Operation) Next()
    {
        var (path, method, operation) = _operations[random.Next(_operations.Length)];
        var query = new List<string>();
        foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().ToList() : [])
        {
            var name = parameter.GetProperty("name").GetString()!;
            switch (parameter.GetProperty("in").GetString())
            {
                case "path":
                    path = path.Replace($"{{{name}}}", Uri.EscapeDataString(PathValue(path, name)), StringComparison.Ordinal);
                    break;
                case "query" when random.Next(3) == 0 || (parameter.TryGetProperty("required", out var required) && required.GetBoolean() && random.Next(5) > 0):
                    query.Add($"{name}={Uri.EscapeDataString(name is "baseline" or "run" && random.Next(2) == 0 ? $"{Some("runs")}" : Text())}");
                    break;
            }
        }

        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path + (query.Count > 0 ? $"?{string.Join('&', query)}" : ""), UriKind.Relative));
        AddBody(request, operation);
        AddHeaders(request, method);
        return (request, operation.GetProperty("operationId").GetString()!);
    }

    private string PathValue(string path, string name) => name == "tenant" ? random.Next(2) == 0 ? "acme" : Text() : random.Next(3) > 0 ? $"{Some(path.Split('/')[3])}" : Text();

    private long Some(string kind) => ids.TryGetValue(kind, out var some) && random.Next(6) > 0 ? some[random.Next(some.Length)] : random.NextInt64();

    private string Text() => Texts[random.Next(Texts.Length)] is { Length: > 0 } text ? text : "x";

    private void AddHeaders(HttpRequestMessage request, string method)
    {
        if (random.Next(8) == 0)
            request.Headers.TryAddWithoutValidation("Accept", random.Next(2) == 0 ? "application/xml" : Printable());
        if (random.Next(6) == 0)
            request.Headers.TryAddWithoutValidation(method == "GET" ? "If-None-Match" : "If-Match", Printable());
        if (method == "POST" && random.Next(4) == 0)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", random.Next(2) == 0 ? $"k{random.Next(50)}" : Printable());
        if (random.Next(20) == 0)
            request.Headers.TryAddWithoutValidation("Prefer", "wait=0");
    }

    private string Printable() => new([.. Text().Where(character => character is >= ' ' and <= '~').Take(300)]);

    private void AddBody(HttpRequestMessage request, JsonElement operation)
    {
        if (!operation.TryGetProperty("requestBody", out var body))
            return;
        var content = body.GetProperty("content").EnumerateObject().First().Value;
        var right = content.TryGetProperty("schema", out var schema) ? Value(schema, 0) : JsonNode.Parse("""{"name":"generated","cases":[{"input":"a","expected":"b"}]}""");
        var bytes = Encoding.UTF8.GetBytes(Wrong(right)?.ToJsonString() ?? "null");
        bytes = random.Next(12) switch
        {
            0 => bytes[..random.Next(bytes.Length + 1)],
            1 => [.. bytes, .. bytes],
            2 => [0xff, 0xfe, .. bytes],
            3 => [.. bytes.Select(one => random.Next(40) == 0 ? (byte)random.Next(256) : one)],
            4 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 5000))),
            5 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 3000))),
            _ => bytes,
        };
        request.Content = new ByteArrayContent(bytes);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(random.Next(10) == 0 ? MediaTypes[random.Next(MediaTypes.Length)] : "application/json");
    }

    /// <summary>A value that the schema allows.</summary>
    private JsonNode? Value(JsonElement schema, int depth)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Value(document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), depth);
        if (schema.TryGetProperty("oneOf", out var several))
            return Value(several.EnumerateArray().Last(), depth);
        if (schema.TryGetProperty("enum", out var words))
            return JsonValue.Create(words[random.Next(words.GetArrayLength())].GetString());
        if (schema.TryGetProperty("properties", out var properties))
        {
            var value = new JsonObject();
            foreach (var property in properties.EnumerateObject().Where(_ => depth < 5 && random.Next(8) > 0))
                value[property.Name] = property.Name switch { "versionId" => Some("versions"), "suiteId" => Some("suites"), "tenant" => "acme", _ => Value(property.Value, depth + 1) };
            return value;
        }

        var type = schema.TryGetProperty("type", out var named) ? named.ValueKind == JsonValueKind.Array ? named.EnumerateArray().Last().GetString() : named.GetString() : null;
        return type switch
        {
            "integer" => random.Next(-3, 2000),
            "number" => random.NextDouble() * 2 - 0.5,
            "boolean" => random.Next(2) == 0,
            "array" => new JsonArray(JsonValue.Create(Text())),
            "string" => JsonValue.Create(Text()),
            _ => JsonNode.Parse("""{"target":{"type":"http","url":"http://127.0.0.1/"},"requirements":[{"suite":"suite","rule":"rate","threshold":0.5}]}"""),
        };
    }

    /// <summary>The value, in most cases with an error in it.</summary>
    private JsonNode? Wrong(JsonNode? value)
    {
        if (value is not JsonObject { Count: > 0 } fields || random.Next(4) == 0)
            return random.Next(6) == 0 ? JsonValue.Create(Text()) : value;
        var name = fields.ElementAt(random.Next(fields.Count)).Key;
        switch (random.Next(7))
        {
            case 0: fields.Remove(name); break;
            case 1: fields[name] = null; break;
            case 2: fields[name] = JsonValue.Create(Text()); break;
            case 3: fields[name] = new JsonArray(1, "a", null); break;
            case 4: fields[name] = JsonValue.Create(random.Next(2) == 0 ? long.MaxValue : -1e300); break;
            case 5: fields[Text()] = "unknown"; break;
            default: fields[name] = new string('x', random.Next(2) == 0 ? 500 : 100_000); break;
        }

        return fields;
    }
}
