using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Execution.Agents;

/// <summary>What agents may reach on this installation. Section <c>EvalJobs:Agents</c>.</summary>
internal sealed record AgentOptions : IValidatableObject
{
    /// <summary>
    /// Hosts (names or addresses, optionally <c>host:port</c>) that may resolve to private, loopback or link-local addresses.
    /// Empty by default: tenant-given URLs reach public addresses only.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Programs that <c>process</c> targets may start, by the name a genome uses.</summary>
    public IReadOnlyDictionary<string, AllowedCommand> AllowedCommands { get; init; } =
        new Dictionary<string, AllowedCommand>(StringComparer.Ordinal);

    /// <summary>Folder of recorded replies for <c>replay</c> targets; null means none are allowed.</summary>
    public string? ReplayFolder { get; init; }

    /// <summary>Largest reply accepted from an agent, bytes; a larger one is an error and not cut. Default 1 MiB.</summary>
    [Range(1, 256 * 1024 * 1024)]
    public int MaxReplyBytes { get; init; } = 1024 * 1024;

    /// <summary>Certificate authorities to trust for single hosts, in addition to the system's. Empty by default.</summary>
    public IReadOnlyList<TrustedCertificate> TrustedCertificates { get; init; } = [];

    /// <summary>Requests under way at once to one endpoint (host and port), shared fairly among tenants. Default 16.</summary>
    [Range(1, 1024)]
    public int MaxConcurrencyPerEndpoint { get; init; } = 16;

    /// <summary>
    /// Retries within one question on 429, 5xx and network failures. Default 3. A rejection by a rate limit (429, or 503 with
    /// Retry-After) does not count while the endpoint answers other questions of the tenant.
    /// </summary>
    [Range(0, 10)]
    public int MaxRetries { get; init; } = 3;

    /// <summary>Wait before the first such retry; doubles with jitter. A Retry-After header takes precedence. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often one question tries an endpoint that does not answer; until one is answered, the tenant's runs wait. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan OutageInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long runs wait for an endpoint that does not answer, without a failed attempt. Default 1 day, at most 30; with 0 no run waits and every attempt counts as failed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan OutagePatience { get; init; } = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var host in AllowedHosts.Where(host => AllowedHost.TryParse(host) is null))
            yield return new($"AllowedHosts contains '{host}'; expected a host name or address, optionally with a port, such as agents.internal:8080.", [nameof(AllowedHosts)]);

        for (var index = 0; index < TrustedCertificates.Count; index++)
        {
            var (host, file) = (TrustedCertificates[index].Host, TrustedCertificates[index].File);
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                yield return new($"TrustedCertificates:{index}:Host ('{host}') must be a host name or address, without a port.", [nameof(TrustedCertificates)]);
            if (!File.Exists(file))
                yield return new($"TrustedCertificates:{index}:File ('{file}') does not exist; expected a PEM file of certificates.", [nameof(TrustedCertificates)]);
        }

        foreach (var (name, command) in AllowedCommands)
        {
            if (string.IsNullOrWhiteSpace(command.Path))
                yield return new($"AllowedCommands:{name}:Path must name the program to start.", [nameof(AllowedCommands)]);
        }
    }
}

/// <summary>A program the operator lets agents run.</summary>
internal sealed record AllowedCommand
{
    /// <summary>The program's path.</summary>
    public string Path { get; init; } = "";

    /// <summary>Arguments always given first; a genome cannot change them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>Certificate authorities (or a self-signed certificate) trusted for one host.</summary>
internal sealed record TrustedCertificate
{
    /// <summary>The host's name or address, without a port.</summary>
    public string Host { get; init; } = "";

    /// <summary>PEM file with one or more certificates.</summary>
    public string File { get; init; } = "";
}
