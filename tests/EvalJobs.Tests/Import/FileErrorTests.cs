using System.Text;
using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Tests.Import;

/// <summary>Files as spreadsheets and people really write them: they are read, or rejected with a suggestion.</summary>
public sealed class FileErrorTests
{
    [TestCase("input;expected\na;1,5\nb;2\n", "1,5")]
    [TestCase("input\texpected\na\t1,5\nb\t2\n", "1,5")]
    [TestCase("\"in;put\",expected,input\nx,1;5,a\nx,2,b\n", "1;5")]
    public async Task Csv_OtherSeparators_AreRead(string text, string expected)
    {
        var cases = await ReadAsync("cases.csv", text);

        cases.Should().HaveCount(2);
        cases[0].Should().Match<TestCase>(each => each.Input == "a" && each.ExpectedOutput == expected);
    }

    [Test]
    public async Task Tsv_ByItsName_IsRead() => (await ReadAsync("cases.tsv", "input\texpected\na\tb\n")).Should().ContainSingle();

    [Test]
    public async Task Csv_LongFirstLine_IsReadCompletely()
    {
        var header = "input,expected," + new string('x', 100_000);

        (await ReadAsync("cases.csv", $"{header}\na,b,c\n")).Should().ContainSingle().Which.ExpectedOutput.Should().Be("b");
    }

    [Test]
    public async Task Csv_RowsOfEmptyCells_AreSkipped()
    {
        var cases = await ReadAsync("cases.csv", "input,expected,note\na,b,\n,,\n,,,,,\n c,d,x\n\n,,\n");

        cases.Select(each => each.Input.Trim()).Should().Equal("a", "c");
    }

    [TestCase("input,expcted\na,b\n", "expcted", "expected")]
    [TestCase("inputt,expected\na,b\n", "inputt", "input")]
    [TestCase("input,expected,wieght\na,b,2\n", "wieght", "weight")]
    public async Task Csv_MisspeltColumn_IsNamedWithTheHeader(string text, string column, string meant)
    {
        var read = () => ReadAsync("cases.csv", text);

        (await read.Should().ThrowAsync<InvalidInputException>()).Which.Message.Should().Contain(column).And.Contain(meant).And.Contain(text.Split('\n')[0].Replace(",", ", ", StringComparison.Ordinal));
    }

    [Test]
    public async Task Csv_ColumnsOfOtherNames_AreIgnored() =>
        (await ReadAsync("cases.csv", "input,expected,source,difficulty\na,b,web,3\n")).Should().ContainSingle();

    [Test]
    public async Task Json_OneObjectPerLine_SuggestsTheNameJsonl()
    {
        var read = () => ReadAsync("cases.json", "{\"input\":\"a\",\"expected\":\"b\"}\n{\"input\":\"c\",\"expected\":\"d\"}\n");

        (await read.Should().ThrowAsync<InvalidInputException>()).WithMessage("cases.json*one JSON object per line*.jsonl*");
    }

    [TestCase("cases.jsonl", "{\"input\":\"a\",\"expected\":\"b\",}")]
    [TestCase("cases.json", "[{\"input\":\"a, ]\",\"expected\":\"b\"},]")]
    [TestCase("cases.json", "[{\"input\":\"a\",\"expected\":[1,2,]}]")]
    public async Task Json_TrailingComma_IsNamedInPlainWords(string name, string text)
    {
        var read = () => ReadAsync(name, text);

        (await read.Should().ThrowAsync<InvalidInputException>()).WithMessage("*a comma comes before a closing } or ]; remove it.").Which.Message.Should().NotContain("reader options");
    }

    private static async Task<List<TestCase>> ReadAsync(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var file = await SuiteFile.FromStreamAsync(name, () => new MemoryStream(bytes));
        var cases = new List<TestCase>();
        await foreach (var each in file.ReadCasesAsync())
            cases.Add(each);
        return cases;
    }
}
