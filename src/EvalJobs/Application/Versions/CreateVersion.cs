using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Creates an agent version from a genome, in DRAFT or at once in TESTING with its pending run.</summary>
internal sealed class CreateVersion(AgentVersionRepository versions, AgentRegistry agents, RunPickup pickup)
{
    /// <param name="version">The version to create.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The version, and its run when it entered TESTING.</returns>
    /// <exception cref="InvalidInputException">A name or the genome is not acceptable, or a suite is named for a version that stays in DRAFT.</exception>
    /// <exception cref="NotFoundException">There is no such parent version.</exception>
    /// <exception cref="ConflictException">The agent has a version of that label, or there is no suite with cases; nothing was created.</exception>
    public async Task<VersionTransition> ExecuteAsync(NewVersion version, string actor, CancellationToken cancellationToken)
    {
        if (version.SuiteId is not null && !version.EntersTesting)
            throw new InvalidInputException("A suite is run when the version enters TESTING: ask for TESTING as well, or leave the suite out.") { Field = "suiteId" };
        ValidateGenome(version.Genome);
        var parentId = version.ParentLabel is null
            ? (long?)null
            : (await versions.FindAsync(version.TenantId, version.AgentName, version.ParentLabel, cancellationToken)).Id;

        if (!version.EntersTesting)
        {
            return new VersionTransition(
                await versions.CreateAsync(version.TenantId, version.AgentName, version.Label, version.Genome, parentId, actor, cancellationToken), null);
        }

        var created = await versions.CreateInTestingAsync(
            version.TenantId, version.AgentName, version.Label, version.Genome, parentId, version.SuiteId, actor, cancellationToken);
        await pickup.PickUpAsync(version.TenantId, cancellationToken);
        return created;
    }

    private void ValidateGenome(Genome genome)
    {
        try
        {
            agents.Validate(genome);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException(error.Message, error) { Field = "genome", Remedies = error.Remedies };
        }
    }
}

/// <summary>An agent version to create.</summary>
public sealed record NewVersion
{
    /// <summary>The tenant that owns it.</summary>
    public required long TenantId { get; init; }

    /// <summary>The agent's name, 1 to 200 characters.</summary>
    public required string AgentName { get; init; }

    /// <summary>The version's label, unique for the agent; 1 to 100 characters.</summary>
    public required string Label { get; init; }

    /// <summary>What the version is made of. It never changes after this.</summary>
    public required Genome Genome { get; init; }

    /// <summary>Label of the version of the same agent that this one was derived from; null when there is none.</summary>
    public string? ParentLabel { get; init; }

    /// <summary>Whether it enters TESTING at once, which creates its pending run.</summary>
    public bool EntersTesting { get; init; }

    /// <summary>The suite to run on entering TESTING; null takes the tenant's default one.</summary>
    public long? SuiteId { get; init; }
}
