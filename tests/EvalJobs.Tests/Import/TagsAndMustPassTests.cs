using EvalJobs.Import;
using static EvalJobs.Tests.Import.ImportHelper;

namespace EvalJobs.Tests.Import;

/// <summary>Tags and must-pass marks of cases, which the gate uses, are read the same from every format.</summary>
public sealed class TagsAndMustPassTests
{
    private static readonly object[] SameInEveryFormat =
    [
        new object[]
        {
            ImportFormat.Jsonl,
            """
            {"id":"a","question":"q","tags":["safety","money"],"mustPass":true}
            {"id":"b","question":"q","tags":"safety, money, safety","must_pass":false}
            {"id":"c","question":"q","tags":null,"mustPass":null}
            """,
        },
        new object[] { ImportFormat.Csv, "id,question,tags,must_pass\na,q,\"safety,money\",yes\nb,q,\"safety, money, safety\",0\nc,q,,\n" },
        new object[]
        {
            ImportFormat.Json,
            """[{"id":"a","question":"q","tags":["safety","money"],"mustPass":true},{"id":"b","question":"q","tags":"safety, money, safety","mustPass":false},{"id":"c","question":"q"}]""",
        },
        new object[]
        {
            ImportFormat.Yaml,
            """
            - { id: a, question: q, tags: [safety, money], mustPass: true }
            - { id: b, question: q, tags: "safety, money, safety", mustPass: false }
            - { id: c, question: q }
            """,
        },
    ];

    [TestCaseSource(nameof(SameInEveryFormat))]
    public async Task ReadAsync_TagsAndMarks_AreTheSameFromEveryFormat(ImportFormat format, string text) =>
        (await ReadAsync(format, text)).Select(each => (each.CaseKey, each.Tags, each.MustPass)).Should().Equal(
            ("a", """["money","safety"]""", true), ("b", """["money","safety"]""", false), ("c", "[]", false));

    [Test]
    public async Task ReadAsync_Mapped_ReadsThemFromTheMappedFields()
    {
        var mapping = new FieldMapping { Input = "q", Tags = "meta.topics", MustPass = "meta.critical" };

        var cases = await ReadAsync(ImportFormat.Jsonl, """{"q":"x","meta":{"topics":["t"],"critical":true}}""", new TestCaseReadOptions { Mapping = mapping });

        cases.Single().Should().Match<EvalJobs.Domain.TestCase>(each => each.Tags == """["t"]""" && each.MustPass);
    }

    [TestCase(ImportFormat.Jsonl, """{"q":"x","input":"x","tags":7}""", "Line 1*'tags'*an array of texts, or one text with commas between them, not a number*")]
    [TestCase(ImportFormat.Jsonl, """{"input":"x","tags":["a,b"]}""", "Line 1*'tags'*the tag 'a,b' is not allowed*")]
    [TestCase(ImportFormat.Jsonl, """{"input":"x","tags":[""]}""", "*'tags'*1 to 100 characters*")]
    [TestCase(ImportFormat.Jsonl, """{"input":"x","mustPass":"yes"}""", "Line 1*'mustPass'*must be true or false, not a string*")]
    [TestCase(ImportFormat.Csv, "input,mustPass\nx,perhaps\n", "Line 2*'mustPass'*'perhaps' is not true or false*")]
    [TestCase(ImportFormat.Yaml, "- { input: x, mustPass: 3 }", "*'mustPass'*must be true or false, not a number*")]
    public async Task ReadAsync_InvalidTagOrMark_IsRejectedWithLineAndField(ImportFormat format, string text, string message) =>
        (await RejectionAsync(format, text)).Should().Match(message);

    [Test]
    public async Task ReadAsync_TooManyTags_IsRejected() =>
        (await RejectionAsync(ImportFormat.Jsonl, $$"""{"input":"x","tags":"{{string.Join(',', Enumerable.Range(1, 21).Select(number => $"t{number}"))}}"}""")).Should().Contain("at most 20 tags; this one has 21");
}
