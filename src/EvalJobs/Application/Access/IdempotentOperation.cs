using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>
/// Does what a request asks for exactly once, however often it is repeated with the same key. The answer is stored in the transaction of the change, so a crash
/// between the two loses neither. Also checks, in that transaction, that the data to change are still as the caller saw them.
/// </summary>
internal sealed class IdempotentOperation(ApiAnswerRepository answers)
{
    /// <typeparam name="TStored">What the transaction of the change returns. Other transactions of the same call, such as the pick-up of a run, return another type.</typeparam>
    /// <param name="request">The request; null when a repetition cannot be recognized.</param>
    /// <param name="condition">What must still be true; null for no condition.</param>
    /// <param name="execute">The use case.</param>
    /// <param name="answer">Makes the answer; null when the transaction did not do what was requested.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The answer, and whether it is that of an earlier request.</returns>
    /// <exception cref="ConflictException">The key was used for another request; or what the use case throws.</exception>
    /// <exception cref="ConditionException">It is no longer as the caller saw it.</exception>
    public Task<(OperationAnswer Answer, bool IsRepeated)> ExecuteAsync<TStored>(
        RequestIdentity? request, WriteCondition? condition, Func<Task> execute, Func<TStored, OperationAnswer?> answer, CancellationToken cancellationToken) =>
        OnceAsync(
            request,
            async () =>
            {
                var companion = new Companion<TStored>(request, condition, answer);
                await answers.AccompanyAsync(companion, execute);
                return companion.Answer ?? throw new InvalidOperationException($"The operation stored no {typeof(TStored).Name}.");
            },
            cancellationToken);

    /// <summary>The same for a change of several transactions, each of which may be done again without harm: the answer is stored after them.</summary>
    public Task<(OperationAnswer Answer, bool IsRepeated)> ExecuteInStepsAsync(RequestIdentity? request, Func<Task<OperationAnswer>> execute, CancellationToken cancellationToken) =>
        OnceAsync(
            request,
            async () =>
            {
                var answer = await execute();
                if (request is not null)
                    await answers.AddAsync(answer.ToStored(request), CancellationToken.None);
                return answer;
            },
            cancellationToken);

    private async Task<(OperationAnswer Answer, bool IsRepeated)> OnceAsync(RequestIdentity? request, Func<Task<OperationAnswer>> execute, CancellationToken cancellationToken)
    {
        if (request is not null && await FindAsync(request, cancellationToken) is { } earlier)
            return (earlier, true);

        try
        {
            return (await execute(), false);
        }
        catch (Exception) when (request is not null && !cancellationToken.IsCancellationRequested)
        {
            // The same request arrived twice at the same time. One of the two has stored its answer, and both get that answer.
            if (await FindAsync(request, cancellationToken) is { } winner)
                return (winner, true);
            throw;
        }
    }

    private async Task<OperationAnswer?> FindAsync(RequestIdentity request, CancellationToken cancellationToken)
    {
        if (await answers.FindAsync(request.KeyHash, cancellationToken) is not { } stored)
            return null;
        return stored.RequestHash == request.RequestHash
            ? new OperationAnswer(stored.Status, stored.Body) { Location = stored.Location, Tag = stored.Tag, TenantId = stored.TenantId }
            : throw new ConflictException("Idempotency-Key: this key was used for another request in the last 24 hours; use a new key for each request.");
    }

    private sealed class Companion<TStored>(RequestIdentity? request, WriteCondition? condition, Func<TStored, OperationAnswer?> makeAnswer) : IWriteCompanion
    {
        public OperationAnswer? Answer { get; private set; }

        public async Task BeforeAsync(DbWork db)
        {
            if (condition is not null && Answer is null)
                await condition.EnsureAsync(db);
        }

        public async Task AfterAsync<T>(DbWork db, T result)
        {
            if (typeof(T) != typeof(TStored) || makeAnswer((TStored)(object)result!) is not { } answer)
                return;
            if (request is not null)
                await ApiAnswerRepository.AddAsync(db, answer.ToStored(request));
            Answer = answer;
        }
    }
}

/// <summary>Which request this is.</summary>
/// <param name="KeyHash">SHA-256 of the caller and its Idempotency-Key.</param>
/// <param name="RequestHash">SHA-256 of the content of the request.</param>
internal sealed record RequestIdentity(string KeyHash, string RequestHash);

/// <summary>The answer to a request that changed something.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The JSON; null for an empty body.</param>
internal sealed record OperationAnswer(int Status, string? Body)
{
    /// <summary>The address of what was created.</summary>
    public string? Location { get; init; }

    /// <summary>The entity tag of what was created or changed.</summary>
    public string? Tag { get; init; }

    /// <summary>The tenant concerned; its answers are deleted with it.</summary>
    public long? TenantId { get; init; }

    /// <summary>The body that is stored in place of <see cref="Body"/>, without secrets.</summary>
    public string? StoredBody { get; init; }

    public StoredAnswer ToStored(RequestIdentity request) => new()
    {
        KeyHash = request.KeyHash,
        RequestHash = request.RequestHash,
        TenantId = TenantId,
        Status = Status,
        Location = Location,
        Tag = Tag,
        Body = StoredBody ?? Body,
    };
}
