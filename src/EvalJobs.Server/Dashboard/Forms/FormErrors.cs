using System.Text.RegularExpressions;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>What is wrong with a posted form, field by field, to be shown next to the fields.</summary>
internal sealed partial class FormErrors
{
    private readonly List<(string Field, string Message)> _all = [];

    /// <summary>The errors in the order they were found, which is that of the fields.</summary>
    public IReadOnlyList<(string Field, string Message)> All => _all;

    /// <summary>An error that concerns no single field, such as a conflict with another user; null when there is none. It says that nothing was stored.</summary>
    public string? General { get; set; }

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => _all.Count > 0 || General is not null;

    /// <summary>The first field with an error, which gets the focus; null when none is.</summary>
    public string? First => _all.Count > 0 ? _all[0].Field : null;

    /// <returns>What is wrong with a field; null when nothing is.</returns>
    public string? this[string field] => _all.FirstOrDefault(error => error.Field == field).Message;

    /// <summary>Adds an error, in the form's words. A field's first one is shown next to it.</summary>
    public void Add(string field, string message) => _all.Add((field, FormWords.Of(message)));

    /// <returns>The id of a field's element.</returns>
    public static string IdOf(string field) => $"ej-{Unfit().Replace(field, "-")}";

    [GeneratedRegex("[^A-Za-z0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Unfit();
}
