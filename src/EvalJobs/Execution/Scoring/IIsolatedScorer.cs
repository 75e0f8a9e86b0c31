using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>A scorer whose work a test case can make long or large. Such work runs in a scorer process.</summary>
internal interface IIsolatedScorer : IScorer
{
    /// <summary>Whether judging this reply may take long or much memory. Must be very fast.</summary>
    bool NeedsProcess(ScoringRequest request);

    /// <summary>Whether checking these settings may take long or much memory. Must be very fast.</summary>
    bool CheckNeedsProcess(ScoringSpec spec);

    /// <summary>Longest time one reply may be judged, counted from when a process begins.</summary>
    TimeSpan Deadline(ScoringSpec spec) => TimeSpan.FromSeconds(10);
}
