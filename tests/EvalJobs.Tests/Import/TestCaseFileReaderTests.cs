using System.Text;
using EvalJobs.Import;
using EvalJobs.Domain;
using static EvalJobs.Tests.Import.ImportHelper;

namespace EvalJobs.Tests.Import;

public sealed class TestCaseFileReaderTests
{
    private static readonly FieldMapping QuestionAnswer = new() { Input = "q", Expected = "meta.answers[0].text", Key = "meta.id" };

    private static readonly object[] SameCasesInEveryFormat =
    [
        new object[]
        {
            ImportFormat.Jsonl,
            """
            {"id":"q1","question":"2+2?","answer":"4","name":"Sum","weight":2.5,"scoring":{"type":"numeric","tolerance":0.1}}

            {"id":"q2","question":"Capital of France?","answer":"Paris","scoring":"contains"}
            {"question":"Say hi"}
            """,
        },
        new object[]
        {
            ImportFormat.Csv,
            """"
            id,question,answer,name,weight,scoring
            q1,2+2?,4,Sum,2.5,"{""type"":""numeric"",""tolerance"":0.1}"

            q2,Capital of France?,"Paris",,,contains
            ,Say hi,,,,
            """",
        },
        new object[]
        {
            ImportFormat.Json,
            """
            [
              {"id":"q1","question":"2+2?","answer":"4","name":"Sum","weight":2.5,"scoring":{"type":"numeric","tolerance":0.1}},
              {"id":"q2","question":"Capital of France?","answer":"Paris","scoring":"contains"},
              {"question":"Say hi"}
            ]
            """,
        },
        new object[]
        {
            ImportFormat.Yaml,
            """
            # three cases
            - id: q1
              question: 2+2?
              answer: 4
              name: Sum
              weight: 2.5
              scoring: { type: numeric, tolerance: 0.1 }
            - id: q2
              question: Capital of France?
              answer: Paris
              scoring: contains
            - question: Say hi
            """,
        },
    ];

    [TestCaseSource(nameof(SameCasesInEveryFormat))]
    public async Task ReadAsync_SameCases_AreEqualFromEveryFormat(ImportFormat format, string text)
    {
        foreach (var written in new[] { text, text.ReplaceLineEndings("\r\n"), "\ufeff" + text, text + "\n" })
        {
            var cases = await ReadAsync(format, written);

            cases.Should().Equal(
                new TestCase
                {
                    Ordinal = 1,
                    CaseKey = "q1",
                    Name = "Sum",
                    Input = "2+2?",
                    ExpectedOutput = "4",
                    Weight = 2.5,
                    Scoring = """{"tolerance":0.1,"type":"numeric"}""",
                },
                new TestCase
                {
                    Ordinal = 2,
                    CaseKey = "q2",
                    Input = "Capital of France?",
                    ExpectedOutput = "Paris",
                    Scoring = """{"type":"contains"}""",
                },
                new TestCase { Ordinal = 3, CaseKey = "case-00003", Input = "Say hi" });
        }
    }

    [TestCase("input", "expected")]
    [TestCase("question", "expectedOutput")]
    [TestCase("prompt", "expected_output")]
    [TestCase("input", "answer")]
    [TestCase("input", "ground_truth")]
    public async Task ReadAsync_NoMapping_UsesTheDefaultNames(string input, string expected)
    {
        var fromJson = await ReadAsync(ImportFormat.Jsonl, $$"""{"{{input}}":"a","{{expected}}":"b"}""");
        var fromCsv = await ReadAsync(ImportFormat.Csv, $"{input.ToUpperInvariant()},{expected}\na,b\n");

        fromJson.Should().Equal(fromCsv).And.ContainSingle().Which.Should().Match<TestCase>(c => c.Input == "a" && c.ExpectedOutput == "b");
    }

    [TestCase(ImportFormat.Jsonl, """{"input":"q","expected":"a\u0000b"}""", "expected")]
    [TestCase(ImportFormat.Jsonl, """{"input":"a\u0000","expected":"x"}""", "input")]
    [TestCase(ImportFormat.Jsonl, """{"input":"q","expected":"x","name":"a\u0000b"}""", "name")]
    [TestCase(ImportFormat.Json, """[{"input":"q","expected":"a\u0000b"}]""", "expected")]
    [TestCase(ImportFormat.Yaml, "- input: q\n  expected: \"a\\0b\"", "expected")]
    [TestCase(ImportFormat.Csv, "input,expected\nq,a\0b\n", "expected")]
    public async Task ReadAsync_TextWithU0000_IsRejectedAndTheFieldIsNamed(ImportFormat format, string text, string field) =>
        (await ImportHelper.RejectionAsync(format, text)).Should().Contain(field).And.Contain("U+0000");

