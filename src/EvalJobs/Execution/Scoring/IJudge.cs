using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>A scorer that asks an endpoint of the tenant's choice, and depends on its answering.</summary>
internal interface IJudge
{
    /// <returns>What the judge is reached by, host and port.</returns>
    /// <exception cref="InvalidInputException">A setting is wrong; the message names it.</exception>
    string EndpointOf(ScoringSpec spec);
}
