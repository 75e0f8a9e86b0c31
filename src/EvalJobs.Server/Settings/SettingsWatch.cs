using EvalJobs.Domain;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Server.Settings;

/// <summary>The settings as their files are now, for the few things that follow changes. Everything else keeps what it was started with.</summary>
/// <param name="commandLine">Full names with their values; no change of a file undoes them.</param>
internal sealed class SettingsWatch(IReadOnlyCollection<KeyValuePair<string, string?>> commandLine) : IDisposable
{
    private readonly PhysicalFileProvider _folder = new(AppContext.BaseDirectory);

    /// <summary>Reads all sources again: half a change is never seen, as it would be where each file is followed by itself.</summary>
    /// <exception cref="InvalidInputException">A file is no JSON; the message names it and the line.</exception>
    public IConfigurationRoot Read() => SettingsSources.Load(commandLine);

    /// <returns>Fires once, when a settings file is written, created or deleted.</returns>
    public IChangeToken NextChange() => new CompositeChangeToken([.. SettingsSources.Files.Select(_folder.Watch)]);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