    [Test]
    public async Task ReadAsync_NonTextValueWithU0000_IsReadAsJson() =>
        (await ImportHelper.ReadAsync(ImportFormat.Jsonl, """{"input":"q","expected":{"a":"\u0000"}}""")).Single().ExpectedOutput.Should().Be("""{"a":"\u0000"}""");

    [Test]
    public async Task ReadAsync_NoMapping_RejectsTwoNamesForOneField()
    {
        (await RejectionAsync(ImportFormat.Jsonl, "{\"input\":\"a\"}\n{\"input\":\"a\",\"prompt\":null}")).Should().Be(
            "Line 2, field 'prompt': 'input' and 'prompt' could all be the input; say which.");
        (await RejectionAsync(ImportFormat.Csv, "input,answer,ground_truth\n")).Should().StartWith("Line 1, field 'ground_truth': ");
        (await RejectionAsync(ImportFormat.Yaml, "- input: a\n  id: 1\n  key: 2")).Should().StartWith("Line 1, field 'id': 'key' and 'id' could all be the key");
    }

    [TestCase(ImportFormat.Jsonl, """{"q":"a","id":"not mapped","meta":{"id":7,"answers":[{"text":"b"}]}}""")]
    [TestCase(ImportFormat.Json, """[{"q":"a","weight":-1,"meta":{"id":"7","answers":[{"text":"b"}]}}]""")]
    [TestCase(ImportFormat.Yaml, "- q: a\n  meta:\n    id: 7\n    answers: [{ text: b }]")]
    [TestCase(ImportFormat.Csv, "meta.answers[0].text,q,meta.id\nb,a,7")]
    [TestCase(ImportFormat.Jsonl, """{"q":"a","meta.id":"7","meta":{"id":"an exact name goes first","answers":[{"text":"b"}]}}""")]
    public async Task ReadAsync_Mapping_FindsNestedFieldsAndReadsNoOthers(ImportFormat format, string text) =>
        (await ReadAsync(format, text, new() { Mapping = QuestionAnswer })).Should().Equal(
            new TestCase { Ordinal = 1, CaseKey = "7", Input = "a", ExpectedOutput = "b" });

    [Test]
    public async Task ReadAsync_NonTextValues_BecomeCanonicalJson()
    {
        var cases = await ReadAsync(ImportFormat.Jsonl, """
            {"input":{"b":[1.0,true],"a":"é"},"expected":[ 1, null ]}
            {"input":7,"expected":"007"}
            {"input":"x","expected":""}
            {"input":"x","expected":null}
            """);

        cases.Select(c => (c.Input, c.ExpectedOutput)).Should().Equal(
            ("""{"a":"é","b":[1.0,true]}""", "[1,null]"), ("7", "007"), ("x", ""), ("x", null));
    }

    [Test]
    public async Task ReadAsync_MappedFieldInSomeRecordsOnly_IsOptional()
    {
        var mapping = new FieldMapping { Input = "q", Weight = "w" };

        var cases = await ReadAsync(ImportFormat.Jsonl, "{\"q\":\"a\"}\n{\"q\":\"b\",\"w\":3}\n{\"q\":\"c\",\"w\":null}", new() { Mapping = mapping });

        cases.Select(c => c.Weight).Should().Equal(1, 3, 1);
    }

    [Test]
    public async Task ReadAsync_MappedFieldInNoRecord_IsRejected() =>
        (await RejectionAsync(ImportFormat.Jsonl, "{\"q\":\"a\",\"answer\":\"b\"}", new() { Mapping = new() { Input = "q", Expected = "anwser" } }))
            .Should().Be("Field 'anwser': no record has the field the mapping names for 'expected'.");

    [Test]
    public async Task ReadAsync_DefaultScoring_IsForCasesWithoutScoring()
    {
        var options = new TestCaseReadOptions { DefaultScoring = ScoringSpec.Parse("similarity") };

        var cases = await ReadAsync(ImportFormat.Jsonl, "{\"input\":\"a\"}\n{\"input\":\"b\",\"scoring\":\"regex\"}", options);

        cases.Select(c => c.Scoring).Should().Equal("""{"type":"similarity"}""", """{"type":"regex"}""");
    }

