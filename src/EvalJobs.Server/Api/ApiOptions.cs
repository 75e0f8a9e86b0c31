using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Server.Api;

/// <summary>The limits of the HTTP API. Section <c>EvalJobs:Api</c>.</summary>
internal sealed record ApiOptions
{
    /// <summary>Requests per second that a key, or a person, may make on average. Default 100.</summary>
    [Range(1, 100_000)]
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>Requests that it may make at once after a pause; at least <see cref="RequestsPerSecond"/>. Default 500.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; init; } = 500;

    /// <summary>Bytes of an imported file of test cases, at most. Default 104857600, 100 MiB.</summary>
    [Range(1, 10_737_418_240)]
    public long MaxImportBytes { get; init; } = 100 * 1024 * 1024;
}
