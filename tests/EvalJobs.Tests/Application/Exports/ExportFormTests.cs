using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using CsvHelper;
using CsvHelper.Configuration;
using EvalJobs.Application;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Application;

/// <summary>CSV, JSONL and JUnit as their readers expect them, whatever characters the texts contain.</summary>
public sealed class ExportFormTests
{
    private static readonly ExportColumn<object?>[] Value = [new("value", value => value), new("end", _ => "x")];

    [TestCase("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")")]
    [TestCase("+1", "'+1")]
    [TestCase("-1", "'-1")]
    [TestCase("@SUM(A1)", "'@SUM(A1)")]
    [TestCase("\t=1", "'\t=1")]
    [TestCase("\r=1", "'\r=1")]
    [TestCase("\n=1", "'\n=1")]
    [TestCase("1 + 1 = 2", "1 + 1 = 2")]
    [TestCase("two\r\nlines, \"quoted\"", "two\r\nlines, \"quoted\"")]
    [TestCase("", "")]
    [TestCase(null, "")]
    [TestCase(-0.25, "-0.25")]
    [TestCase(true, "true")]
    public async Task Csv_Value_CanBeReadBackAndIsNeverAFormula(object? value, string read)
    {
        var text = Encoding.UTF8.GetString(await WriteAsync(target => CsvExport.WriteAsync(Rows(value), Value, target, CancellationToken.None)));

        text.Should().StartWith("value,end\r\n").And.EndWith("x\r\n");
        using var csv = new CsvReader(new StringReader(text), new CsvConfiguration(System.Globalization.CultureInfo.InvariantCulture));
        csv.Read();
        csv.ReadHeader();
        csv.Read();
        csv.GetField(0).Should().Be(read);
    }

    [TestCase("=1\u0000\u2028é😀\n")]
    [TestCase("")]
    public async Task Jsonl_Text_IsUnchanged(string value)
    {
        var lines = Encoding.UTF8.GetString(await WriteAsync(target => JsonlExport.WriteAsync(Rows(value, value), Value, target, CancellationToken.None))).Split('\n');

        lines.Should().HaveCount(3).And.HaveElementAt(2, "");
        JsonElement.Parse(lines[1]).GetProperty("value").GetString().Should().Be(value);
    }

    [TestCase("plain < & > \" ' ]]>", "plain < & > \" ' ]]>")]
    [TestCase("bell \u0007, nul \0, half HALF and 😀", "bell \uFFFD, nul \uFFFD, half \uFFFD and 😀")]
    public async Task Junit_Text_IsValidXml(string text, string read)
    {
        // Half of a surrogate pair, which an attribute of a test cannot contain.
        text = text.Replace("HALF", "\ud800", StringComparison.Ordinal);
        var test = new JunitTest(text, text, 1234, new JunitOutcome(true, "ERRORED", text, text));

        using var xml = new MemoryStream(await WriteAsync(target => JunitExport.WriteAsync(text, Rows(test), target, CancellationToken.None)));
        var found = XDocument.Load(xml).Descendants("testcase").Single();

        found.Attribute("name")!.Value.Should().Be(read);
        found.Attribute("time")!.Value.Should().Be("1.234");
        found.Element("error")!.Value.Should().Be(read);
        found.Element("error")!.Attribute("message")!.Value.Should().Be(read);
    }

    [Test]
    public void Page_Columns_EqualThoseOfTheExports()
    {
        var rows = DocPage.Read("guide/exports.md").Rows("| export | columns, in order |").ToDictionary(row => row[0].Trim('`'), row => row[1].Replace("`", "", StringComparison.Ordinal), StringComparer.Ordinal);

        rows["runs"].Should().Be(string.Join(' ', ExportColumns.Runs.Select(column => column.Name)));
        rows["results"].Should().Be(string.Join(' ', ExportColumns.Results.Select(column => column.Name)));
        rows["comparison"].Should().Be(string.Join(' ', ExportColumns.Comparison.Select(column => column.Name)));
        rows["audit"].Should().Be(string.Join(' ', ExportColumns.Audit.Select(column => column.Name)));
    }

    private static IAsyncEnumerable<T> Rows<T>(params T[] rows) => rows.ToAsyncEnumerable();

    private static async Task<byte[]> WriteAsync(Func<Stream, Task> write)
    {
        using var target = new MemoryStream();
        await write(target);
        return target.ToArray();
    }
}
