using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard;

namespace EvalJobs.Server.Api;

/// <summary>One call of the API: its caller, the tenants it may concern, and its answer. One instance per request.</summary>
internal sealed class ApiCall(IHttpContextAccessor accessor, TenantRepository tenants, IdempotentOperation operations)
{
    /// <summary>The longest Idempotency-Key, in characters.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>Items on a page if the caller does not give a number.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Items on a page at most.</summary>
    public const int MaxLimit = 500;

    /// <summary>The HTTP request itself.</summary>
    public HttpContext Http { get; } = accessor.HttpContext ?? throw new InvalidOperationException("There is no HTTP request.");

    /// <summary>The caller.</summary>
    public Viewer Viewer => Viewer.Of(Http);

    /// <summary>The caller's name in the audit trail.</summary>
    public string Actor => Viewer.Actor;

    /// <summary>Cancelled when the client has closed the connection, or when the server stops.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <returns>The named tenant, or else the only tenant that the caller may see.</returns>
    /// <param name="slug">The slug in the request; null when there is none.</param>
    /// <exception cref="NotFoundException">There is no such tenant, or it is not for the caller.</exception>
    /// <exception cref="InvalidInputException">No tenant was named, and the caller may see several.</exception>
    public async Task<Tenant> TenantAsync(string? slug) =>
        await FindTenantAsync(slug ?? (Viewer.Tenants is { Count: 1 } only ? only.Single() : null))
        ?? throw new InvalidInputException("tenant: name the tenant by its slug; this key or session may see several tenants.");

    /// <returns>The named tenant; null when none was named.</returns>
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

    /// <param name="tenantId">The tenant that owns the object.</param>
    /// <exception cref="NotFoundException">The caller may not see it.</exception>
    /// <remarks>With a key this needs no query, because a key contains the id of its tenant.</remarks>
    public async Task EnsureSeesAsync(long tenantId)
    {
        var sees = Viewer.SeesEverything
            || (Viewer.KeyTenantId is { } own ? own == tenantId : Viewer.Sees((await tenants.GetAsync(tenantId, Aborted)).Slug));
        if (!sees)
            throw new NotFoundException("Not found.");
    }

    /// <returns>The tenants of a list: the named one, or else those that the caller may see; null means every tenant.</returns>
    public async Task<IReadOnlyCollection<long>?> ScopeAsync(string? slug) =>
        await TenantScope.IdsAsync(Viewer, await FindTenantAsync(slug), tenants, Aborted);

    /// <returns>The requested number of items.</returns>
    /// <exception cref="InvalidInputException">Out of range.</exception>
    public static int Limit(int? limit) =>
        limit is null ? DefaultLimit : limit is >= 1 and <= MaxLimit ? limit.Value : throw new InvalidInputException($"limit: expected 1 to {MaxLimit}.");

    /// <returns>The id that a cursor represents; the highest possible id when there is no cursor.</returns>
    public static long Before(string? cursor) => Number(cursor, long.MaxValue);

    /// <returns>The number that a cursor represents.</returns>
    /// <exception cref="InvalidInputException">It is not a cursor of this server.</exception>
    public static long Number(string? cursor, long first) =>
        cursor is null ? first
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new InvalidInputException("cursor: expected the value of 'next' from the previous page.");

    /// <returns>A page, with the address of the next page if this one is full.</returns>
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

    /// <returns>Whether the caller's If-Match names this tag; null when there is no such header.</returns>
    public Func<string, bool>? IfMatch
    {
        get
        {
            var header = Http.Request.Headers.IfMatch;
            return header.Count == 0 ? null : tag => header.Any(one => EntityTag.Matches(one, tag));
        }
    }

    /// <summary>Executes a change that is one transaction, and answers. A repeated request does not execute it again.</summary>
    /// <inheritdoc cref="IdempotentOperation.ExecuteAsync" path="/typeparam"/>
    public async Task<IResult> ExecuteAsync<TStored>(byte[] bodyHash, WriteCondition? condition, Func<Task> execute, Func<TStored, OperationAnswer?> answer)
    {
        var (done, isRepeated) = await operations.ExecuteAsync(Identity(bodyHash), condition, execute, answer, Aborted);
        return new OperationResult(done, isRepeated);
    }

    /// <summary>The same for a change of several transactions, each of which may be repeated without harm.</summary>
    public async Task<IResult> ExecuteInStepsAsync(byte[] bodyHash, Func<Task<OperationAnswer>> execute)
    {
        var (done, isRepeated) = await operations.ExecuteInStepsAsync(Identity(bodyHash), execute, Aborted);
        return new OperationResult(done, isRepeated);
    }

    /// <summary>
    /// Executes a change that is one transaction and based on a state that was just read and that If-Match may name. If two callers change the same
    /// state, the second one gets an error.
    /// </summary>
    /// <param name="bodyHash">The hash of the request's body.</param>
    /// <param name="tag">The tag of the state that was read.</param>
    /// <param name="readTag">Reads the tag of the present state; null when the object no longer exists.</param>
    /// <param name="execute">Throws <see cref="ConflictException"/> when the state is no longer the one that was read.</param>
    /// <param name="answer">Makes the answer from the stored result.</param>
    public async Task<IResult> ExecuteOnReadAsync<TStored>(byte[] bodyHash, string tag, Func<Task<string?>> readTag, Func<Task> execute, Func<TStored, OperationAnswer?> answer)
    {
        try
        {
            // If-Match is checked as a part of the change, so that a repeated request gets its answer even if a later revision exists.
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

    /// <exception cref="InvalidInputException">The header is not a valid key.</exception>
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
/// <param name="Items">The items.</param>
/// <param name="Next">The address of the next page; null after the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
