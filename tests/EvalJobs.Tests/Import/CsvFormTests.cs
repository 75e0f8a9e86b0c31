using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Tests.Import;

/// <summary>The form of a CSV file: detected from its first line, or given by the user.</summary>
public sealed class CsvFormTests
{
    [TestCase("input|expected\n2+2|4\n", "2+2", "4", TestName = "Pipe, found")]
    [TestCase("input,note|x,expected\n2+2,a,4\n", "2+2", "4", TestName = "A pipe in a name, and commas")]
    public async Task ReadAsync_SeparatorOfTheFirstLine_IsFound(string file, string input, string expected)
    {
        var made = (await ImportHelper.ReadAsync(ImportFormat.Csv, file)).Should().ContainSingle().Subject;

        made.Should().BeEquivalentTo(new { Input = input, ExpectedOutput = expected });
    }

    [TestCase("comma", "input;x,expected\n\"a;b\",c\n", "input;x", "a;b")]
    [TestCase("~", "q~a\n1,2;3~4\n", "q", "1,2;3")]
    [TestCase("tab", "q\ta\n1,2\t4\n", "q", "1,2")]
    public async Task ReadAsync_GivenSeparator_IsUsed(string separator, string file, string column, string input)
    {
        var options = new TestCaseReadOptions { Csv = new CsvForm { Separator = CsvForm.ParseSeparator(separator) }, Mapping = new FieldMapping { Input = column } };

        (await ImportHelper.ReadAsync(ImportFormat.Csv, file, options)).Should().ContainSingle().Which.Input.Should().Be(input);
    }

    [Test]
    public async Task ReadAsync_WithoutAHeader_UsesTheFirstTwoColumns()
    {
        var cases = await ImportHelper.ReadAsync(ImportFormat.Csv, "2+2,4,x\n3+3,6,y\n", NoHeader());

        cases.Select(each => (each.Ordinal, each.Input, each.ExpectedOutput)).Should().Equal((1, "2+2", "4"), (2, "3+3", "6"));
    }

    [Test]
    public async Task ReadAsync_WithoutAHeader_OneColumnIsTheInput() =>
        (await ImportHelper.ReadAsync(ImportFormat.Csv, "hello\nthere\n", NoHeader())).Should().OnlyContain(each => each.ExpectedOutput == null).And.HaveCount(2);

    [Test]
    public async Task ReadAsync_WithoutAHeader_ColumnsAreMappedByTheirNumbers()
    {
        var cases = await ImportHelper.ReadAsync(ImportFormat.Csv, "k1,4,2+2\n", NoHeader() with { Mapping = new FieldMapping { Input = "3", Expected = "2", Key = "1" } });

        cases.Should().ContainSingle().Which.Should().BeEquivalentTo(new { CaseKey = "k1", Input = "2+2", ExpectedOutput = "4" });
    }

    [Test]
    public async Task ReadAsync_WithoutAHeader_ErrorsNameLineAndColumn()
    {
        (await ImportHelper.RejectionAsync(ImportFormat.Csv, "a,b\nc\n", NoHeader())).Should().Be("Line 2: the row has 1 cell, the first row 2.");
        (await ImportHelper.RejectionAsync(ImportFormat.Csv, "a,b\n", NoHeader() with { Mapping = new FieldMapping { Input = "7" } })).Should().Be("Line 1, field '7': there is no such column; they are called 1, 2.");
    }

    [Test]
    public async Task ReadAsync_OfAnotherFormat_AcceptsNoSeparator() =>
        (await ImportHelper.RejectionAsync(ImportFormat.Jsonl, "{\"input\":\"q\"}", NoHeader())).Should().Contain("belong to CSV files");

    [TestCase("a")]
    [TestCase("\"")]
    [TestCase("")]
    [TestCase(";;")]
    public void ParseSeparator_InvalidText_NamesTheAllowedValues(string text) =>
        FluentActions.Invoking(() => CsvForm.ParseSeparator(text)).Should().Throw<InvalidInputException>().WithMessage("*comma, semicolon, tab, pipe or one character*");

    private static TestCaseReadOptions NoHeader() => new() { Csv = new CsvForm { HasHeader = false } };
}
