using EvalJobs.Domain;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Server.Settings;

/// <summary>The settings as their files are now, for the few settings that may change. All others keep the values from the start.</summary>
/// <param name="commandLine">Full names with their values. They override the files, whatever changes there.</param>
internal sealed class SettingsWatch(IReadOnlyCollection<KeyValuePair<string, string?>> commandLine) : IDisposable
{
    private readonly PhysicalFileProvider _folder = new(AppContext.BaseDirectory);

    /// <summary>Reads all sources again. If each file were watched separately, a part of a change might be read.</summary>
    /// <exception cref="InvalidInputException">A file is not JSON; the message names the file and the line.</exception>
    public IConfigurationRoot Read() => SettingsSources.Load(commandLine);

    /// <returns>A token that fires once, when a settings file is written, created or deleted.</returns>
    public IChangeToken NextChange() => new CompositeChangeToken([.. SettingsSources.Files.Select(_folder.Watch)]);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