    [Test]
    public async Task ReadAsync_ValidateScoring_ChecksEveryCaseAndItsErrorHasTheLine()
    {
        var seen = new List<string>();
        var options = new TestCaseReadOptions
        {
            ValidateScoring = (spec, expected) =>
            {
                seen.Add($"{spec.Type}:{expected}");
                if (expected is null)
                    throw new InvalidInputException("numeric needs an expected value.");
            },
        };

        var error = await RejectionAsync(ImportFormat.Csv, "input,expected,scoring\na,1,numeric\n\nb,2,\nc,,numeric\n", options);

        seen.Should().Equal("numeric:1", "exact_match:2", "numeric:");
        error.Should().Be("Line 5, field 'scoring': numeric needs an expected value.");
    }

    [TestCase(ImportFormat.Json, """{"meta":{"x":[1,{"cases":3}]},"data":{"n":1,"cases":[{"input":"a"}],"m":{}},"z":[]}""", "data.cases")]
    [TestCase(ImportFormat.Json, """{"cases":[{"input":"a"}]}""", "cases")]
    [TestCase(ImportFormat.Yaml, "data:\n  cases:\n  - input: a\nz: 1", "data.cases")]
    public async Task ReadAsync_Root_FindsTheArrayInside(ImportFormat format, string text, string root) =>
        (await ReadAsync(format, text, new() { Root = root })).Should().ContainSingle().Which.Input.Should().Be("a");

    [TestCase(ImportFormat.Json, """{"cases":[]}""", null, "Line 1: expected an array of test cases, found an object; name the property that contains the array as the root.")]
    [TestCase(ImportFormat.Yaml, "\ncases: []", null, "Line 2: expected an array of test cases, found an object; name the property that contains the array as the root.")]
    [TestCase(ImportFormat.Json, "\n3", null, "Line 2: expected an array of test cases.")]
    [TestCase(ImportFormat.Json, "{\"a\":1,\n\"b\":{}}", "data", "Line 2: the root 'data' matches nothing: there is no object with 'data' here.")]
    [TestCase(ImportFormat.Json, "{\"data\":7}", "data.cases", "Line 1: the root 'data.cases' matches nothing: there is no object with 'cases' here.")]
    [TestCase(ImportFormat.Json, "{\"data\":7}", "data", "Line 1: expected an array of test cases at the root 'data'.")]
    [TestCase(ImportFormat.Yaml, "data: 7", "data.cases", "Line 1: the root 'data.cases' matches nothing: there is no object with 'cases' here.")]
    [TestCase(ImportFormat.Json, "{\"cases\":[{\"input\":\"a\"}],\n\"cases\":[]}", "cases", "Line 2: the key 'cases' occurs twice.")]
    [TestCase(ImportFormat.Jsonl, "{}", "cases", "A root ('cases') belongs to JSON and YAML files; every line of this one is a record.")]
    public async Task ReadAsync_WrongRoot_IsRejected(ImportFormat format, string text, string? root, string message) =>
        (await RejectionAsync(format, text, new() { Root = root })).Should().Be(message);

