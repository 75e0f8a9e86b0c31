using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EvalJobs.Data;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>
/// Executes a form once, even if it is sent several times. Each form has its own token (<see cref="FormToken"/>), and the answer is stored under the token and the typed
/// values. The same form sent again, as by a double click, gets the answer of the first one.
/// </summary>
/// <remarks>The lock is per server, and the answer is stored after the action: two servers that get the same form at the same time both execute it.</remarks>
internal sealed class SubmitOnce(ApiAnswerRepository answers, FormLocks locks, IHostApplicationLifetime lifetime) : IEndpointFilter
{
    /// <summary>The name of the field that carries the token.</summary>
    public const string Field = "once";

    private const int MaxTokenLength = 64;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.HasFormContentType)
            return await next(context);

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form[Field].ToString() is not { Length: > 0 and <= MaxTokenLength })
            return await next(context);

        // A second click aborts the first request, whose work must still be finished.
        http.RequestAborted = lifetime.ApplicationStopping;
        var request = http.RequestServices.GetRequiredService<PageRequest>();
        var key = await KeyOfAsync(request, form, http.RequestAborted);
        using var formLock = await locks.EnterAsync(key, http.RequestAborted);
        if (await answers.FindAsync(key, http.RequestAborted) is { Location: { } location, Body: { } body })
            return request.Done(location, JsonSerializer.Deserialize<StatusMessage>(body)!);

        var result = await next(context);
        if (request.Outcome is { Message.IsError: false } outcome)
            await StoreAsync(key, request.TenantId, outcome.Path, outcome.Message);
        return result;
    }

    private async Task StoreAsync(string key, long? tenantId, string path, StatusMessage message)
    {
        try
        {
            await answers.AddAsync(
                new StoredAnswer { KeyHash = key, RequestHash = key, TenantId = tenantId, Status = StatusCodes.Status302Found, Location = path, Body = JsonSerializer.Serialize(message) },
                CancellationToken.None);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            // Another server answered the same form at the same time.
        }
    }

    /// <summary>The user and the values: other values are another form.</summary>
    private static async Task<string> KeyOfAsync(PageRequest request, IFormCollection form, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes($"{text.Length}:{text}\n"));

        Add("form");
        Add(request.Viewer.Actor);
        Add(request.Path + request.Http.Request.QueryString);
        foreach (var (name, values) in form.Where(field => !field.Key.StartsWith("__", StringComparison.Ordinal)).OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            Add(name);
            foreach (var value in values)
                Add(value ?? "");
        }

        foreach (var file in form.Files)
        {
            Add(file.Name);
            Add(file.FileName);
            await using var content = file.OpenReadStream();
            hash.AppendData(await SHA256.HashDataAsync(content, cancellationToken));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>Locks a form, so that a second sending of it waits and finds the answer of the first.</summary>
internal sealed class FormLocks
{
    private readonly ConcurrentDictionary<string, FormLock> _locks = new(StringComparer.Ordinal);

    /// <returns>The lock, which is released when it is disposed.</returns>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var formLock = _locks.GetOrAdd(key, _ => new FormLock(this, key));
            if (await formLock.TryEnterAsync(cancellationToken))
                return formLock;
        }
    }

    private sealed class FormLock(FormLocks owner, string key) : IDisposable
    {
        private readonly SemaphoreSlim _free = new(1, 1);
        private bool _isOver;

        public async Task<bool> TryEnterAsync(CancellationToken cancellationToken)
        {
            await _free.WaitAsync(cancellationToken);
            if (!_isOver)
                return true;
            _free.Release();
            return false;
        }

        public void Dispose()
        {
            _isOver = true;
            owner._locks.TryRemove(KeyValuePair.Create(key, this));
            _free.Release();
        }
    }
}
