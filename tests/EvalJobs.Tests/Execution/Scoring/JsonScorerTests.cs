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
    public async Task ScoreAsync_ReplySaysAllThatIsExpected_IsRight(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("json", expected, actual);

        score.Should().Be(Score.Right);
    }

    [TestCase("""{"a":{"b":1}}""", """{"a":{}}""", "$.a.b is missing.")]
    [TestCase("""{"a":1}""", """{"a":"1"}""", "$.a: expected 1, got \"1\".")]
    [TestCase("[1,2]", "[1,2,3]", "$: expected 2 items, got 3.")]
    [TestCase("[1,2]", "[1,3]", "$[1]: expected 2, got 3.")]
    [TestCase("{}", "[]", "$: expected {}, got [].")]
    [TestCase("{}", "Here you are: {}", "The reply is not JSON: *'H' is an invalid start of a value*")]
    [TestCase("{}", "```json\n{}\n```\nAnything else?", "The reply is not JSON: *")]
    [TestCase("{}", "```python\n{}\n```", "The reply is not JSON: *")]
    [TestCase("{}", "```json\n{}\n```\n```json\n{}\n```", "The reply is not JSON: *")]
    [TestCase("{}", "```", "The reply is not JSON: *")]
    public async Task ScoreAsync_ReplyLacksSomething_IsWrongAndSaysWhere(string expected, string actual, string remark)
    {
        var score = await Scorer.ScoreAsync("json", expected, actual);

        score.Value.Should().Be(0);
        score.Remark.Should().Match(remark);
    }

    [TestCase("""[{"a":1},2]""", """[2,3,{"a":1,"b":1}]""", 1)]
    [TestCase("[2]", "[1]", 0)]
    [TestCase("[]", "[1]", 1)]
    public async Task ScoreAsync_ArraysContain_TakesItemsInAnyOrder(string expected, string actual, double value)
    {
        var score = await Scorer.ScoreAsync("""{"type":"json","arrays":"contains"}""", expected, actual);

        score.Value.Should().Be(value);
    }

    [TestCase("""{"name":"Ada","age":36,"tags":["x"]}""", null)]
    [TestCase("""{"name":"Ada"}""", "*age: PropertyRequired*")]
    [TestCase("""{"name":"ada","age":1}""", "*name: PatternMismatch*")]
    [TestCase("""{"name":"Ada","age":-1}""", "*age: NumberTooSmall*")]
    [TestCase("""{"name":"Ada","age":1,"tags":[1]}""", "*tags[0]: ArrayItemNotValid*")]
    [TestCase("""{"name":"Ada","age":1,"more":1}""", "*more: NoAdditionalPropertiesAllowed*")]
    public async Task ScoreAsync_Schema_DecidesAndListsWhatDoesNotFit(string actual, string? remark)
    {
        const string Scoring = """
            {"type":"json","schema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["name","age"],"additionalProperties":false,
              "properties":{"name":{"$ref":"#/$defs/name"},"age":{"type":"integer","minimum":0},"tags":{"type":"array","items":{"type":"string"}}},
              "$defs":{"name":{"type":"string","pattern":"^[A-Z]"}}}}
            """;

        var score = await Scorer.ScoreAsync(Scoring, expected: null, actual);

        score.Value.Should().Be(remark is null ? 1 : 0);
        (score.Remark ?? "none").Should().Match(remark ?? "none");
    }

    [Test]
    public async Task ScoreAsync_ManyMisfits_ListsTen()
    {
        var actual = $"[{string.Join(',', Enumerable.Repeat("1", 500))}]";

        var score = await Scorer.ScoreAsync("""{"type":"json","schema":{"type":"array","items":{"type":"string"}}}""", null, actual);

        score.Remark.Should().Contain("[9]: ArrayItemNotValid").And.NotContain("[10]").And.EndWith("and 490 more.");
    }

    [Test, CancelAfter(30_000)]
    public async Task ScoreAsync_CatastrophicSchemaPattern_IsNotJudged(CancellationToken cancellationToken)
    {
        var actual = $"\"{new string('a', 50)}!\"";

        var scoring = () => Scorer.ScoreAsync("""{"type":"json","schema":{"pattern":"^(a+)+$"}}""", null, actual, cancellationToken);

        await scoring.Should().ThrowAsync<ScoringException>().WithMessage("The pattern '^(a+)+$' took longer than 1 s*");
    }

    [TestCase("""{"allOf":[{"$ref":"#"}]}""", "scoring.schema cannot be used: Cyclic*")]
    [TestCase("""{"anyOf":[{"not":{"$ref":"#"}}]}""", "scoring.schema takes more than*")]
    [TestCase("""{"anyOf":[{"$ref":"#/definitions/a"},{"$ref":"#/definitions/a"}],"definitions":{"a":{"not":{"$ref":"#"}}}}""", "scoring.schema takes more than*")]
    [CancelAfter(30_000)]
    public async Task ScoreAsync_SchemaThatRefersToItselfWithoutEnd_IsNotJudged(string schema, string message, CancellationToken cancellationToken)
    {
        var scoring = () => Scorer.ScoreAsync($$"""{"type":"json","schema":{{schema}} }""", null, "1", cancellationToken);

        await scoring.Should().ThrowAsync<ScoringException>().WithMessage(message);
    }

    [Test]
    public async Task ScoreAsync_SchemaOfATree_FitsATree()
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
    public void Validate_ReferenceToElsewhere_IsRejected(string reference) =>
        Scorer.Validating($$"""{"type":"json","schema":{"properties":{"a":{"items":{"$ref":"{{reference}}"} } } } }""", null)
            .Should().Throw<InvalidInputException>("nothing may be fetched").WithMessage("scoring.schema.properties.a.items.$ref (*) must point into the schema itself*");

    [TestCase("json", null, "*needs scoring.schema or an expected output*")]
    [TestCase("json", "{", "'json' needs JSON as expected output: *")]
    [TestCase("""{"type":"json","arrays":"some"}""", "{}", "scoring.arrays (some) must be equal or contains.")]
    [TestCase("""{"type":"json","arrays":"equal","schema":{}}""", "{}", "*has no meaning.")]
    [TestCase("""{"type":"json","schema":"x"}""", null, "scoring.schema (\"x\") must be an object.")]
    [TestCase("""{"type":"json","schema":{"properties":{"a":{"const":1}}}}""", null, "scoring.schema.properties.a.const would not be checked; known are*")]
    [TestCase("""{"type":"json","schema":{"properties":{"a":true}}}""", null, "scoring.schema.properties.a (true) must be an object.")]
    [TestCase("""{"type":"json","schema":{"anyOf":{}}}""", null, "scoring.schema.anyOf ({}) must hold schemas.")]
    [TestCase("""{"type":"json","schema":{"maxItems":0}}""", null, "scoring.schema.maxItems (0) must be*")]
    [TestCase("""{"type":"json","schema":{"pattern":"("}}""", null, "scoring.schema.pattern is not a regular expression*")]
    [TestCase("""{"type":"json","schema":{"type":"wat"}}""", null, "scoring.schema.type (\"wat\") must be of array, boolean*")]
    [TestCase("""{"type":"json","schema":{"$ref":"#/$defs/none"}}""", null, "scoring.schema is not a usable JSON schema*")]
    [TestCase("""{"type":"json","schema":{"$ref":"#/$defs/a","minimum":1,"$defs":{"a":{}}}}""", null, "scoring.schema.minimum would not be checked beside $ref*")]
    public void Validate_WrongSettings_AreRejected(string scoring, string? expected, string message) =>
        Scorer.Validating(scoring, expected).Should().Throw<InvalidInputException>().WithMessage(message);
}
