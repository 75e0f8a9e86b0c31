using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.DependencyInjection;

/// <summary>One section of the settings below <c>EvalJobs</c>.</summary>
/// <param name="Name">Its name, such as <c>Dispatch</c>.</param>
/// <param name="Options">The record it is read into; null if the operator chooses its names.</param>
/// <param name="Register">Reads it and registers the record.</param>
internal sealed record SettingsSection(string Name, Type? Options, Action<IServiceCollection, IConfiguration> Register)
{
    /// <summary>The settings in it; none if the operator chooses the names.</summary>
    public IReadOnlyList<string> SettingNames => Options is null ? [] : NamesOf(Options);

    /// <returns>The settings an options record is read from.</returns>
    public static IReadOnlyList<string> NamesOf(Type options) =>
        [.. options.GetProperties().Where(property => property.SetMethod is not null).Select(property => property.Name)];

    /// <returns>A section that is one options record.</returns>
    public static SettingsSection Of<T>(string name) where T : class, new() =>
        new(name, typeof(T), (services, configuration) => services.AddSingleton(SettingsReader.Read<T>(configuration, $"{SettingsReader.Root}:{name}")));

    /// <returns>A section whose names the operator chooses; they are read when they are needed.</returns>
    public static SettingsSection OfFreeNames(string name) => new(name, null, (_, _) => { });
}
