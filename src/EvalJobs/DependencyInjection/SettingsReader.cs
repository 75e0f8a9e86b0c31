using EvalJobs.Domain;
using Microsoft.Extensions.Configuration;
using F23.StringSimilarity;

namespace EvalJobs.DependencyInjection;

/// <summary>Reads one section of the settings into its options record; an error names the setting's full name.</summary>
internal static class SettingsReader
{
    /// <summary>The section that holds all of ours.</summary>
    public const string Root = "EvalJobs";

    private static readonly string[] FrameworkSections = ["Urls", "Logging", "Kestrel"];

    /// <summary>Rejects unknown sections: they are misspelt, and their values would be ignored.</summary>
    /// <exception cref="InvalidInputException">There is such a section; the message names the nearest right one, and all of them.</exception>
    public static void ValidateSections(IConfiguration configuration, IReadOnlyList<SettingsSection> known)
    {
        var unknown = configuration.GetSection(Root).GetChildren().Select(section => section.Key)
            .Where(name => !known.Any(section => section.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
        if (unknown.Count == 0)
            return;
        if (unknown.FirstOrDefault(name => FrameworkSections.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } framework)
            throw new InvalidInputException($"{Root}:{framework} is not a section: {framework} is a separate section, outside {Root}. Set it in a settings file or an environment variable; --set cannot.");

        // A setting given without its section is as likely as a misspelt section.
        var right = known.Select(section => (section.Name, Path: section.Name))
            .Concat(known.SelectMany(section => section.SettingNames.Select(name => (Name: name, Path: $"{section.Name}:{name}")))).ToList();
        var lines = unknown.Select(name => $"{Root}:{name} is not a section; did you mean {Root}:{right.MinBy(each => Distance(name, each.Name)).Path}?");
        throw new InvalidInputException(
            $"The settings are not acceptable: {string.Join(" ", lines)} The sections are {string.Join(", ", known.Select(section => section.Name))}.");
    }

    /// <summary>Reads and validates a section; an absent one gives the defaults.</summary>
    /// <exception cref="InvalidInputException">An unknown key, an unreadable value, or one out of range; all of them named at once.</exception>
    public static T Read<T>(IConfiguration configuration, string section) where T : class, new()
    {
        var values = configuration.GetSection(section);
        ValidateNames(values, section, SettingsSection.NamesOf(typeof(T)));
        EnsureNone(SettingsShape.Errors(values, typeof(T)));
        var options = Bind<T>(values, section);
        EnsureNone(SettingsRules.Errors(options, section));
        return options;
    }

    private static void EnsureNone(IEnumerable<string> errors)
    {
        var all = errors.ToList();
        if (all.Count > 0)
            throw new InvalidInputException($"The settings are not acceptable: {string.Join(" ", all)}");
    }

    private static int Distance(string name, string right) => (int)new Levenshtein().Distance(name.ToUpperInvariant(), right.ToUpperInvariant());

    private static T Bind<T>(IConfigurationSection values, string section) where T : class, new()
    {
        try
        {
            return values.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
        }
        catch (InvalidOperationException error)
        {
            // All known errors were reported before, in our words; this is a kind of value that no setting had until now.
            throw new InvalidInputException($"The settings in {section} cannot be read: a value does not fit its setting; see docs/operate/configuration.md.", error);
        }
    }

    /// <summary>The binder lists unknown names as well, but not the right ones.</summary>
    private static void ValidateNames(IConfigurationSection values, string section, IReadOnlyList<string> known)
    {
        var unknown = values.GetChildren().Select(child => child.Key).Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
        if (unknown.Count == 0)
            return;
        var lines = unknown.Select(name => $"{section}:{name} is not a setting; did you mean {known.MinBy(each => Distance(name, each))}?");
        throw new InvalidInputException(
            $"The settings are not acceptable: {string.Join(" ", lines)} The settings in {section} are {string.Join(", ", known)}.");
    }
}
