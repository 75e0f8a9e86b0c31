using EvalJobs.Domain;

namespace EvalJobs.Execution;

/// <summary>Returns the cases of an attempt in several parts: a part ends when the watch stops it, and the next part continues at the same case.</summary>
internal sealed class CaseSource(IAsyncEnumerator<TestCase> cases, AttemptWatch watch) : IAsyncDisposable
{
    /// <summary>Whether every case was returned.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Returns the next cases. One reader at a time.</summary>
    public async IAsyncEnumerable<TestCase> ReadAsync(int most)
    {
        for (var count = 0; count < most && watch.TryAsk(); count++)
        {
            if (!await cases.MoveNextAsync())
            {
                IsExhausted = true;
                yield break;
            }

            yield return cases.Current;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => cases.DisposeAsync();
}