    [TestCase(ImportFormat.Jsonl, "", "The file contains no test case.")]
    [TestCase(ImportFormat.Jsonl, "\n \r\n", "The file contains no test case.")]
    [TestCase(ImportFormat.Csv, "", "The file contains no test case.")]
    [TestCase(ImportFormat.Csv, "input\n\n", "The file contains no test case.")]
    [TestCase(ImportFormat.Json, " \n", "The file is empty.")]
    [TestCase(ImportFormat.Json, "[]", "The file contains no test case.")]
    [TestCase(ImportFormat.Yaml, "# nothing\n", "The file is empty.")]
    [TestCase(ImportFormat.Yaml, "[]", "The file contains no test case.")]
    [TestCase(ImportFormat.Jsonl, "\ufeff", "The file contains no test case.")]
    [TestCase(ImportFormat.Jsonl, "{\"input\":\"a\"}\n{\"input\":", "Line 2: not valid JSON: ")]
    [TestCase(ImportFormat.Jsonl, "{\"input\":\"a\"} {}", "Line 1: not valid JSON: ")]
    [TestCase(ImportFormat.Jsonl, "\n[{\"input\":\"a\"}]", "Line 2: a test case is a JSON object, not an array; a file that is one JSON array is named .json.")]
    [TestCase(ImportFormat.Jsonl, "{\"input\":\"a\",\"input\":\"b\"}", "Line 1: not valid JSON: the key 'input' occurs twice.")]
    [TestCase(ImportFormat.Jsonl, "{\"input\":\"\\ud800\"}", "Line 1, field 'input': The JSON string is not a text: half of a surrogate pair")]
    [TestCase(ImportFormat.Jsonl, "{\"\\ud800\":1}", "Line 1: ")]
    [TestCase(ImportFormat.Json, "[\n{\"input\":\"a\"},\n{\"input\":}]", "Line 3: not valid JSON: '}' is not expected at character 10.")]
    [TestCase(ImportFormat.Json, "[\n{\"input\":\"a\"},\n\"b\"]", "Line 3: a test case is a JSON object, not a string.")]
    [TestCase(ImportFormat.Json, "[\n{\"input\":\"a\"},\n\n{\"input\":\"b\",\n\"input\":\"c\"}]", "Line 4: not valid JSON: ")]
    [TestCase(ImportFormat.Json, "[{\"input\":\"a\"}\n]\n}", "Line 3: not valid JSON: ")]
    [TestCase(ImportFormat.Json, "[{\"input\":\"a\"},\n", "Line 2: not valid JSON: ")]
    [TestCase(ImportFormat.Json, "[{\"input\":\"a\"\n", "Line 2: not valid JSON: ")]
    [TestCase(ImportFormat.Json, "[{\"input\":\"ä\"},\n{\"input\":\"ä\"} {}]", "Line 2: not valid JSON: '{' is not expected at character 15.")]
    [TestCase(ImportFormat.Json, "[{\"input\":\"a\"},\n]", "Line 2: not valid JSON: a comma comes before a closing } or ]; remove it.")]
    [TestCase(ImportFormat.Yaml, "- input: a\n- input: [\n", "Line 3: not valid YAML: ")]
    [TestCase(ImportFormat.Yaml, "- input: a\n- b\n", "Line 2: a test case is a mapping such as")]
    [TestCase(ImportFormat.Yaml, "- input: a\n  input: b\n", "Line 2, field 'input': the key occurs twice.")]
    [TestCase(ImportFormat.Yaml, "- input: a\n---\n- input: b\n", "Line 2: the YAML file contains a second document; one is read.")]
    [TestCase(ImportFormat.Yaml, "- input: a\n- input: .inf\n", "Line 2: .inf is not a JSON number; quote it if it is meant as text.")]
    [TestCase(ImportFormat.Yaml, "- input: *x\n", "Line 1: the alias *x names no value defined before it.")]
    [TestCase(ImportFormat.Yaml, "- input: a\n- &x\n  input: [*x]\n", "Line 3: the alias *x names no value defined before it.")]
    [TestCase(ImportFormat.Yaml, "- &x\n  input: a\n- <<: *x\n", "Line 3: merge keys (<<) are not part of YAML 1.2")]
    [TestCase(ImportFormat.Yaml, "- input: !secret a\n", "Line 1: 'a' is not what its tag '!secret' says")]
    [TestCase(ImportFormat.Yaml, "- ? [a]\n  : b\n", "Line 1: a key must be a text")]
    [TestCase(ImportFormat.Csv, "input,expected\na,b\nc\n", "Line 3: the row has 1 cell, the header 2.")]
    [TestCase(ImportFormat.Csv, "input,expected\n\"a\nb\",c\nd,e,f\n", "Line 4: the row has 3 cells, the header 2.")]
    [TestCase(ImportFormat.Csv, "a,b\n1,2\n", "Line 1, field 'input': is missing; every test case needs one of input, question, prompt, or say which column is the input. The header is: a, b.")]
    [TestCase(ImportFormat.Csv, "input,name,name\na,b,c\n", "Line 1, field 'name': the header names this column twice.")]
    [TestCase(ImportFormat.Csv, "input\na\n\"b\n\nc", "Line 3: a double quote is inside")]
    [TestCase(ImportFormat.Csv, "input\na\"b\n", "Line 2: a double quote is inside")]
    [TestCase(ImportFormat.Csv, "input\n\"a\"b\n", "Line 2: a double quote is inside")]
    public async Task ReadAsync_InvalidFile_IsRejectedWithItsLine(ImportFormat format, string text, string message) =>
        (await RejectionAsync(format, text)).Should().StartWith(message);

