using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EvalJobs.Application;

/// <summary>Writes rows as one JSON object a line.</summary>
internal static class JsonlExport
{
    /// <summary>Bytes that are buffered before they are written.</summary>
    public const int FlushSize = 65_536;

    /// <summary>Letters of every language are written as they are.</summary>
    public static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc cref="CsvExport.WriteAsync"/>
    public static async Task WriteAsync<T>(IAsyncEnumerable<T> rows, IReadOnlyList<ExportColumn<T>> columns, Stream target, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushSize);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            using (var json = new Utf8JsonWriter(buffer, Form))
            {
                json.WriteStartObject();
                foreach (var column in columns)
                    Write(json, column.Name, column.Value(row));
                json.WriteEndObject();
            }

            buffer.Write("\n"u8);
            if (buffer.WrittenCount >= FlushSize)
                await FlushAsync(buffer, target, cancellationToken);
        }

        await FlushAsync(buffer, target, cancellationToken);
    }

    /// <summary>Writes the buffered bytes, and makes room for more.</summary>
    public static async Task FlushAsync(ArrayBufferWriter<byte> buffer, Stream target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(buffer.WrittenMemory, cancellationToken);
        buffer.ResetWrittenCount();
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case string text:
                json.WriteString(name, text);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case double number:
                json.WriteNumber(name, number);
                break;
            case DateTimeOffset at:
                json.WriteString(name, at);
                break;
            case JsonElement element:
                json.WritePropertyName(name);
                element.WriteTo(json);
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}
