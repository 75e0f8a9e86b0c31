using System.Buffers;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Writes a suite as a file that imports as the same suite again.</summary>
internal static class SuiteExport
{
    /// <param name="suite">Its settings come before the cases.</param>
    /// <param name="cases">The cases, read as they are written.</param>
    /// <param name="hasSettings">Whether the settings are written: one JSON object; else the cases alone, one a line.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    public static async Task WriteAsync(EvaluationSuite suite, IAsyncEnumerable<TestCase> cases, bool hasSettings, Stream target, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(JsonlExport.FlushSize);
        if (hasSettings)
            WriteHead(suite, buffer);

        var isFirst = true;
        await foreach (var each in cases.WithCancellation(cancellationToken))
        {
            if (hasSettings)
                buffer.Write(isFirst ? "\n    "u8 : ",\n    "u8);
            WriteCase(each, buffer);
            if (!hasSettings)
                buffer.Write("\n"u8);
            isFirst = false;
            if (buffer.WrittenCount >= JsonlExport.FlushSize)
                await JsonlExport.FlushAsync(buffer, target, cancellationToken);
        }

        if (hasSettings)
            buffer.Write("\n  ]\n}\n"u8);
        await JsonlExport.FlushAsync(buffer, target, cancellationToken);
    }

    private static void WriteHead(EvaluationSuite suite, ArrayBufferWriter<byte> buffer)
    {
        var head = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(head, JsonlExport.Form))
        {
            json.WriteStartObject();
            json.WriteString("name", suite.Name);
            json.WriteString("description", suite.Description);
            json.WriteNumber("passThreshold", suite.PassThreshold);
            WriteRaw(json, "tags", suite.Tags);
            json.WriteEndObject();
        }

        // The object stays open: the cases are its last property.
        buffer.Write("{\n  "u8);
        buffer.Write(head.WrittenSpan[1..^1]);
        buffer.Write(",\n  \"cases\": ["u8);
    }

    private static void WriteCase(TestCase each, ArrayBufferWriter<byte> buffer)
    {
        using var json = new Utf8JsonWriter(buffer, JsonlExport.Form);
        json.WriteStartObject();
        json.WriteString("key", each.CaseKey);
        if (each.Name.Length > 0)
            json.WriteString("name", each.Name);
        json.WriteString("input", each.Input);
        if (each.ExpectedOutput is not null)
            json.WriteString("expected", each.ExpectedOutput);
        WriteRaw(json, "scoring", each.Scoring);
        if (!each.Weight.Equals(1))
            json.WriteNumber("weight", each.Weight);
        if (each.Tags != "[]")
            WriteRaw(json, "tags", each.Tags);
        if (each.MustPass)
            json.WriteBoolean("mustPass", true);
        json.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value);
    }
}
