using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Stores a suite whose cases were entered one by one, such as in a form: a new suite, or the next revision of a stored one.</summary>
internal sealed class SaveSuite(EvaluationSuiteRepository suites)
{
    /// <summary>Creates a suite at revision 1.</summary>
    /// <param name="tenantId">The tenant that owns it.</param>
    /// <param name="draft">The suite's settings.</param>
    /// <param name="cases">At least one, ordinals from 1, keys unique.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The draft is not acceptable, or there is no case.</exception>
    /// <exception cref="ConflictException">Two cases have the same key, or the tenant has a suite of that name.</exception>
    public Task<SavedSuite> CreateAsync(long tenantId, SuiteDraft draft, IReadOnlyList<TestCase> cases, string actor, CancellationToken cancellationToken) =>
        suites.SaveAsync(tenantId, draft with { BasedOn = 0 }, cases.ToAsyncEnumerable(), actor, cancellationToken);

    /// <summary>Writes the next revision of a suite from a stored one.</summary>
    /// <param name="suiteId">The suite.</param>
    /// <param name="edit">What changes.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <exception cref="NotFoundException">There is no such suite.</exception>
    /// <exception cref="InvalidInputException">The draft is not acceptable, or no case would be left.</exception>
    /// <exception cref="ConflictException">The suite is no longer at <see cref="SuiteDraft.BasedOn"/>, or a name or key is taken.</exception>
    public Task<SavedSuite> ReviseAsync(long suiteId, SuiteEdit edit, string actor, CancellationToken cancellationToken) =>
        suites.ReviseAsync(suiteId, edit, actor, cancellationToken);
}
