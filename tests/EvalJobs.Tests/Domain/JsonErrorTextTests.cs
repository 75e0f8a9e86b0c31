using System.Text;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class JsonErrorTextTests
{
    [TestCase("", "not valid JSON: it is empty")]
    [TestCase(" \n", "not valid JSON: it is empty")]
    [TestCase("{\"a\":", "not valid JSON: it ends too early")]
    [TestCase("\"abc", "not valid JSON: it ends too early")]
    [TestCase("{'a':1}", "not valid JSON: ''' is not expected at character 2")]
    [TestCase("[1,]", "not valid JSON: a comma comes before a closing } or ]; remove it")]
    [TestCase("{\"a\":1 ,\n }", "not valid JSON: a comma comes before a closing } or ]; remove it")]
    [TestCase("{\"a\":\",}\"x}", "not valid JSON: 'x' is not expected at character 10")]
    [TestCase("1 2", "not valid JSON: '2' is not expected at character 3")]
    [TestCase("{\n\"ä€😀\": x}", "not valid JSON: 'x' is not expected at character 9 of line 2", Description = "As editors count")]
    [TestCase("[\"a\nb\"]", "not valid JSON: a text contains a line break at character 4; it is written \\n")]
    [TestCase("[\"a\u0007\"]", "not valid JSON: the control character U+0007 is not expected at character 4")]
    [TestCase("{\"a\":[{\"b\":1,\"b\":2}]}", "not valid JSON: the key 'b' occurs twice")]
    [TestCase("{\"a\":1,\"a\":2,}", "not valid JSON: a comma comes before a closing } or ]; remove it", Description = "What no reader takes is said first")]
    public void Of_UnreadableJson_NamesTheErrorAndItsPlace(string json, string expected) => JsonErrorText.Of(json).Should().Be(expected);

    [TestCase(64, "", "not valid JSON: it ends too early")]
    [TestCase(65, "", "nested deeper than 64 levels")]
    [TestCase(65, "}", "nested deeper than 64 levels")]
    public void Of_Nested_NamesTheLimit(int depth, string end, string expected) => JsonErrorText.Of(new string('[', depth) + end).Should().Be(expected);

    [Test]
    public void Of_InAFile_OmitsTheLine() =>
        JsonErrorText.Of(Encoding.UTF8.GetBytes("{\n  x"), saysLine: false).Should().Be("not valid JSON: 'x' is not expected at character 3");
}
