using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Hangfire;
using Microsoft.Extensions.Caching.Memory;

namespace EvalJobs.Server.Dashboard;

/// <summary>Names the jobs of tenant batches in Hangfire's lists with their tenant: a job has only the id of its batch.</summary>
/// <remarks>Safe for concurrent use. A batch never changes its tenant, so each is read once.</remarks>
internal sealed partial class BatchNames(DispatchRepository dispatches, TenantRepository tenants, ILogger<BatchNames> logger) : IDisposable
{
    private const int Capacity = 5000;

    private readonly MemoryCache _slugs = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <returns>The short name of a batch's tenant; null when it is not known.</returns>
    public string? SlugOf(long batchId)
    {
        if (_slugs.TryGetValue(batchId, out string? known))
            return known;

        // Hangfire renders its pages without await.
        var slug = FindSlugAsync(batchId).GetAwaiter().GetResult();
        if (slug is not null)
            _slugs.Set(batchId, slug, new MemoryCacheEntryOptions { Size = 1 });
        return slug;
    }

    // A list of jobs must also work during a database outage, and after a batch or its tenant was deleted.
    private async Task<string?> FindSlugAsync(long batchId)
    {
        try
        {
            var batch = await dispatches.GetBatchAsync(batchId, CancellationToken.None).ConfigureAwait(false);
            return (await tenants.GetAsync(batch.TenantId, CancellationToken.None).ConfigureAwait(false)).Slug;
        }
        catch (NotFoundException)
        {
            return null;
        }
        catch (System.Data.Common.DbException error)
        {
            LogUnreadable(error, batchId);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slugs.Dispose();

    [LoggerMessage(6009, LogLevel.Debug, "The tenant of batch {BatchId} could not be read to name its job")]
    private partial void LogUnreadable(Exception error, long batchId);
}

/// <summary>The options of Hangfire's dashboard, which also name the tenants of batches.</summary>
internal sealed class BatchNamingOptions(BatchNames names) : DashboardOptions, ITenantBatchNames
{
    /// <inheritdoc/>
    public string? FindTenant(long batchId) => names.SlugOf(batchId);
}