    [TestCase("{\"expected\":\"b\"}", "field 'input': is missing; every test case needs one of input, question, prompt")]
    [TestCase("{\"input\":null}", "field 'input': is empty; every test case needs an input.")]
    [TestCase("{\"input\":\" \\n\"}", "field 'input': is empty; every test case needs an input.")]
    [TestCase("{\"prompt\":\"\"}", "field 'prompt': is empty; every test case needs an input.")]
    [TestCase("{\"input\":\"a\",\"weight\":0}", "field 'weight': must be a number above 0, not 0.")]
    [TestCase("{\"input\":\"a\",\"weight\":-0.5}", "field 'weight': must be a number above 0, not -0.5.")]
    [TestCase("{\"input\":\"a\",\"weight\":1e999}", "field 'weight': must be a number above 0, not Infinity.")]
    [TestCase("{\"input\":\"a\",\"weight\":1000001}", "field 'weight': must be at most 1000000, not 1000001.")]
    [TestCase("{\"input\":\"a\",\"weight\":\"2\"}", "field 'weight': must be a number, not a string.")]
    [TestCase("{\"input\":\"a\",\"weight\":true}", "field 'weight': must be a number, not a boolean.")]
    [TestCase("{\"input\":\"a\",\"key\":\"first\"}", "field 'key': the case key 'first' occurs twice, first on line 2.")]
    [TestCase("{\"input\":\"a\",\"id\":\" first \"}", "field 'id': the case key 'first' occurs twice, first on line 2.")]
    [TestCase("{\"input\":\"a\",\"id\":\"\"}", "field 'id': a case key has 1 to 200 characters; this one has 0.")]
    [TestCase("{\"input\":\"a\",\"id\":[1]}", "field 'id': must be a text or a number, not an array.")]
    [TestCase("{\"input\":\"a\",\"name\":{}}", "field 'name': must be a text or a number, not an object.")]
    [TestCase("{\"input\":\"a\",\"scoring\":{}}", "field 'scoring': A scoring object needs a 'type'")]
    [TestCase("{\"input\":\"a\",\"scoring\":{\"type\":\"x\",\"threshold\":2}}", "field 'scoring': scoring.threshold (2) must be a number from 0 to 1.")]
    [TestCase("{\"input\":\"a\",\"scoring\":\"\"}", "field 'scoring': A scoring object needs a 'type'")]
    [TestCase("{\"input\":\"a\",\"scoring\":[]}", "field 'scoring': must be a scoring object or a scorer's name, not an array.")]
    [TestCase("{\"input\":\"a\",\"scoring\":\"{\\\"type\\\":\"}", "field 'scoring': Not valid JSON")]
    public async Task ReadAsync_InvalidField_IsRejectedWithLineAndField(string record, string message)
    {
        const string first = "{\"input\":\"x\",\"key\":\"first\"}";

        (await RejectionAsync(ImportFormat.Jsonl, $"\n{first}\n{record}\n")).Should().StartWith($"Line 3, {message}");
        (await RejectionAsync(ImportFormat.Json, $"[\n{first},\n{record}]")).Should().StartWith($"Line 3, {message}");
        (await RejectionAsync(ImportFormat.Yaml, $"\n- {first}\n- {record}\n".Replace("1e999", "1.0e+999", StringComparison.Ordinal)))
            .Should().StartWith($"Line 3, {message}", "YAML contains JSON");
    }

    [TestCase("a,,,", "field 'input': is empty")]
    [TestCase("a,x,0,", "field 'weight': must be a number above 0, not 0.")]
    [TestCase("a,x,NaN,", "field 'weight': must be a number above 0, not NaN.")]
    [TestCase("a,x,\"1,5\",", "field 'weight': '1,5' is not a number.")]
    [TestCase("a,x,heavy,", "field 'weight': 'heavy' is not a number.")]
    [TestCase("first,x,,", "field 'key': the case key 'first' occurs twice, first on line 2.")]
    [TestCase("a,x,,\"{\"\"type\"\":1}\"", "field 'scoring': A scoring object needs a 'type'")]
    public async Task ReadAsync_InvalidCell_IsRejectedWithLineAndField(string row, string message)
    {
        const string start = "key,input,weight,scoring\r\nfirst,\"two\r\nlines\",1,\r\n";

        (await RejectionAsync(ImportFormat.Csv, start + row)).Should().StartWith($"Line 4, {message}");
    }

