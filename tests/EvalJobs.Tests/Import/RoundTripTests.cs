using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using EvalJobs.Import;
using EvalJobs.Domain;
using EvalJobs.Tests.Domain;
using static EvalJobs.Tests.Import.ImportHelper;

namespace EvalJobs.Tests.Import;

public sealed class RoundTripTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private const string SpecialCharacters = "{}[]\":,&*!%?|>-#\n\t\\'\0\u00ff";

    // The import rejects U+0000 in texts; FileErrorTests and TestCaseFileReaderTests check that.
    private static readonly Gen<string> Text = SomeJson.Text.Select(text => text.Replace("\0", "", StringComparison.Ordinal));

    // An empty cell is no value in CSV, so given texts are not empty.
    private static readonly Gen<string> Filled = Gen.Select(Text, Gen.OneOfConst("a", "\"", "1", "true", "null", "- b", ": ", "#", "'", "a\r\nb\n"))
        .Select((text, more) => text + more);

    private static readonly Gen<TestCase> Case = Gen.Select(
        Filled.Where(text => !string.IsNullOrWhiteSpace(text)),
        Gen.OneOf(Filled.Select(text => (string?)text), Gen.Const((string?)null)),
        Gen.OneOf(Filled, Gen.Const("")),
        Gen.OneOf(Gen.Double[0.001, 1000], Gen.Const(1.0)),
        Gen.OneOf(Gen.Const(ScoringSpec.Default), Text.Select(text => ScoringSpec.Parse($$"""{"type":"regex","pattern":{{JsonSerializer.Serialize(text)}}}"""))),
        (input, expected, name, weight, scoring) => new TestCase
        {
            Ordinal = 0,
            CaseKey = "",
            Input = input,
            ExpectedOutput = expected,
            Name = name,
            Weight = weight,
            Scoring = scoring.Json,
        });

    private static readonly Gen<TestCase[]> Cases = Case.Array[1, 8].Select(cases =>
        cases.Select((one, index) => one with { Ordinal = index + 1, CaseKey = $"k{index}" }).ToArray());

    [Test]
    public async Task ReadAsync_RandomCasesWritten_AreReadBackEqual([Values] ImportFormat format) =>
        await Gen.Select(Cases, Gen.Int).SampleAsync(async (cases, seed) =>
        {
            var file = Encoding.UTF8.GetBytes(Write(format, cases));

            (await ReadAsync(format, file)).Should().Equal(cases);
            (await ReadAsync(format, new SmallReadsStream(file, seed))).Should().Equal(cases, "the sizes of the chunks must not matter");
        }, iter: 200);

    [Test]
    public async Task ReadAsync_DamagedFiles_AreReadOrRejectedWithoutOtherErrors([Values] ImportFormat format) =>
        await Gen.Select(Cases, Gen.Int).SampleAsync(async (cases, seed) =>
        {
            var random = new Random(seed);
            var file = Encoding.UTF8.GetBytes(Write(format, cases));
            for (var spoils = random.Next(1, 6); spoils > 0; spoils--)
            {
                var at = random.Next(file.Length);
                file = random.Next(3) switch
                {
                    0 => [.. file[..at], .. file[(at + 1)..], 0x20],
                    1 => [.. file[..at], (byte)SpecialCharacters[random.Next(SpecialCharacters.Length)], .. file[at..]],
                    _ => [.. file[..at], (byte)random.Next(256), .. file[(at + 1)..]],
                };
            }

            try
            {
                await ReadAsync(format, file);
            }
            catch (InvalidInputException)
            {
                // The expected kind of error.
            }
        }, iter: 1000);

    private static string Write(ImportFormat format, TestCase[] cases) => format switch
    {
        ImportFormat.Jsonl => string.Join("\n", cases.Select(one => JsonSerializer.Serialize(Record(one), Plain))),
        ImportFormat.Json => JsonSerializer.Serialize(cases.Select(Record), Indented),
        ImportFormat.Csv => "expected,id,scoring,input,weight,name\r\n" + string.Concat(cases.Select(one => string.Join(',', new[]
        {
            Quote(one.ExpectedOutput ?? ""), one.CaseKey, Quote(one.Scoring), Quote(one.Input), one.Weight.ToString(CultureInfo.InvariantCulture), Quote(one.Name),
        }) + "\r\n")),
        _ => string.Concat(cases.Select(one => string.Concat(Record(one).Select((field, index) =>
            $"{(index == 0 ? "-" : " ")} {field.Key}: {JsonSerializer.Serialize(field.Value)}\n")))),
    };

    private static Dictionary<string, object> Record(TestCase one)
    {
        var record = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["key"] = one.CaseKey,
            ["input"] = one.Input,
            ["weight"] = one.Weight,
            ["scoring"] = JsonElement.Parse(one.Scoring),
        };
        if (one.ExpectedOutput is not null)
            record["expected"] = one.ExpectedOutput;
        if (one.Name.Length > 0)
            record["name"] = one.Name;
        return record;
    }

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
