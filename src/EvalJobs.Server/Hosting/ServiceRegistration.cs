using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Api;

namespace EvalJobs.Server.Hosting;

/// <summary>Registers the services of the server: those of the library, and the settings of the server itself.</summary>
internal static class ServiceRegistration
{
    /// <summary>
    /// The sections of the settings, of the library and of the server. A new section needs one line here or in the library, and a part in
    /// docs/operate/configuration.md.
    /// </summary>
    public static IReadOnlyList<SettingsSection> Sections { get; } =
        [.. EvalJobsServiceCollectionExtensions.Sections, SettingsSection.Of<AccessOptions>("Dashboard"), SettingsSection.Of<ApiOptions>("Api")];

    /// <summary>Registers everything but Hangfire and the batch queue, which differ between the server and a command.</summary>
    /// <exception cref="InvalidInputException">A setting is not acceptable; the message names it.</exception>
    public static IServiceCollection AddServerServices(this IServiceCollection services, IConfiguration configuration) =>
        services.AddEvalJobsServices(configuration, Sections);
}
