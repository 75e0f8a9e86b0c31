using System.Text;
using EvalJobs.Import;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Import;

public sealed class GenomeFileReaderTests
{
    [Test]
    public async Task ReadAsync_SameGenomeInJsonAndYaml_HasTheSameHash()
    {
        using var folder = new TempFolder();
        var json = folder.Write("g.json", """
            {"target":{"type":"http","url":"https://a.example/ask","retry":true},"prompt":"Be brief.\nBe kind.\n",
             "modelConfig":{"temperature":0.2,"seed":7,"stop":null,"version":"1.0"}}
            """);
        var yaml = folder.Write("g.yaml", """
            modelConfig: { temperature: 0.2, seed: 7, stop: ~, version: "1.0" }
            prompt: |
              Be brief.
              Be kind.
            target:
              type: http
              url: https://a.example/ask
              retry: true
            """);

        (await GenomeFileReader.ReadAsync(yaml)).Hash.Should().Be((await GenomeFileReader.ReadAsync(json)).Hash);
    }

    [TestCase("1", "1")]
    [TestCase("+1", "1")]
    [TestCase("-0", "-0")]
    [TestCase("010", "10", Description = "octal is 0o10 in YAML 1.2")]
    [TestCase("0o10", "8")]
    [TestCase("0xfF", "255")]
    [TestCase("123456789012345678901234567890", "123456789012345678901234567890")]
    [TestCase("1.50", "1.50")]
    [TestCase(".5", "0.5")]
    [TestCase("-.5e3", "-0.5e3")]
    [TestCase("1.", "1.0")]
    [TestCase("1e-3", "1e-3")]
    [TestCase("true", "true")]
    [TestCase("FALSE", "false")]
    [TestCase("null", "null")]
    [TestCase("~", "null")]
    [TestCase("", "null")]
    [TestCase("yes", "\"yes\"", Description = "a boolean in YAML 1.1 only")]
    [TestCase("no", "\"no\"")]
    [TestCase("1_000", "\"1_000\"")]
    [TestCase("12:30", "\"12:30\"")]
    [TestCase("2026-01-01", "\"2026-01-01\"")]
    [TestCase("1.2.3", "\"1.2.3\"")]
    [TestCase("tRue", "\"tRue\"")]
    [TestCase("\"1\"", "\"1\"")]
    [TestCase("'true'", "\"true\"")]
    [TestCase("!!str 1", "\"1\"")]
    [TestCase("! 1", "\"1\"")]
    [TestCase("!!int 1", "1")]
    [TestCase("!!float 1", "1")]
    [TestCase("!!int \"1\"", "1")]
    public async Task ReadAsync_YamlScalar_IsTypedByTheCoreSchema(string yaml, string json)
    {
        var genome = await ReadAsync(ImportFormat.Yaml, $"target: {{ type: http }}\nprompt: {yaml}\n");

        genome.Json.Should().Be($$$"""{"prompt":{{{json}}},"target":{"type":"http"}}""");
    }

    [TestCase(ImportFormat.Yaml, "target: {type: http}\nprompt: .nan", "Line 2: .nan is not a JSON number; quote it if it is meant as text.")]
    [TestCase(ImportFormat.Yaml, "target: {type: http}\nprompt: !!int a", "Line 2: 'a' is not what its tag 'tag:yaml.org,2002:int' says*")]
    [TestCase(ImportFormat.Yaml, "target: {type: http}\nprompt: [", "Line *: not valid YAML: *")]
    [TestCase(ImportFormat.Yaml, "target: {type: http}\nprompt: a\nprompt: b", "Line 3, field 'prompt': the key occurs twice.")]
    [TestCase(ImportFormat.Yaml, "", "The file is empty.")]
    [TestCase(ImportFormat.Yaml, "target: http", "The genome needs a 'target' object*")]
    [TestCase(ImportFormat.Json, "", "The file is empty.")]
    [TestCase(ImportFormat.Json, "{\n\"target\": {\"type\":}}", "Line 2: not valid JSON: *")]
    [TestCase(ImportFormat.Json, "{\"promt\":1}", "Unknown genome section 'promt'*")]
    [TestCase(ImportFormat.Csv, "a", "A genome is written in JSON or YAML.")]
    public async Task ReadAsync_InvalidGenomeFile_IsRejected(ImportFormat format, string text, string message)
    {
        var read = () => ReadAsync(format, text);

        await read.Should().ThrowAsync<InvalidInputException>().WithMessage(message);
    }

    [Test]
    public async Task ReadAsync_OneMebibyte_IsTheLargestGenome()
    {
        static string Sized(int bytes)
        {
            const string rest = """{"target":{"type":"http"},"prompt":""}""";
            return rest.Insert(rest.Length - 2, new string('x', bytes - rest.Length));
        }

        (await ReadAsync(ImportFormat.Json, Sized(ImportLimits.MaxGenomeBytes))).TargetType.Should().Be("http");
        var tooLarge = () => ReadAsync(ImportFormat.Json, Sized(ImportLimits.MaxGenomeBytes + 1));
        var tooLargeYaml = () => ReadAsync(ImportFormat.Yaml, Sized(ImportLimits.MaxGenomeBytes + 1));
        await tooLarge.Should().ThrowAsync<InvalidInputException>().WithMessage("The genome is larger than 1 MiB.");
        await tooLargeYaml.Should().ThrowAsync<InvalidInputException>().WithMessage("The YAML file is larger than 1 MiB*");
    }

    [Test]
    public async Task ReadAsync_FileThatIsNotAGenome_IsRejectedNamingTheFile()
    {
        using var folder = new TempFolder();

        var bad = () => GenomeFileReader.ReadAsync(folder.Write("g.json", "[]"));
        var missing = () => GenomeFileReader.ReadAsync(folder.Missing("none.json"));

        await bad.Should().ThrowAsync<InvalidInputException>().WithMessage("g.json: A genome is a JSON object*");
        await missing.Should().ThrowAsync<NotFoundException>();
    }

    private static async Task<Genome> ReadAsync(ImportFormat format, string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await GenomeFileReader.ReadAsync(stream, format);
    }
}
