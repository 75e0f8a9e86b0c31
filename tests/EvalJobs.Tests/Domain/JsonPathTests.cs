using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class JsonPathTests
{
    [TestCase("a", """{"a":1}""", "1")]
    [TestCase("a.b", """{"a":{"b":"x"}}""", "\"x\"")]
    [TestCase("$.a.b", """{"a":{"b":"x"}}""", "\"x\"")]
    [TestCase("$", "[1]", "[1]")]
    [TestCase("[1]", "[1,2]", "2")]
    [TestCase("$[1]", "[1,2]", "2")]
    [TestCase("[1][0]", "[1,[2]]", "2")]
    [TestCase("choices[0].message.content", """{"choices":[{"message":{"content":"hi"}}]}""", "\"hi\"")]
    [TestCase("6b_finetuning.solution", """{"6b_finetuning":{"solution":"A: 1"}}""", "\"A: 1\"")]
    [TestCase("$ref", """{"$ref":1}""", "1")]
    [TestCase("a b.c-d", """{"a b":{"c-d":1}}""", "1")]
    [TestCase("it's", """{"it's":1}""", "1")]
    [TestCase("['a.b'].c", """{"a.b":{"c":1}}""", "1")]
    [TestCase("""x["a[0]"]""", """{"x":{"a[0]":1}}""", "1")]
    [TestCase("""["it's"]""", """{"it's":1}""", "1")]
    [TestCase("['']", """{"":1}""", "1")]
    [TestCase("a", """{"a":null}""", "null")]
    [TestCase("a[-1]", """{"a":[1,2,3]}""", "3")]
    [TestCase("a[-3].b", """{"a":[{"b":1},2,3]}""", "1")]
    [TestCase("content[?type=='text'].text", """{"content":[{"type":"thinking","text":"hm"},{"type":"text","text":"42"}]}""", "\"42\"")]
    [TestCase("content[?(@.type == \"text\")].text", """{"content":[{"type":"thinking"},{"type":"text","text":"42"}]}""", "\"42\"")]
    [TestCase("[?@.a.b!=1].c", """[{"a":{"b":1},"c":1},{"a":{"b":2},"c":2}]""", "2")]
    [TestCase("[?ok==true].c", """[{"ok":"true","c":1},{"ok":true,"c":2}]""", "2")]
    [TestCase("[?n==1.0].c", """[{"n":"1","c":1},{"n":1,"c":2}]""", "2")]
    [TestCase("[?x].c", """[{"c":1},{"x":null,"c":2}]""", "2")]
    [TestCase("[*].c", """[{},{"c":2},{"c":3}]""", "2")]
    public void Resolve_MatchingPath_ReturnsTheValue(string path, string json, string expected)
    {
        JsonPath.Parse(path).Resolve(Json(json))!.Value.GetRawText().Should().Be(expected);
    }

    [TestCase("a.c", """{"a":{"b":1}}""")]
    [TestCase("a.b", """{"a":"text"}""")]
    [TestCase("a[0]", """{"a":{"0":1}}""")]
    [TestCase("a[2]", """{"a":[1,2]}""")]
    [TestCase("a.0", """{"a":[1]}""")]
    [TestCase("a[-3]", """{"a":[1,2]}""")]
    [TestCase("a[?type=='text'].text", """{"a":[{"type":"other","text":"x"}]}""")]
    [TestCase("a[?type=='text']", """{"a":{"type":"text"}}""")]
    [TestCase("a[*]", """{"a":"text"}""")]
    [TestCase("A", """{"a":1}""")]
    public void Resolve_PathThatDoesNotMatch_ReturnsNull(string path, string json)
    {
        JsonPath.Parse(path).Resolve(Json(json)).Should().BeNull();
    }

    [TestCase("")]
    [TestCase(".a")]
    [TestCase("a.")]
    [TestCase("a..b")]
    [TestCase("$.")]
    [TestCase("a]")]
    [TestCase("a[")]
    [TestCase("a[]")]
    [TestCase("a[x]")]
    [TestCase("a[+1]")]
    [TestCase("a[?]")]
    [TestCase("a[?type=='x'")]
    [TestCase("a[?type==x]")]
    [TestCase("a[?type=='x' && n==1]")]
    [TestCase("a[?@type=='x']")]
    [TestCase("a[ 1]")]
    [TestCase("a[99999999999]")]
    [TestCase("a[0]b")]
    [TestCase("a['b]")]
    [TestCase("a['b'")]
    [TestCase("a['b'x]")]
    public void Parse_Malformed_IsRejectedWithThePathShown(string path)
    {
        FluentActions.Invoking(() => JsonPath.Parse(path))
            .Should().Throw<InvalidInputException>().WithMessage("*path*").Which.Message.Contains(path).Should().BeTrue();
    }

    [Test]
    public void ResolveAll_Filter_ReturnsEveryMatchInOrder() =>
        JsonPath.Parse("content[?type=='text'].text").ResolveAll(Json("""{"content":[{"type":"text","text":"4"},{"type":"x","text":"-"},{"type":"text","text":"2"}]}"""))
            .Select(JsonPath.TextOf).Should().Equal("4", "2");

    [Test]
    public void Resolve_AnotherKeyIsHalfASurrogatePair_StillFindsTheValue()
    {
        JsonPath.Parse("a").Resolve(Json("""{"a":1,"\ud800":2}"""))!.Value.GetInt32().Should().Be(1);
    }

    [TestCase("\"plain \\u00e9\"", "plain é")]
    [TestCase("""{"a": 1}""", """{"a": 1}""")]
    [TestCase("1.50", "1.50")]
    public void TextOf_StringOrOther_ReturnsItsTextOrItsJson(string json, string expected)
    {
        JsonPath.TextOf(Json(json)).Should().Be(expected);
    }

    [Test]
    public void TextOf_HalfASurrogatePair_IsRejected()
    {
        FluentActions.Invoking(() => JsonPath.TextOf(Json("\"\\ud800\""))).Should().Throw<InvalidInputException>();
    }

    private static JsonElement Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
