using EvalJobs.Domain;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// Reads secrets that genomes name but never hold, from configuration <c>EvalJobs:Secrets:{tenant slug}:{name}</c>
/// (as an environment variable: <c>EvalJobs__Secrets__acme__openai</c>). A tenant reaches its own secrets only.
/// </summary>
internal sealed class TenantSecrets(IConfiguration configuration)
{
    /// <returns>The secret's value. Never log, store or show it.</returns>
    /// <exception cref="InvalidInputException">No such secret, or a name that is not 1 to 64 letters, digits, '_' or '-'.</exception>
    public string Get(string tenantSlug, string name)
    {
        // A ':' would let one tenant's reference reach another's section.
        if (name is not { Length: >= 1 and <= 64 } || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw new InvalidInputException($"The secret name '{name}' must be 1 to 64 letters, digits, '_' or '-'.");

        var value = configuration[$"EvalJobs:Secrets:{tenantSlug}:{name}"];
        return string.IsNullOrEmpty(value)
            ? throw new InvalidInputException($"The secret '{name}' is not configured for tenant '{tenantSlug}'; set EvalJobs:Secrets:{tenantSlug}:{name}.")
            : value;
    }
}
