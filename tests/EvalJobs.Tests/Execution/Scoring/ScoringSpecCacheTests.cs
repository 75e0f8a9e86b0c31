using System.Text.Json;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class ScoringSpecCacheTests
{
    private readonly ScoringSpecCache _specs = new(4);

    [Test]
    public void Get_ShortScoringAgain_ReadsItOnce() => _specs.Get("contains").Should().BeSameAs(_specs.Get("contains"));

    [Test]
    public void Get_LongScoringAgain_ReadsItAgain()
    {
        var scoring = JsonSerializer.Serialize(new { type = "contains", phrases = new string('a', 100_000) });

        _specs.Get(scoring).Should().NotBeSameAs(_specs.Get(scoring), "a tenant could fill the shared memory with a few of them");
    }
}
