using System.ComponentModel.DataAnnotations;
using EvalJobs.Domain;

namespace EvalJobs.Server;

/// <summary>Reads one section of the settings into its options record; what is wrong is refused with the setting's full name.</summary>
public static class SettingsReader
{
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

    private static T Bind<T>(IConfigurationSection values, string section) where T : class, new()
    {
        try
        {
            return values.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
        }
        catch (InvalidOperationException error)
        {
            // The innermost is either "Failed to convert configuration value at '…'" or the names of unknown keys: both say which.
            var cause = error;
            while (cause.InnerException is InvalidOperationException inner)
                cause = inner;
            throw new InvalidInputException($"The settings in {section} cannot be read: {cause.Message}", error);
        }
    }
}
