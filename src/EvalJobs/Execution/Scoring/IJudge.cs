using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>A scorer that depends on an endpoint of the tenant's choice.</summary>
internal interface IJudge
{
    /// <returns>The judge's endpoint, host and port.</returns>
    /// <exception cref="InvalidInputException">A setting is wrong; the message names it.</exception>
    string EndpointOf(ScoringSpec spec);
}