    /// <summary>The column on SQL Server has this limit; SQLite has none.</summary>
    [Test]
    public async Task ReadAsync_NameTooLong_IsRejectedWithLineAndField()
    {
        var longest = new string('n', ImportLimits.MaxNameLength);

        (await ReadAsync(ImportFormat.Jsonl, $$"""{"input":"a","name":"{{longest}}","weight":1000000}""")).Should().ContainSingle().Which.Name.Should().Be(longest);
        (await RejectionAsync(ImportFormat.Jsonl, $$"""{"input":"a","name":"{{longest}}n"}""")).Should().Be("Line 1, field 'name': a case's name has at most 400 characters; this one has 401.");
    }

    [Test]
    public async Task ReadAsync_GeneratedKeyEqualsAGivenOne_IsRejected() =>
        (await RejectionAsync(ImportFormat.Jsonl, "{\"input\":\"a\",\"id\":\"case-00002\"}\n{\"input\":\"b\"}"))
            .Should().Be("Line 2, field 'key': the case key 'case-00002' occurs twice, first on line 1.");

    [Test]
    public async Task ReadAsync_CsvMappingWithoutItsColumn_IsRejectedAtTheHeader() =>
        (await RejectionAsync(ImportFormat.Csv, "\nq, a\n1,2\n", new() { Mapping = new() { Input = "q", Expected = "answer" } }))
            .Should().Be("Line 2, field 'answer': the header has no such column; it has q, a.");

    [Test]
    public async Task ReadAsync_CsvColumnsThatDifferInCaseOnly_AreDistinguished()
    {
        var cases = await ReadAsync(ImportFormat.Csv, "Q,q\n1,2\n", new() { Mapping = new() { Input = "q" } });

        cases.Should().ContainSingle().Which.Input.Should().Be("2");
        (await RejectionAsync(ImportFormat.Csv, "QQ,Qq\n1,2\n", new() { Mapping = new() { Input = "qq" } })).Should().StartWith("Line 1, field 'qq': ");
    }

    [Test]
    public async Task ReadAsync_CsvCells_KeepBlanksQuotesAndLineEnds()
    {
        var cases = await ReadAsync(ImportFormat.Csv, "input,expected\n\" a,\"\"b\"\"\r\n\nc \", d \r\ne,\n");

        cases.Select(c => (c.Input, c.ExpectedOutput)).Should().Equal((" a,\"b\"\r\n\nc ", " d "), ("e", null));
    }

