using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class ScoringSpecTests
{
    [Test]
    public void Parse_ScoringObject_IsCanonicalWithTypeThresholdAndSettings()
    {
        var spec = ScoringSpec.Parse("""{ "type": "numeric", "tolerance": 0.5, "threshold": 1 }""");

        spec.Json.Should().Be("""{"threshold":1,"tolerance":0.5,"type":"numeric"}""");
        spec.Type.Should().Be("numeric");
        spec.Threshold.Should().Be(1);
        spec.Settings.GetProperty("tolerance").GetDouble().Should().Be(0.5);
    }

    [TestCase("contains")]
    [TestCase("  contains ")]
    public void Parse_BareName_MeansTheTypeAlone(string name) =>
        ScoringSpec.Parse(name).Json.Should().Be("""{"type":"contains"}""");

    [TestCase("", "needs a 'type'")]
    [TestCase("{}", "needs a 'type'")]
    [TestCase("""{"type":""}""", "needs a 'type'")]
    [TestCase("""{"type":1}""", "needs a 'type'")]
    [TestCase("""{"type":"x","threshold":1.01}""", "scoring.threshold (1.01) must be a number from 0 to 1")]
    [TestCase("""{"type":"x","threshold":-0.1}""", "scoring.threshold (-0.1)")]
    [TestCase("""{"type":"x","threshold":1e999}""", "scoring.threshold (1e999)")]
    [TestCase("""{"type":"x","threshold":"1"}""", "scoring.threshold (\"1\")")]
    [TestCase("""{"type":"x","threshold":null}""", "scoring.threshold (null)")]
    [TestCase("""{"type":"x","type":"y"}""", "The key 'type' occurs twice")]
    [TestCase("{\"type\":", "Not valid JSON")]
    public void Parse_InvalidScoring_IsRejectedWithTheReason(string json, string reason)
    {
        var parse = () => ScoringSpec.Parse(json);

        parse.Should().Throw<InvalidInputException>().Which.Message.Should().Contain(reason);
    }
}
