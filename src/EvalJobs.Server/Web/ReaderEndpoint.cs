namespace EvalJobs.Server.Web;

/// <summary>Marks an endpoint whose POST is open to every viewer: it changes only the viewer's own cookies.</summary>
internal sealed class ReaderEndpoint
{
    public static ReaderEndpoint Instance { get; } = new();
}
