using System.ComponentModel.DataAnnotations;
using EvalJobs.Domain;
using F23.StringSimilarity;

namespace EvalJobs.Server;

/// <summary>Reads one section of the settings into its options record; what is wrong is refused with the setting's full name.</summary>
public static class SettingsReader
{
    /// <summary>The section that holds all of ours.</summary>
    public const string Root = "EvalJobs";

    /// <summary>Refuses sections nobody reads: they are misspelt, and what they say would be ignored without a word.</summary>
    /// <exception cref="InvalidInputException">There is such a section; the message names the nearest right one, and all of them.</exception>
    public static void DemandSections(IConfiguration configuration, IReadOnlyList<SettingsSection> known)
    {
        var unknown = configuration.GetSection(Root).GetChildren().Select(section => section.Key)
            .Where(name => !known.Any(section => section.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
        if (unknown.Count == 0)
            return;

        // A setting given without its section is as likely as a misspelt section.
        var right = known.Select(section => (section.Name, Path: section.Name))
            .Concat(known.SelectMany(section => section.SettingNames.Select(name => (Name: name, Path: $"{section.Name}:{name}")))).ToList();
        var lines = unknown.Select(name => $"{Root}:{name} is no section; did you mean {Root}:{right.MinBy(each => Distance(name, each.Name)).Path}?");
        throw new InvalidInputException(
            $"The settings are not acceptable: {string.Join(" ", lines)} The sections are {string.Join(", ", known.Select(section => section.Name))}.");
    }

    /// <summary>Reads and validates a section; an absent one gives the defaults.</summary>
    /// <exception cref="InvalidInputException">An unknown key, an unreadable value, or one out of range; all of them named at once.</exception>
    public static T Read<T>(IConfiguration configuration, string section) where T : class, new()
    {
        var options = Bind<T>(configuration.GetSection(section), section);
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        if (faults.Count == 0)
            return options;

        var lines = faults.Select(fault => $"{section}:{string.Join(" and ", fault.MemberNames)}: {fault.ErrorMessage}");
        throw new InvalidInputException($"The settings are not acceptable: {string.Join(" ", lines)}");
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
            // Either "Failed to convert configuration value at '…'" or the names of unknown keys: both say which. Inside a named entry,
            // such as a webhook, the binder wraps that in a sentence that says neither.
            var cause = error;
            while (cause.InnerException is InvalidOperationException inner)
                cause = inner;
            throw new InvalidInputException($"The settings in {section} cannot be read: {cause.Message}", error);
        }
    }
}
