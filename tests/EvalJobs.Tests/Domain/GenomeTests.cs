using CsCheck;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class GenomeTests
{
    private const string Minimal = """{"target":{"type":"http"}}""";

    [Test]
    public void Parse_MinimalGenome_ShowsTargetAndSections()
    {
        var genome = Genome.Parse("""{ "prompt": null, "modelConfig": {"b":2,"a":1}, "target": { "url": "https://x", "type": "http" } }""");

        genome.TargetType.Should().Be("http");
        genome.Section("modelConfig")!.Value.GetProperty("a").GetInt32().Should().Be(1);
        genome.Section("prompt").Should().BeNull("a null section counts as absent");
        genome.Section("provenance").Should().BeNull();
        genome.Json.Should().Be("""{"modelConfig":{"a":1,"b":2},"prompt":null,"target":{"type":"http","url":"https://x"}}""");
    }

    [TestCase("", "Not valid JSON")]
    [TestCase("{", "Not valid JSON")]
    [TestCase("""{"target":{"type":"http"},}""", "Not valid JSON")]
    [TestCase("[]", "found array")]
    [TestCase("null", "found null")]
    [TestCase("\"http\"", "found string")]
    [TestCase("{}", "needs a 'target' object")]
    [TestCase("""{"target":"http"}""", "needs a 'target' object")]
    [TestCase("""{"target":{}}""", "needs a 'type'")]
    [TestCase("""{"target":{"type":""}}""", "needs a 'type'")]
    [TestCase("""{"target":{"type":7}}""", "needs a 'type'")]
    [TestCase("""{"target":{"type":"http"},"promt":"hi"}""", "Unknown genome section 'promt'; expected modelConfig, prompt,")]
    [TestCase("""{"Target":{"type":"http"}}""", "Unknown genome section 'Target'")]
    [TestCase("""{"target":{"type":"http","type":"process"}}""", "The key 'type' occurs twice in $.target")]
    public void Parse_InvalidGenome_IsRejectedWithTheReason(string json, string reason)
    {
        var parse = () => Genome.Parse(json);

        parse.Should().Throw<InvalidInputException>().Which.Message.Should().Contain(reason);
    }

    [Test]
    public void Hash_OfAKnownGenome_IsTheSha256OfItsCanonicalBytes() =>
        // printf '%s' '{"target":{"type":"http"}}' | sha256sum
        Genome.Parse("""  { "target" : { "type" : "http" } } """).Hash.Should().Be("e3c1d6da0af8ca820c267f10ca2395df4edc0de22f698ca2303ce84aad0160ba");

    [Test]
    public void Hash_KeyOrderWhitespaceAndEscapes_NeverMatter() =>
        SomeJson.Value.Select(Gen.Int).Sample((value, seed) =>
        {
            var plain = Genome.Parse(Around(value.Spell()));
            var respelt = Genome.Parse(Around(value.Spell(new Random(seed))));

            respelt.Hash.Should().Be(plain.Hash);
        }, iter: 300);

    [Test]
    public void Hash_AnyChange_ChangesIt() =>
        SomeJson.Value.Select(Gen.Int).Sample((value, seed) =>
        {
            var changed = value.Change(new Random(seed));

            Genome.Parse(Around(changed.Spell())).Hash.Should().NotBe(Genome.Parse(Around(value.Spell())).Hash);
        }, iter: 300);

    [Test]
    public void IsGenomeIntact_StoredTextChanged_IsFalse()
    {
        var genome = Genome.Parse(Minimal);
        var version = new AgentVersion
        {
            Id = 1,
            TenantId = 1,
            AgentName = "a",
            VersionLabel = "1",
            Genome = genome.Json,
            GenomeHash = genome.Hash,
            LifecycleState = LifecycleState.Draft,
            EvalStatus = EvalStatus.NotRun,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };

        version.IsGenomeIntact.Should().BeTrue();
        (version with { Genome = genome.Json + " " }).IsGenomeIntact.Should().BeFalse("even a change of whitespace means that the text was changed");
    }

    [Test]
    public void Parse_KeysInAnyOrder_KeepTheirOrder()
    {
        const string text = """{"target":{"type":"http"},"modelConfig":{"reasoning":1,"answer":2}}""";

        var genome = Genome.Parse(text);

        genome.Text.Should().Be(text);
        genome.Section("modelConfig")!.Value.EnumerateObject().Select(property => property.Name).Should().Equal("reasoning", "answer");
        genome.Json.Should().Be("""{"modelConfig":{"answer":2,"reasoning":1},"target":{"type":"http"}}""", "the hash does not depend on the order of keys");
    }

    [Test]
    public void IsGenomeIntact_AuthorsText_IsCheckedAgainstItsHashAndTheCanonicalForm()
    {
        var genome = Genome.Parse("""{"target":{"type":"http"},"modelConfig":{"b":1,"a":2}}""");
        var version = new AgentVersion
        {
            Id = 1,
            TenantId = 1,
            AgentName = "a",
            VersionLabel = "1",
            Genome = genome.Text,
            CanonicalGenome = genome.Json,
            GenomeHash = genome.Hash,
            GenomeTextHash = Genome.HashOf(genome.Text),
            LifecycleState = LifecycleState.Draft,
            EvalStatus = EvalStatus.NotRun,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        const string reordered = """{"target":{"type":"http"},"modelConfig":{"a":2,"b":1}}""";
        const string other = """{"target":{"type":"http"},"modelConfig":{"b":1,"a":3}}""";

        version.IsGenomeIntact.Should().BeTrue();
        (version with { Genome = reordered }).IsGenomeIntact.Should().BeFalse("the order is sent");
        (version with { Genome = other, GenomeTextHash = Genome.HashOf(other) }).IsGenomeIntact.Should().BeFalse("the text has another meaning than what was hashed");
        (version with { Genome = "not JSON", GenomeTextHash = Genome.HashOf("not JSON") }).IsGenomeIntact.Should().BeFalse();
        (version with { CanonicalGenome = other }).IsGenomeIntact.Should().BeFalse();
        (version with { GenomeTextHash = null }).IsGenomeIntact.Should().BeFalse();
    }

    private static string Around(string value) => $$$"""{"modelConfig":{{{value}}},"target":{"type":"http"}}""";
}
