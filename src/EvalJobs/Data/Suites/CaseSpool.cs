using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Test cases to be stored: a source of any size is read once into a temporary file, which can be read several times.</summary>
/// <remarks>So a slow or failing source holds no lock, and the unit of work that stores the cases may be repeated.</remarks>
internal sealed class CaseSpool : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream _file;

    // The system makes a temporary file for this user alone; it is deleted when it is closed.
    private CaseSpool() => _file = new FileStream(Path.GetTempFileName(), new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.ReadWrite,
        Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        BufferSize = 65_536,
    });

    /// <summary>The number of cases.</summary>
    public int Count { get; private set; }

    /// <summary>Reads the source to its end.</summary>
    /// <exception cref="InvalidInputException">The source found an error.</exception>
    /// <exception cref="IOException">The temporary folder is full or cannot be written.</exception>
    public static async Task<CaseSpool> FillAsync(IAsyncEnumerable<TestCase> cases, CancellationToken cancellationToken)
    {
        var spool = new CaseSpool();
        try
        {
            await foreach (var each in cases.WithCancellation(cancellationToken))
            {
                await JsonSerializer.SerializeAsync(spool._file, each, Json, cancellationToken);
                spool.Count++;
            }

            return spool;
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the cases from the first one. One reading at a time.</summary>
    public IAsyncEnumerable<TestCase> ReadAsync(CancellationToken cancellationToken)
    {
        _file.Position = 0;
        return JsonSerializer.DeserializeAsyncEnumerable<TestCase>(_file, topLevelValues: true, Json, cancellationToken)!;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
