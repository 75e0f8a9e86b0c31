using EvalJobs.Import;

namespace EvalJobs.Tests.Import;

/// <summary>Without an error, a field with a misspelt name would be silently ignored, and its cases would be scored without it.</summary>
public sealed class MisspeltFieldTests
{
    [TestCase("scorng", "contains", "'scorng': unknown field; did you mean 'scoring'? Name it so, or say which field is what.")]
    [TestCase("expcted", "4", "'expcted': unknown field; did you mean 'expected'?")]
    [TestCase("Wieght", "3", "did you mean 'weight'?")]
    [TestCase("mustpas", "true", "did you mean 'mustPass'?")]
    public async Task ReadAsync_MisspeltField_NamesBoth(string name, string value, string message)
    {
        (await ImportHelper.RejectionAsync(ImportFormat.Jsonl, $$"""{"input":"2+2","{{name}}":"{{value}}"}""")).Should().ContainEquivalentOf("line 1").And.Contain(message);
        (await ImportHelper.RejectionAsync(ImportFormat.Json, $$"""[{"input":"2+2","{{name}}":"{{value}}"}]""")).Should().Contain(message);
        (await ImportHelper.RejectionAsync(ImportFormat.Yaml, $"- input: 2+2\n  {name}: '{value}'\n")).Should().Contain(message);
    }

    [TestCase("category")]
    [TestCase("source")]
    [TestCase("tag")]
    [TestCase("solution")]
    [TestCase("explanation")]
    public async Task ReadAsync_FieldOfAnotherKind_IsIgnored(string name) =>
        (await ImportHelper.ReadAsync(ImportFormat.Jsonl, $$"""{"input":"2+2","expected":"4","{{name}}":"x"}""")).Should().ContainSingle();

    [Test]
    public async Task ReadAsync_MisspeltNextToTheCorrectField_IsIgnored() =>
        (await ImportHelper.ReadAsync(ImportFormat.Jsonl, """{"input":"2+2","expected":"4","expectedd":"5"}""")).Should().ContainSingle();
}
