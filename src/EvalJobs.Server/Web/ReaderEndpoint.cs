namespace EvalJobs.Server.Web;

/// <summary>Marks an endpoint whose POST is open to every viewer: it changes nothing but cookies of their own.</summary>
internal sealed class ReaderEndpoint
{
    public static ReaderEndpoint Instance { get; } = new();
}
