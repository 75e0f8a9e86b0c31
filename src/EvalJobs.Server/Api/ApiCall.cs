using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard;

namespace EvalJobs.Server.Api;

/// <summary>One call of the API: who makes it, which tenants it may concern, and how its answer is made. One per request.</summary>
internal sealed class ApiCall(IHttpContextAccessor accessor, TenantRepository tenants, IdempotentOperation operations)
{
    /// <summary>The longest Idempotency-Key, in characters.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>Things on a page when the caller does not say.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Things on a page at most.</summary>
    public const int MaxLimit = 500;

    /// <summary>The HTTP request itself.</summary>
    public HttpContext Http { get; } = accessor.HttpContext ?? throw new InvalidOperationException("There is no HTTP request.");

    /// <summary>Who makes it.</summary>
    public Viewer Viewer => Viewer.Of(Http);

    /// <summary>Their name in the audit trail.</summary>
    public string Actor => Viewer.Actor;

    /// <summary>The client left, or the server stops.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <returns>The tenant named, or the only one the caller is confined to.</returns>
    /// <param name="slug">As given; null when it was not.</param>
    /// <exception cref="NotFoundException">There is no such tenant, or it is not for the caller.</exception>
    /// <exception cref="InvalidInputException">None was named, and the caller may see several.</exception>
    public async Task<Tenant> TenantAsync(string? slug) =>
        await FindTenantAsync(slug ?? (Viewer.Tenants is { Count: 1 } only ? only.Single() : null))
        ?? throw new InvalidInputException("tenant: name the tenant by its slug; this key or session is not confined to one.");

    /// <returns>The tenant named; null when none was.</returns>
    /// <exception cref="NotFoundException">There is no such tenant, or it is not for the caller.</exception>
    public async Task<Tenant?> FindTenantAsync(string? slug)
    {
        if (slug is null)
            return null;
        return Viewer.Sees(slug) && Tenant.IsSlug(slug) ? await tenants.FindAsync(slug, Aborted) : throw new NotFoundException("Not found.");
    }

    /// <returns>The tenant of this slug; null when there is none.</returns>
    public async Task<Tenant?> TryFindTenantAsync(string slug)
    {
        try
        {
            return await FindTenantAsync(slug);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <param name="tenantId">The tenant a thing belongs to.</param>
    /// <exception cref="NotFoundException">The caller may not see it.</exception>
    /// <remarks>With a key this needs no query: it is confined to a tenant by its id.</remarks>
    public async Task EnsureSeesAsync(long tenantId)
    {
        var sees = Viewer.SeesEverything
            || (Viewer.KeyTenantId is { } own ? own == tenantId : Viewer.Sees((await tenants.GetAsync(tenantId, Aborted)).Slug));
        if (!sees)
            throw new NotFoundException("Not found.");
    }

    /// <returns>The tenants a list is of: the one named, else those the caller is confined to; null means every tenant.</returns>
    public async Task<IReadOnlyCollection<long>?> ScopeAsync(string? slug) =>
        await TenantScope.IdsAsync(Viewer, await FindTenantAsync(slug), tenants, Aborted);

    /// <returns>How many things are asked for.</returns>
    /// <exception cref="InvalidInputException">Out of range.</exception>
    public static int Limit(int? limit) =>
        limit is null ? DefaultLimit : limit is >= 1 and <= MaxLimit ? limit.Value : throw new InvalidInputException($"limit: expected 1 to {MaxLimit}.");

    /// <returns>The id that a cursor represents; the greatest there is when there is none.</returns>
    public static long Before(string? cursor) => Number(cursor, long.MaxValue);

    /// <returns>The number that a cursor represents.</returns>
    /// <exception cref="InvalidInputException">It is none of ours.</exception>
    public static long Number(string? cursor, long first) =>
        cursor is null ? first
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new InvalidInputException("cursor: expected the value of 'next' from the previous page.");

    /// <returns>A page, with the address of the next one when this one is full.</returns>
    public Page<T> PageOf<TRow, T>(IReadOnlyList<TRow> rows, int limit, Func<TRow, T> view, Func<TRow, object> cursor)
    {
        string? next = null;
        if (rows.Count == limit && limit > 0)
        {
            var query = Http.Request.Query.Where(pair => pair.Key != "cursor").SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value));
            next = Http.Request.PathBase + Http.Request.Path
                + QueryString.Create(query.Append(KeyValuePair.Create("cursor", Convert.ToString(cursor(rows[^1]), CultureInfo.InvariantCulture))));
        }

        return new Page<T>([.. rows.Select(view)], next);
    }

