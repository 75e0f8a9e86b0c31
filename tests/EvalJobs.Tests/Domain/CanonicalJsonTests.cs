using System.Text.Json;
using CsCheck;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class CanonicalJsonTests
{
    [Test]
    public void Of_KeyOrderWhitespaceAndEscapes_NeverMatter() =>
        SomeJson.Value.Select(Gen.Int).Sample((value, seed) =>
            CanonicalJson.Of(value.Spell(new Random(seed))).Should().Be(CanonicalJson.Of(value.Spell())), iter: 1000);

    [Test]
    public void Of_AnyChangeOfAValueAKeyOrAnOrder_ChangesIt() =>
        SomeJson.Value.Select(Gen.Int).Sample((value, seed) =>
            CanonicalJson.Of(value.Change(new Random(seed)).Spell()).Should().NotBe(CanonicalJson.Of(value.Spell())), iter: 1000);

    [Test]
    public void Of_ItsOwnResult_IsTheSame() =>
        SomeJson.Value.Sample(value =>
        {
            var canonical = CanonicalJson.Of(value.Spell());

            CanonicalJson.Of(canonical).Should().Be(canonical);
        }, iter: 1000);

    [Test]
    public void Of_AnyJson_KeepsItsMeaning() =>
        SomeJson.Value.Sample(value =>
        {
            using var before = JsonDocument.Parse(value.Spell());
            using var after = JsonDocument.Parse(CanonicalJson.Of(value.Spell()));

            JsonElement.DeepEquals(before.RootElement, after.RootElement).Should().BeTrue();
        }, iter: 1000);

    [Test]
    public void Of_TwoDifferentStrings_HaveDifferentForms() =>
        Gen.Select(SomeJson.Text, SomeJson.Text).Sample((one, other) =>
        {
            var spelt = new[] { one, other }.Select(text => CanonicalJson.Of(JsonSerializer.Serialize(text))).ToArray();

            (spelt[0] == spelt[1]).Should().Be(one == other);
        }, iter: 1000);

    [TestCase("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [TestCase("""{"é":1,"z":2,"Z":3,"":4}""", """{"":4,"Z":3,"z":2,"é":1}""")]
    [TestCase(""" [ 1 , 1.0 , 1e0 , -0 , 123456789012345678901234567890 ] """, """[1,1.0,1e0,-0,123456789012345678901234567890]""")]
    [TestCase("""["\u0061\/\u00e9"]""", """["a/é"]""")]
    [TestCase("""["<&>'+\u2028\u007f"]""", "[\"<&>'+\u2028\u007f\"]")]
    [TestCase("""["\u0000\u0008\t\n\u000C\r\u001F\"\\"]""", """["\u0000\b\t\n\f\r\u001f\"\\"]""")]
    [TestCase("[null,true,false,{},[]]", "[null,true,false,{},[]]")]
    public void Of_Example_HasThisForm(string json, string canonical) => CanonicalJson.Of(json).Should().Be(canonical);

    [TestCase("\U0001F600", Description = "beyond the basic plane")]
    [TestCase("\ue000", Description = "private use")]
    [TestCase("\u0378", Description = "unassigned in Unicode 16; a later .NET may have it")]
    [TestCase("\ufdd0", Description = "a noncharacter")]
    public void Of_TextTheFrameworkWouldEscape_IsNotEscaped(string text) =>
        CanonicalJson.Of(JsonSerializer.Serialize(text)).Should().Be($"\"{text}\"", "the hash must not depend on the version of .NET");

    [TestCase("""{"a":1,"a":1}""", "$")]
    [TestCase("""{"a":1,"\u0061":2}""", "$")]
    [TestCase("""{"x":[0,{"a":1,"b":2,"a":3}]}""", "$.x[1]")]
    public void Of_DuplicateKey_IsRejectedWithItsPlace(string json, string where) =>
        ErrorOf(json).Should().Be($"The key 'a' occurs twice in {where}.");

    [TestCase("""{"x":["\ud800"]}""", "The string at $.x[0] contains half of a surrogate pair.")]
    [TestCase("""{"x":{"\udc00":1}}""", "A key in $.x contains half of a surrogate pair.")]
    [TestCase("""["\ude00\ud83d"]""", "The string at $[0] contains half of a surrogate pair.")]
    public void Of_HalfASurrogatePair_IsRejected(string json, string reason) => ErrorOf(json).Should().Be(reason);

    [Test]
    public void Of_HalfASurrogatePairUnescaped_IsRejected() =>
        // Not a test case: attributes are stored as UTF-8, which cannot represent it.
        ErrorOf("[\"\ud800\"]").Should().Be("Not valid JSON: the text contains half of a surrogate pair.");

    [TestCase("")]
    [TestCase("{'a':1}")]
    [TestCase("[1,]")]
    [TestCase("1 2")]
    [TestCase("// note\n1")]
    [TestCase("NaN")]
    [TestCase("01")]
    public void Of_NotJson_IsRejected(string json) => ErrorOf(json).Should().StartWith("Not valid JSON: ");

    [Test]
    public void Of_SixtyFourLevels_IsTheDeepestAccepted()
    {
        CanonicalJson.Of(Nested(64)).Should().Be(Nested(64));

        ErrorOf(Nested(65)).Should().Be("The JSON is nested deeper than 64 levels.");
        ErrorOf(Nested(1_000_000)).Should().Be("The JSON is nested deeper than 64 levels.", "a hostile genome must not overflow the stack");
    }

    [Test]
    public void Of_ElementParsedWithADeeperLimit_IsRejectedToo()
    {
        using var document = JsonDocument.Parse(Nested(65), new JsonDocumentOptions { MaxDepth = 1000 });

        var canonical = () => CanonicalJson.Of(document.RootElement);

        canonical.Should().Throw<InvalidInputException>().WithMessage("The JSON is nested deeper than 64 levels.");
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string ErrorOf(string json)
    {
        var canonical = () => CanonicalJson.Of(json);
        return canonical.Should().Throw<InvalidInputException>().Which.Message;
    }
}
