using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using Microsoft.Extensions.Configuration;
using F23.StringSimilarity;

namespace EvalJobs.DependencyInjection;

/// <summary>Reads one section of the settings into its options record; what is wrong is refused with the setting's full name.</summary>
public static partial class SettingsReader
{
    /// <summary>The section that holds all of ours.</summary>
    public const string Root = "EvalJobs";

    private static readonly string[] FrameworkSections = ["Urls", "Logging", "Kestrel"];

    /// <summary>Refuses sections nobody reads: they are misspelt, and what they say would be ignored without a word.</summary>
    /// <exception cref="InvalidInputException">There is such a section; the message names the nearest right one, and all of them.</exception>
    public static void ValidateSections(IConfiguration configuration, IReadOnlyList<SettingsSection> known)
    {
        var unknown = configuration.GetSection(Root).GetChildren().Select(section => section.Key)
            .Where(name => !known.Any(section => section.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
        if (unknown.Count == 0)
            return;
        if (unknown.FirstOrDefault(name => FrameworkSections.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } framework)
            throw new InvalidInputException($"{Root}:{framework} is no section: {framework} stands beside {Root}, in a settings file or an environment variable, and cannot be given with --set.");

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
        ValidateNames(values, section, SettingsSection.NamesOf(typeof(T)));
        try
        {
            return values.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
        }
        catch (InvalidOperationException error)
        {
            // Either "Failed to convert configuration value at '…'" or, within a named entry such as a webhook, the names of unknown keys: both
            // say which. The binder wraps the latter in a sentence that says neither.
            var cause = error;
            while (cause.InnerException is InvalidOperationException inner)
                cause = inner;
            throw new InvalidInputException($"The settings in {section} cannot be read: {Expectation(cause.Message, typeof(T), section) ?? cause.Message}", error);
        }
    }

    /// <summary>The binder lists unknown names as well, but not what would be right.</summary>
    private static void ValidateNames(IConfigurationSection values, string section, IReadOnlyList<string> known)
    {
        var unknown = values.GetChildren().Select(child => child.Key).Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
        if (unknown.Count == 0)
            return;
        var lines = unknown.Select(name => $"{section}:{name} is no setting; did you mean {known.MinBy(each => Distance(name, each))}?");
        throw new InvalidInputException(
            $"The settings are not acceptable: {string.Join(" ", lines)} The settings in {section} are {string.Join(", ", known)}.");
    }

    /// <summary>The binder names the setting, the value and a .NET type. What that type looks like is said here, for the types there are.</summary>
    private static string? Expectation(string message, Type options, string section)
    {
        if (UnreadableValue().Match(message) is not { Success: true } match)
            return null;

        var path = match.Groups["path"].Value;
        var type = options;
        foreach (var name in path[section.Length..].Split(':', StringSplitOptions.RemoveEmptyEntries))
            type = type?.GetProperty(name, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance)?.PropertyType;
        type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        var expected = type switch
        {
            null => null,
            { IsEnum: true } => string.Join(" or ", Enum.GetNames(type)),
            _ when type == typeof(TimeSpan) => "a time as hh:mm:ss, such as 00:02:00",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(double) => "a number",
            _ => null,
        };
        return expected is null ? null : $"{path}: '{match.Groups["value"].Value}' is not what is expected: {expected}.";
    }

    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<path>[^']*)' to type", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnreadableValue();
}