    /// <returns>The value, with its entity tag; 304 when the caller has it already.</returns>
    public IResult Tagged<T>(T value, string tag)
    {
        Http.Response.Headers.ETag = tag;
        return Http.Request.Headers.IfNoneMatch.Any(one => EntityTag.Matches(one, tag)) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(value);
    }

    /// <returns>Whether a tag is what the caller's If-Match names; null when there is no such header.</returns>
    public Func<string, bool>? IfMatch
    {
        get
        {
            var header = Http.Request.Headers.IfMatch;
            return header.Count == 0 ? null : tag => header.Any(one => EntityTag.Matches(one, tag));
        }
    }

    /// <summary>Executes a change that is one transaction, once however often the request is repeated, and answers.</summary>
    /// <inheritdoc cref="IdempotentOperation.ExecuteAsync" path="/typeparam"/>
    public async Task<IResult> ExecuteAsync<TStored>(byte[] bodyHash, WriteCondition? condition, Func<Task> execute, Func<TStored, OperationAnswer?> answer)
    {
        var (done, isRepeated) = await operations.ExecuteAsync(Identity(bodyHash), condition, execute, answer, Aborted);
        return new OperationResult(done, isRepeated);
    }

    /// <summary>The same for a change of several transactions, each of which may be done again without harm.</summary>
    public async Task<IResult> ExecuteInStepsAsync(byte[] bodyHash, Func<Task<OperationAnswer>> execute)
    {
        var (done, isRepeated) = await operations.ExecuteInStepsAsync(Identity(bodyHash), execute, Aborted);
        return new OperationResult(done, isRepeated);
    }

    /// <summary>Executes a change that is one transaction and based on what was just read, which If-Match may name; the second caller gets an error.</summary>
    /// <param name="bodyHash">Of the request.</param>
    /// <param name="tag">Of what was read.</param>
    /// <param name="readTag">Reads the tag of what is there now; null when it is gone.</param>
    /// <param name="execute">Throws <see cref="ConflictException"/> when what is there is no longer what was read.</param>
    /// <param name="answer">The answer to what was stored.</param>
    public async Task<IResult> ExecuteOnReadAsync<TStored>(byte[] bodyHash, string tag, Func<Task<string?>> readTag, Func<Task> execute, Func<TStored, OperationAnswer?> answer)
    {
        try
        {
            // If-Match as a part of the change: a request that is repeated gets its answer, although there is another revision by then.
            return await ExecuteAsync(bodyHash, null, () => IfMatch?.Invoke(tag) == false ? throw new ConditionException() : execute(), answer);
        }
        catch (ConflictException) when (IfMatch is { } isExpected)
        {
            // It was changed between the read and the change.
            if (await readTag() is not { } now || !isExpected(now))
                throw new ConditionException();
            throw;
        }
    }

    /// <exception cref="InvalidInputException">The header cannot be a key.</exception>
    private RequestIdentity? Identity(byte[] bodyHash)
    {
        var header = Http.Request.Headers["Idempotency-Key"];
        if (header.Count == 0)
            return null;
        if (header is not [{ Length: >= 1 and <= MaxKeyLength } key] || key.Any(character => character is < ' ' or > '~'))
            throw new InvalidInputException($"Idempotency-Key: expected one value of 1 to {MaxKeyLength} printable characters of ASCII, such as a new UUID for each request.");
        var caller = Viewer.KeyId is { } id ? $"key:{id}" : Viewer.Actor;
        return new RequestIdentity(
            Hash($"{caller}\n{key}"), Hash($"{Http.Request.Method}\n{Http.Request.PathBase}{Http.Request.Path}{Http.Request.QueryString}\n{Convert.ToHexString(bodyHash)}"));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed class OperationResult(OperationAnswer answer, bool isRepeated) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = answer.Status;
            if (answer.Location is not null)
                response.Headers.Location = httpContext.Request.PathBase + answer.Location;
            if (answer.Tag is not null)
                response.Headers.ETag = answer.Tag;
            if (isRepeated)
                response.Headers["Idempotency-Replayed"] = "true";
            if (answer.Body is not null)
            {
                response.ContentType = "application/json; charset=utf-8";
                await response.WriteAsync(answer.Body, httpContext.RequestAborted);
            }
        }
    }
}

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">The address of the next page; null after the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
