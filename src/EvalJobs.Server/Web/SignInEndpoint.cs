namespace EvalJobs.Server.Web;

/// <summary>Marks an endpoint that answers before sign-in: the sign-in itself, and the style sheets of its pages.</summary>
internal interface ISignInEndpoint;

/// <summary>The mark.</summary>
internal sealed class SignInEndpoint : ISignInEndpoint
{
    public static SignInEndpoint Instance { get; } = new();
}
