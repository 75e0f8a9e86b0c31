using EvalJobs.Server.Access;

namespace EvalJobs.Tests.Support;

/// <summary>Users of the dashboard with a random password for this test run.</summary>
public static class SomeUser
{
    public static string Password { get; } = Guid.NewGuid().ToString();

    private static readonly Lazy<string> Hash = new(() => EvalJobs.Server.Access.Password.Hash(Password));

    /// <summary>The settings of one user, for <see cref="RunningServer.StartAsync"/>.</summary>
    public static (string Name, string Value)[] Settings(string name, ViewerRole role, params string[] tenants) =>
    [
        ($"Dashboard:Users:{name}:PasswordHash", Hash.Value),
        ($"Dashboard:Users:{name}:Role", role.ToString()),
        .. tenants.Select((slug, at) => ($"Dashboard:Users:{name}:Tenants:{at}", slug)),
    ];
}
