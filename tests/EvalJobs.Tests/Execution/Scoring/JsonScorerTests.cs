using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class JsonScorerTests
{
    private static readonly JsonScorer Scorer = new();

    [TestCase("""{"a":1}""", """{"a":1.0,"b":2}""")]
    [TestCase("""{"a":{"b":[{"c":1},2]}}""", """{"a":{"b":[{"c":1,"d":0},2],"e":0}}""")]
    [TestCase("{}", """{"a":1}""")]
    [TestCase("null", "null")]
    [TestCase("""{"a":1}""", "```json\n{\"a\":1}\n```")]
    [TestCase("""{"a":1}""", " ```\r\n{\"a\":1}\r\n```\n")]
    public async Task ScoreAsync_ReplyHasAllThatIsExpected_Passes(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("json", expected, actual);

        score.Should().Be(Score.Right);
    }

    [TestCase("""{"a":{"b":1}}""", """{"a":{}}""", "$.a.b is missing.")]
    [TestCase("""{"a":1}""", """{"a":"1"}""", "$.a: expected 1, got \"1\".")]
    [TestCase("[1,2]", "[1,2,3]", "$: expected 2 items, got 3.")]
    [TestCase("[1,2]", "[1,3]", "$[1]: expected 2, got 3.")]
    [TestCase("{}", "[]", "$: expected {}, got [].")]
    [TestCase("{}", "Here you are: {}", "The reply cannot be read. Not valid JSON: 'H' is not expected at character 1.")]
    [TestCase("{}", "```json\n{}\n```\nAnything else?", "The reply cannot be read. Not valid JSON: *")]
    [TestCase("{}", "```python\n{}\n```", "The reply cannot be read. Not valid JSON: *")]
    [TestCase("{}", "```json\n{}\n```\n```json\n{}\n```", "The reply cannot be read. Not valid JSON: *")]
    [TestCase("{}", "```", "The reply cannot be read. Not valid JSON: *")]
    public async Task ScoreAsync_ReplyLacksSomething_FailsAndSaysWhere(string expected, string actual, string remark)
    {
        var score = await Scorer.ScoreAsync("json", expected, actual);

        score.Value.Should().Be(0);
        score.Remark.Should().Match(remark);
    }

    [TestCase("""[{"a":1},2]""", """[2,3,{"a":1,"b":1}]""", 1)]
    [TestCase("[2]", "[1]", 0)]
    [TestCase("[]", "[1]", 1)]
    public async Task ScoreAsync_ArraysContain_AcceptsItemsInAnyOrder(string expected, string actual, double value)
    {
        var score = await Scorer.ScoreAsync("""{"type":"json","arrays":"contains"}""", expected, actual);

        score.Value.Should().Be(value);
    }

    [TestCase("""{"name":"Ada","age":36,"tags":["x"]}""", null)]
    [TestCase("""{"name":"Ada","age":36.0}""", null)]
    [TestCase("""{"name":"Ada"}""", "*the reply: required: *age*")]
    [TestCase("""{"name":"ada","age":1}""", "*/name: pattern: *")]
    [TestCase("""{"name":"Ada","age":-1}""", "*/age: minimum: *")]
    [TestCase("""{"name":"Ada","age":1.5}""", "*/age: type: *")]
    [TestCase("""{"name":"Ada","age":1,"tags":[1]}""", "*/tags/0: type: *")]
    [TestCase("""{"name":"Ada","age":1,"more":1}""", "*/more: *")]
    public async Task ScoreAsync_Schema_DecidesAndListsTheViolations(string actual, string? remark)
    {
        const string Scoring = """
            {"type":"json","schema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["name","age"],"additionalProperties":false,
              "properties":{"name":{"$ref":"#/definitions/name"},"age":{"type":"integer","minimum":0},"tags":{"type":"array","items":{"type":"string"}}},
              "definitions":{"name":{"type":"string","pattern":"^[A-Z]"}}}}
            """;

        Scorer.Validating(Scoring, null).Should().NotThrow();
        var score = await Scorer.ScoreAsync(Scoring, expected: null, actual);

        score.Value.Should().Be(remark is null ? 1 : 0);
        (score.Remark ?? "none").Should().Match(remark ?? "none");
    }

    [TestCase("""{"const":9223372036854775808}""", "9223372036854775808", 1)]
    [TestCase("""{"const":9223372036854775808}""", "9223372036854775809", 0)]
    [TestCase("""{"type":"integer"}""", "123456789012345678901234567890", 1)]
    [TestCase("""{"maximum":123456789012345678901234567890}""", "123456789012345678901234567890", 1)]
    [TestCase("""{"maximum":123456789012345678901234567890}""", "123456789012345678901234567891", 0)]
    [TestCase("""{"enum":[18446744073709551616]}""", "18446744073709551617", 0)]
    [TestCase("""{"minLength":2}""", "\"\U0001F600\"", 0)]
    [TestCase("""{"maxLength":1}""", "\"\U0001F600\"", 1)]
    [TestCase("""{"const":1}""", "1.0", 1)]
    [TestCase("""{"const":1}""", "\"1\"", 0)]
    [TestCase("""{"properties":{"a":{"const":1}}}""", """{"a":2}""", 0)]
    [TestCase("""{"maxItems":0}""", "[1]", 0)]
    [TestCase("""{"pattern":"^a$"}""", "\"a\\n\"", 0)]
    [TestCase("""{"pattern":"^\\d$"}""", "\"\u0665\"", 0)]
    [TestCase("""{"prefixItems":[{"type":"string"}],"items":false}""", """["a",1]""", 0)]
    [TestCase("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", 0)]
    [TestCase("""{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]}}""", """{"a":1}""", 0)]
    [TestCase("""{"contains":{"const":1},"maxContains":1}""", "[1,1]", 0)]
    [TestCase("""{"propertyNames":{"maxLength":1}}""", """{"ab":1}""", 0)]
    [TestCase("""{"unevaluatedProperties":false,"allOf":[{"properties":{"a":true}}]}""", """{"a":1,"b":1}""", 0)]
    [TestCase("""{"$ref":"#/$defs/a","minimum":3,"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"type":"integer"}}}""", "2", 0)]
    [TestCase("""{"$ref":"#/$defs/a","minimum":3,"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"type":"integer"}}}""", "3", 1)]
    [TestCase("true", "1", 1)]
    [TestCase("false", "1", 0)]
    public async Task ScoreAsync_SchemaOfDraft202012_IsCheckedExactly(string schema, string actual, double value)
    {
        var scoring = $$"""{"type":"json","schema":{{schema}} }""";

        Scorer.Validating(scoring, null).Should().NotThrow();
        (await Scorer.ScoreAsync(scoring, null, actual)).Value.Should().Be(value);
    }

    [TestCase("date", "2024-02-29", "2023-02-29")]
    [TestCase("date", "2024-01-31", "2024-04-31")]
    [TestCase("date", "2024-01-31", "2024-01-31\\n")]
    [TestCase("date", "2024-01-31", "31.01.2024")]
    [TestCase("time", "23:59:59Z", "25:00:00Z")]
    [TestCase("date-time", "2024-02-29T12:00:00Z", "2024-02-30T12:00:00Z")]
    [TestCase("date-time", "2024-02-29T12:00:00Z", "2024-02-29 ")]
    [TestCase("email", "a@example.com", "not an address")]
    [TestCase("uri", "https://example.com/a", "example")]
    [TestCase("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380")]
    [TestCase("ipv4", "127.0.0.1", "256.0.0.1")]
    [TestCase("duration", "P1Y2M3DT4H", "P1Y2W")]
    [TestCase("duration", "PT30S", "PT")]
    [TestCase("duration", "P3W", "P1YT")]
    [TestCase("hostname", "www.example.com", "-bad-")]
    [TestCase("regex", "^a$", "(")]
    public async Task ScoreAsync_Format_IsAsserted(string format, string good, string bad)
    {
        var scoring = $$"""{"type":"json","schema":{"format":"{{format}}"} }""";

        Scorer.Validating(scoring, null).Should().NotThrow();
        (await Scorer.ScoreAsync(scoring, null, $"\"{good}\"")).Value.Should().Be(1);
        (await Scorer.ScoreAsync(scoring, null, $"\"{bad}\"")).Value.Should().Be(0);
    }

    [Test]
    public async Task ScoreAsync_ManyErrors_ListsTen()
    {
        var actual = $"[{string.Join(',', Enumerable.Repeat("1", 500))}]";

        var score = await Scorer.ScoreAsync("""{"type":"json","schema":{"type":"array","items":{"type":"string"}}}""", null, actual);

        score.Remark.Should().Contain("/9: type").And.NotContain("/10:").And.EndWith("and 490 more.");
    }

    [TestCase("""{"$ref":"#"}""")]
    [TestCase("""{"allOf":[{"$ref":"#"}]}""")]
    [TestCase("""{"anyOf":[{"not":{"$ref":"#"}}]}""")]
    [TestCase("""{"if":{"$ref":"#/$defs/a"},"$defs":{"a":{"oneOf":[{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}}}""")]
    public void Validate_SchemaThatRefersToItselfWithoutEnd_IsRejected(string schema) =>
        Scorer.Validating($$"""{"type":"json","schema":{{schema}} }""", null).Should().Throw<InvalidInputException>()
            .WithMessage("scoring.schema#* refers to itself without end*");

    [Test]
    public async Task ScoreAsync_SchemaOfATree_AcceptsATree()
    {
        const string Scoring = """{"type":"json","schema":{"type":"object","properties":{"left":{"$ref":"#"},"value":{"type":"number"}}}}""";

        (await Scorer.ScoreAsync(Scoring, null, """{"left":{"left":{"value":1}}}""")).Value.Should().Be(1);
        (await Scorer.ScoreAsync(Scoring, null, """{"left":{"left":{"value":"1"}}}""")).Value.Should().Be(0);
    }

    [TestCase("http://127.0.0.1:9/schema.json")]
    [TestCase("https://example.com/schema.json#/a")]
    [TestCase("other.json")]
    [TestCase("/etc/passwd")]
    [TestCase("file:///etc/passwd")]
    [TestCase("#/$defs/none")]
    [TestCase("#none")]
    [TestCase("#/properties")]
    public void Validate_ReferenceToAnotherSchema_IsRejectedWithItsPlace(string reference) =>
        Scorer.Validating($$"""{"type":"json","schema":{"properties":{"a":{"items":{"$ref":"{{reference}}"} } } } }""", null)
            .Should().Throw<InvalidInputException>("nothing may be fetched")
            .WithMessage("scoring.schema#/properties/a/items/$ref (*) is not found; it must point into the schema itself*");

    [Test]
    public void Validate_ReferenceToAMetaSchema_IsAccepted() =>
        Scorer.Validating("""{"type":"json","schema":{"$ref":"https://json-schema.org/draft/2020-12/schema"}}""", null).Should().NotThrow();

    [TestCase("""{"format":"emial"}""", "#/format (emial) is not a format that is checked; known are date, *")]
    [TestCase("""{"properties":{"a/b":{"format":"Date"}}}""", "#/properties/a~1b/format (Date) is not a format*")]
    [TestCase("""{"minLength":-1}""", "#/minLength is not allowed in draft 2020-12: *")]
    [TestCase("""{"properties":{"a":{"minLength":"1"}}}""", "#/properties/a/minLength is not allowed*")]
    [TestCase("""{"required":"a"}""", "#/required is not allowed*")]
    [TestCase("""{"type":"wat"}""", "#/type is not allowed*")]
    [TestCase("""{"anyOf":{}}""", "#/anyOf is not allowed*")]
    [TestCase("""{"anyOf":[]}""", "#/anyOf is not allowed*")]
    [TestCase("""{"multipleOf":0}""", "#/multipleOf is not allowed*")]
    [TestCase("""{"properties":{"a":1}}""", "#/properties/a is not allowed*")]
    [TestCase("""{"items":[{"type":"string"}]}""", "#/items is not allowed*")]
    [TestCase("""{"minLenght":1}""", "#/minLenght is not a keyword of draft 2020-12, so it would not be checked.")]
    [TestCase("""{"dependencies":{"a":["b"]}}""", "#/dependencies is not a keyword of draft 2020-12*")]
    [TestCase("""{"$schema":"http://json-schema.org/draft-07/schema#","prefixItems":[true]}""", "#/prefixItems is not a keyword of draft 7*")]
    [TestCase("""{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","minimum":1,"definitions":{"a":true}}""", "#/minimum is not checked next to $ref in draft 7*")]
    [TestCase("""{"$schema":"http://json-schema.org/draft-04/schema#"}""", "#/$schema (*draft-04*) must be one of https://json-schema.org/draft/2020-12/schema*")]
    [TestCase("""{"pattern":"("}""", "#/pattern is not a regular expression: *")]
    [TestCase("""{"patternProperties":{"(":true}}""", "#/patternProperties/( is not a regular expression: *")]
    public void Validate_SchemaThatCannotBeChecked_IsRejectedWithItsPlace(string schema, string message) =>
        Scorer.Validating($$"""{"type":"json","schema":{{schema}} }""", null).Should().Throw<InvalidInputException>().WithMessage($"scoring.schema{message}");

    [TestCase("json", null, "*needs scoring.schema or an expected output*")]
    [TestCase("json", "{", "'json' needs JSON as expected output: *")]
    [TestCase("""{"type":"json","arrays":"some"}""", "{}", "scoring.arrays (some) must be equal or contains.")]
    [TestCase("""{"type":"json","arrays":"equal","schema":{}}""", "{}", "*has no meaning.")]
    [TestCase("""{"type":"json","schema":"x"}""", null, "scoring.schema (\"x\") must be a JSON schema: an object, true or false.")]
    public void Validate_WrongSettings_AreRejected(string scoring, string? expected, string message) =>
        Scorer.Validating(scoring, expected).Should().Throw<InvalidInputException>().WithMessage(message);
}