    [TestCase(ImportFormat.Jsonl, "{\"input\":\"a\"}\n{\"input\":\"¤\"}\n", 2)]
    [TestCase(ImportFormat.Csv, "input\na\nb¤\n", 3)]
    [TestCase(ImportFormat.Json, "[\n{\"input\":\"¤\"}]", 2)]
    [TestCase(ImportFormat.Yaml, "- input: a\n- input: ¤\n", 2)]
    public async Task ReadAsync_MalformedUtf8_IsRejectedWithItsLine(ImportFormat format, string text, int line)
    {
        byte[][] malformed = [[0xFF], [0x80], [0xC3], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]];
        foreach (var bytes in malformed)
        {
            var at = text.IndexOf('¤', StringComparison.Ordinal);
            byte[] file = [.. Encoding.UTF8.GetBytes(text[..at]), .. bytes, .. Encoding.UTF8.GetBytes(text[(at + 1)..])];

            var whole = () => ReadAsync(format, file);
            var read = () => ReadAsync(format, new SmallReadsStream(file, seed: 1));

            await whole.Should().ThrowAsync<InvalidInputException>().WithMessage($"Line {line}: not valid UTF-8; save the file as UTF-8.");
            await read.Should().ThrowAsync<InvalidInputException>().WithMessage($"Line {line}: not valid UTF-8; save the file as UTF-8.");
        }
    }

    [Test]
    public async Task ReadAsync_CharacterCutAtTheEnd_IsRejected() =>
        (await RejectionAsync(ImportFormat.Csv, [.. "input\na"u8, 0xE2, 0x82])).Should().Be("Line 2: not valid UTF-8; save the file as UTF-8.");

    [Test]
    public async Task ReadAsync_Utf16_IsRejectedByName()
    {
        (await RejectionAsync(ImportFormat.Csv, [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("input\na")]))
            .Should().Be("Line 1: the file is UTF-16; save it as UTF-8.");
    }

    [Test]
    public async Task ReadAsync_FourMebibytes_IsTheLongestLine()
    {
        var fits = "{\"input\":\"" + new string('x', ImportLimits.MaxCaseBytes - 12) + "\"}";
        var tooLong = fits.Replace("\"}", "x\"}", StringComparison.Ordinal);

        (await ReadAsync(ImportFormat.Jsonl, $"{fits}\n{{\"input\":\"a\"}}")).Should().HaveCount(2);
        (await ReadAsync(ImportFormat.Json, $"[{fits},\n{{\"input\":\"a\"}}]")).Should().HaveCount(2);
        (await RejectionAsync(ImportFormat.Jsonl, $"{{\"input\":\"a\"}}\n{tooLong}\n")).Should().Be("Line 2: the line is longer than 4 MiB.");
        (await RejectionAsync(ImportFormat.Jsonl, $"{{\"input\":\"a\"}}\n{tooLong}{new string(' ', 9_000_000)}")).Should().Be("Line 2: the line is longer than 4 MiB.");
        (await RejectionAsync(ImportFormat.Json, $"[\n{tooLong}]")).Should().Be("Line 2: a value is longer than 4 MiB.");
        (await RejectionAsync(ImportFormat.Json, $"[\n{{\"input\":\"{new string('x', 20_000_000)}")).Should().Be("Line 2: a value is longer than 4 MiB.");
    }

    [Test]
    public async Task ReadAsync_CsvQuoteNeverClosed_StopsBeforeTheWholeFileIsRead()
    {
        var stream = new EndlessStream("input\na\n\"b\n"u8.ToArray(), "c,d\n"u8.ToArray(), repeats: int.MaxValue);
        var read = () => ReadAsync(ImportFormat.Csv, stream);

        await read.Should().ThrowAsync<InvalidInputException>().WithMessage("Line 3: the row is longer than 4 MiB, or a quote in it is never closed.");
        stream.BytesRead.Should().BeLessThan(5_000_000);
    }

    [Test]
    public async Task ReadAsync_YamlOverSixteenMebibytes_IsRejectedNamingTheBound() =>
        (await RejectionAsync(ImportFormat.Yaml, "- input: \"" + new string('x', ImportLimits.MaxYamlBytes) + "\""))
            .Should().Be("The YAML file is larger than 16 MiB, the most that is read whole.");

    [Test]
    [CancelAfter(20_000)]
    public async Task ReadAsync_YamlAliasBomb_IsRejectedBeforeItIsExpanded()
    {
        var bomb = new StringBuilder("- &a0 { input: bomb }\n");
        for (var level = 1; level < 12; level++)
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"- &a{level} {{ input: [{string.Join(',', Enumerable.Repeat($"*a{level - 1}", 10))}] }}\n");
        var quadratic = $"- &x {{ input: {new string('x', 100_000)} }}\n" + string.Concat(Enumerable.Repeat("- input: [*x, *x, *x]\n", 1_000));
        var chain = "- &a0 { input: a }\n" + string.Concat(Enumerable.Range(1, 2_000).Select(i => $"- &a{i} {{ input: *a{i - 1} }}\n"));

        (await RejectionAsync(ImportFormat.Yaml, bomb.ToString())).Should().Contain("with its aliases written out the YAML is larger than 16 MiB.");
        (await RejectionAsync(ImportFormat.Yaml, quadratic)).Should().Contain("with its aliases written out the YAML is larger than 16 MiB.");
        (await RejectionAsync(ImportFormat.Yaml, chain)).Should().Contain("64");
    }

    [TestCase("[")]
    [TestCase("{a: ")]
    [TestCase("- ")]
    [TestCase("? ")]
    [CancelAfter(20_000)]
    public async Task ReadAsync_YamlNestedDeep_IsRejectedWithoutOverflow(string opening) =>
        (await RejectionAsync(ImportFormat.Yaml, string.Concat(Enumerable.Repeat(opening, 200_000)))).Should().Contain("64 levels");

    [TestCase(ImportFormat.Json)]
    [TestCase(ImportFormat.Jsonl)]
    public async Task ReadAsync_JsonNestedDeep_IsRejectedWithoutOverflow(ImportFormat format) =>
        (await RejectionAsync(format, (format == ImportFormat.Json ? "[\n" : "\n") + "{\"input\":" + new string('[', 1_000_000))).Should().StartWith("Line 2: ");

    [Test]
    public async Task ReadAsync_YamlAliases_AreExpanded()
    {
        var cases = await ReadAsync(ImportFormat.Yaml, "- input: a\n  scoring: &s { type: numeric, tolerance: 1 }\n- input: b\n  scoring: *s\n");

        cases[1].Scoring.Should().Be(cases[0].Scoring);
    }

    [Test]
    public async Task ReadAsync_HundredThousandCases_AreReturnedWhileTheFileIsRead([Values(ImportFormat.Jsonl, ImportFormat.Csv, ImportFormat.Json)] ImportFormat format)
    {
        var (start, repeated) = format switch
        {
            ImportFormat.Jsonl => ("", "{\"input\":\"What is the answer to this one?\",\"expected\":\"42\"}\n"),
            ImportFormat.Csv => ("input,expected\n", "What is the answer to this one?,42\n"),
            _ => ("[{\"input\":\"first\"}", "\n,{\"input\":\"What is the answer to this one?\",\"expected\":\"42\"}"),
        };
        var end = format == ImportFormat.Json ? "]" : "";
        await using var stream = new EndlessStream(Encoding.UTF8.GetBytes(start), Encoding.UTF8.GetBytes(repeated), repeats: 100_000, Encoding.UTF8.GetBytes(end));

        var count = 0;
        var readAtFirst = 0L;
        await foreach (var testCase in TestCaseFileReader.ReadAsync(stream, format))
        {
            if (++count == 1)
                readAtFirst = stream.BytesRead;
            testCase.Ordinal.Should().Be(count);
        }

        count.Should().Be(format == ImportFormat.Json ? 100_001 : 100_000);
        readAtFirst.Should().BeInRange(1, 200_000, "the first case must not wait for the end of the file");
        stream.BytesRead.Should().BeGreaterThan(3_000_000);
    }

    [Test]
    public async Task ReadAsync_Cancelled_EndsAtOnce([Values] ImportFormat format)
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        using var stream = new MemoryStream("[]"u8.ToArray());

        var read = async () => await TestCaseFileReader.ReadAsync(stream, format, cancellationToken: cancellation.Token).GetAsyncEnumerator().MoveNextAsync();

        await read.Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task ReadAsync_Path_GivesTheFormatAndIsNamedInErrors()
    {
        using var folder = new TempFolder();

        (await ReadPathAsync(folder.Write("a.NDJSON", "{\"input\":\"a\"}"))).Should().ContainSingle();
        (await ReadPathAsync(folder.Write("a.yml", "- input: a"))).Should().ContainSingle();

        var badWeight = () => ReadPathAsync(folder.Write("b.jsonl", "{\"input\":\"a\",\"weight\":0}"));
        var unknown = () => ReadPathAsync(folder.Write("b.txt", "a"));
        var missing = () => ReadPathAsync(folder.Missing("c.csv"));
        await badWeight.Should().ThrowAsync<InvalidInputException>().WithMessage("b.jsonl, line 1, field 'weight': must be a number above 0, not 0.");
        await unknown.Should().ThrowAsync<InvalidInputException>().WithMessage("b.txt: unknown format '.txt'; expected .jsonl, .ndjson, .csv, .tsv, .json, .yaml or .yml.");
        await missing.Should().ThrowAsync<NotFoundException>().WithMessage("There is no file '*c.csv'.");
    }

    [Test]
    public async Task ReadAsync_Stream_StaysOpen()
    {
        using var stream = new MemoryStream("input\na\n"u8.ToArray());

        await ReadAsync(ImportFormat.Csv, stream);

        stream.CanRead.Should().BeTrue("the caller that opened it closes it");
    }

    private static async Task<List<TestCase>> ReadPathAsync(string path)
    {
        var cases = new List<TestCase>();
        await foreach (var testCase in TestCaseFileReader.ReadAsync(path))
            cases.Add(testCase);
        return cases;
    }

    /// <summary>A file too long for a literal: a start, a part repeated many times, and an end.</summary>
    private sealed class EndlessStream(byte[] start, byte[] repeated, int repeats, byte[]? end = null) : Stream
    {
        private byte[] _part = start;
        private int _at;
        private int _left = repeats;
        private bool _isEnd;

        public long BytesRead { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = 0;
            while (count < buffer.Length && Next())
            {
                var copied = Math.Min(buffer.Length - count, _part.Length - _at);
                _part.AsSpan(_at, copied).CopyTo(buffer.Span[count..]);
                count += copied;
                _at += copied;
            }
            BytesRead += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private bool Next()
        {
            while (_at == _part.Length)
            {
                if (_left-- > 0)
                    _part = repeated;
                else if (!_isEnd)
                    (_part, _isEnd) = (end ?? [], true);
                else
                    return false;
                _at = 0;
            }
            return true;
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
