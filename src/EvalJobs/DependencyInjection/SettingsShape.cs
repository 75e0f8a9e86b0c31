using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.DependencyInjection;

/// <summary>Checks configured values against the options record they are read into, and reports errors in plain words. Values of secrets are never repeated.</summary>
internal static class SettingsShape
{
    /// <returns>One sentence per value that cannot be read; empty when all can.</returns>
    public static IEnumerable<string> Errors(IConfigurationSection section, Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        var children = section.GetChildren().ToList();
        if (IsScalar(bare))
            return children.Count > 0 ? [$"{section.Path} takes one value, not a list or a group."] : ScalarErrors(section, type, bare);
        if (ItemOf(bare, typeof(IReadOnlyDictionary<,>)) is { } entry)
            return children.Count == 0 ? GroupErrors(section, "named settings", $"{section.Path}:name") : children.SelectMany(child => Errors(child, entry));
        if (ItemOf(bare, typeof(IEnumerable<>)) is { } item)
            return children.Count == 0 ? GroupErrors(section, "a list", $"{section.Path}:0") : children.SelectMany(child => Errors(child, item));
        return children.Count == 0 ? GroupErrors(section, "a group of settings", $"{section.Path}:{SettingsSection.NamesOf(bare)[0]}") : RecordErrors(children, section.Path, bare);
    }

    private static IEnumerable<string> RecordErrors(IEnumerable<IConfigurationSection> children, string path, Type type)
    {
        foreach (var child in children)
        {
            var property = type.GetProperty(child.Key, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance);
            if (property?.SetMethod is null)
                yield return $"{child.Path} is not a setting; the settings in {path} are {string.Join(", ", SettingsSection.NamesOf(type))}.";
            else
            {
                foreach (var error in Errors(child, property.PropertyType))
                    yield return error;
            }
        }
    }

    private static IEnumerable<string> GroupErrors(IConfigurationSection section, string kind, string example) =>
        string.IsNullOrEmpty(section.Value) ? [] : [$"{section.Path} must be {kind}: write {example}=…"];

    private static IEnumerable<string> ScalarErrors(IConfigurationSection section, Type declared, Type type)
    {
        if (section.Value is not { } text || (text.Length == 0 && declared != type))
            return [];
        return Expectation(type, text) is { } expected ? [$"{section.Path}: '{text}' is not what is expected: {expected}."] : [];
    }

    /// <returns>The expected form of a text for this type; null when it can be read.</returns>
    private static string? Expectation(Type type, string text)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase) ? null : string.Join(" or ", Enum.GetNames(type));
        if (type == typeof(TimeSpan))
        {
            // A bare number would be read as days.
            var isTime = text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _);
            return isTime ? null : "a time as hh:mm:ss, such as 00:02:00";
        }

        if (type == typeof(bool))
            return bool.TryParse(text, out _) ? null : "true or false";
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : "a whole number";
        if (type == typeof(long))
            return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : "a whole number";
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? null : "a number with a decimal point, such as 0.5";
        return null;
    }

    private static bool IsScalar(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(decimal) || type == typeof(Uri)
        || type == typeof(DateTimeOffset) || type == typeof(Guid);

    /// <returns>What a dictionary or list of that kind holds; null when the type is neither.</returns>
    private static Type? ItemOf(Type type, Type generic) =>
        type.GetInterfaces().Prepend(type).FirstOrDefault(each => each.IsGenericType && IsKind(each.GetGenericTypeDefinition(), generic))?.GetGenericArguments()[^1];

    private static bool IsKind(Type definition, Type generic) =>
        definition == generic || (generic == typeof(IReadOnlyDictionary<,>) && definition == typeof(IDictionary<,>));
}
