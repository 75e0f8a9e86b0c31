using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EvalJobs.Server.Api;

/// <summary>
/// The summaries of types and properties, from the compiler's XML file in the folder of the assembly, so that code and OpenAPI document have the same
/// text.
/// </summary>
internal static partial class XmlTexts
{
    private static readonly Lazy<Dictionary<string, string>> Summaries = new(Load);

    /// <returns>A property's summary; null when there is none.</returns>
    public static string? Of(PropertyInfo property) => Summaries.Value.GetValueOrDefault($"P:{Name(property.DeclaringType!)}.{property.Name}");

    /// <returns>A type's summary; null when there is none.</returns>
    public static string? Of(Type type) => Summaries.Value.GetValueOrDefault($"T:{Name(type)}");

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static Dictionary<string, string> Load()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var assembly in new[] { typeof(XmlTexts).Assembly, typeof(Domain.Tenant).Assembly })
        {
            var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
            if (!File.Exists(file))
                continue;
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                var name = member.Attribute("name")!.Value;
                if (member.Element("summary") is { } summary)
                    texts[name] = TextOf(summary);

                // The parameters of a record are its properties.
                foreach (var parameter in name.StartsWith("T:", StringComparison.Ordinal) ? member.Elements("param") : [])
                    texts.TryAdd($"P:{name[2..]}.{parameter.Attribute("name")!.Value}", TextOf(parameter));
            }
        }

        return texts;
    }

    private static string TextOf(XElement element) => Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    /// <summary>Of a reference, only the last part of the name is shown.</summary>
    private static string Text(XNode node) => node switch
    {
        XElement { HasElements: false, Value.Length: > 0 } element => element.Value,
        XElement element when element.Attribute("cref") is { } reference => reference.Value[(reference.Value.LastIndexOfAny(['.', ':']) + 1)..],
        XText text => text.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
