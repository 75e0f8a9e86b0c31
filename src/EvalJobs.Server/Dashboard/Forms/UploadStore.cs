using System.Security.Cryptography;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>
/// Stores files between their preview and their import: a browser does not send the file of a page again. Each belongs to one person, tenant and suite,
/// and is deleted when it is imported, when the person cancels, after <see cref="Lifetime"/>, and when this server stops, even by a crash. Safe for concurrent use.
/// </summary>
/// <remarks>Another server does not have the file: its page asks for it again, and keeps the choices.</remarks>
internal sealed class UploadStore : IDisposable
{
    /// <summary>Files of one person; a further file replaces the oldest.</summary>
    public const int PerPerson = 4;

    /// <summary>Files of all.</summary>
    public const int MaxFiles = 64;

    /// <summary>Bytes of all files.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

    /// <summary>Characters of the choices made for a file: they are in memory.</summary>
    public const int MaxChoicesLength = 256 * 1024;

    /// <summary>How long a file is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _files = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public UploadStore(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => RemoveExpired(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>The number of files kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _files.Count;
        }
    }

    /// <summary>Keeps a copy of a file.</summary>
    /// <param name="owner">The person, tenant and suite it is stored for.</param>
    /// <param name="name">Its name.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="content">Opens it.</param>
    /// <param name="cancellationToken">Keeps nothing when cancelled.</param>
    /// <returns>Its id, which is secret; null when there is no room now.</returns>
    public async Task<string?> KeepAsync(UploadOwner owner, string name, long length, Func<Stream> content, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var entry = new Entry(owner, name, length, _time.GetTimestamp());

        // It may be replaced or deleted while it is being written.
        using var writing = entry.File.Lease();
        if (!TryReserve(id, entry))
            return null;

        try
        {
            await using (var from = content())
                await entry.File.WriteAsync(from, cancellationToken);
            return id;
        }
        catch
        {
            Drop(id, owner);
            throw;
        }
    }

    /// <summary>Finds a file. The caller disposes of it; until then it can be read even when it expires.</summary>
    /// <returns>Null when there is none, it has expired, or it belongs to another owner.</returns>
    public StoredUpload? Find(string id, UploadOwner owner)
    {
        lock (_lock)
            return _files.TryGetValue(id, out var entry) && entry.Owner == owner && !IsExpired(entry) ? new StoredUpload(entry.Name, entry.Length, entry.Choices, entry.File.Lease()) : null;
    }

    /// <summary>Stores the choices made for a file, in place of earlier ones.</summary>
    /// <returns>False when the choices are too long to be kept, or there is no such file of this owner.</returns>
    public bool Remember(string id, UploadOwner owner, StoredChoices choices)
    {
        lock (_lock)
        {
            if (choices.Length > MaxChoicesLength || !_files.TryGetValue(id, out var entry) || entry.Owner != owner)
                return false;
            entry.Choices = choices;
            return true;
        }
    }

    /// <summary>Deletes a file of this owner; does nothing when there is none.</summary>
    public void Drop(string id, UploadOwner owner)
    {
        lock (_lock)
        {
            if (_files.TryGetValue(id, out var entry) && entry.Owner == owner)
                Remove(id, entry);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            foreach (var (id, entry) in _files.ToList())
                Remove(id, entry);
        }
    }

    private bool TryReserve(string id, Entry entry)
    {
        lock (_lock)
        {
            var own = _files.Where(each => each.Value.Owner.Actor == entry.Owner.Actor).OrderBy(each => each.Value.Since).ToList();
            var replaced = own.Take(own.Count - PerPerson + 1).ToList();
            var bytes = _files.Values.Sum(each => each.Length) - replaced.Sum(each => each.Value.Length) + entry.Length;
            if (_files.Count - replaced.Count >= MaxFiles || bytes > MaxBytes)
            {
                entry.File.Dispose();
                return false;
            }

            foreach (var (oldest, old) in replaced)
                Remove(oldest, old);
            _files.Add(id, entry);
            return true;
        }
    }

    private void RemoveExpired()
    {
        lock (_lock)
        {
            foreach (var (id, entry) in _files.Where(each => IsExpired(each.Value)).ToList())
                Remove(id, entry);
        }
    }

    // Independent of changes of the machine's clock.
    private bool IsExpired(Entry entry) => _time.GetElapsedTime(entry.Since) >= Lifetime;

    private void Remove(string id, Entry entry)
    {
        _files.Remove(id);
        entry.File.Dispose();
    }

    private sealed record Entry(UploadOwner Owner, string Name, long Length, long Since)
    {
        public NamelessFile File { get; } = new();

        public StoredChoices? Choices { get; set; }
    }
}

/// <summary>The owner of a stored file; only the owner finds it.</summary>
/// <param name="Actor">The person.</param>
/// <param name="TenantId">The tenant it was sent for.</param>
/// <param name="SuiteId">The suite it was sent for; null for a new one.</param>
internal sealed record UploadOwner(string Actor, long TenantId, long? SuiteId);

/// <summary>A stored file that is being read.</summary>
/// <param name="name">Its name.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="choices">The choices made for it.</param>
/// <param name="lease">Holds the file.</param>
internal sealed class StoredUpload(string name, long length, StoredChoices? choices, NamelessFile.Reader lease) : IDisposable
{
    /// <summary>Its name, as the browser gave it.</summary>
    public string Name => name;

    /// <summary>Its length in bytes.</summary>
    public long Length => length;

    /// <summary>The choices made for it; null before there were any.</summary>
    public StoredChoices? Choices => choices;

    /// <summary>Opens it at its start.</summary>
    public Stream Open() => lease.Open();

    /// <inheritdoc/>
    public void Dispose() => lease.Dispose();
}
