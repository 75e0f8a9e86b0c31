using Microsoft.AspNetCore.Components;

namespace EvalJobs.Server.Dashboard;

/// <summary>What a page shows: a component and its model.</summary>
/// <param name="Title">The page's title and first heading, as plain text.</param>
/// <param name="View">The component.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Status">The HTTP status.</param>
public sealed record PageContent(string Title, Type View, IReadOnlyDictionary<string, object?> Parameters, int Status = StatusCodes.Status200OK)
{
    /// <summary>The parameters as the framework's dynamic component takes them.</summary>
    internal IDictionary<string, object> ViewParameters => Parameters.ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal);

    /// <summary>A view with its typed model.</summary>
    public static PageContent Of<TView, TModel>(string title, TModel model, int status = StatusCodes.Status200OK) where TView : PageView<TModel> =>
        new(title, typeof(TView), new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(PageView<>.Model)] = model }, status);
}

/// <summary>The base of our views: a model, and the request for links and rights.</summary>
/// <remarks>Views only show: whatever they need is loaded into the model before.</remarks>
public abstract class PageView<TModel> : ComponentBase
{
    /// <summary>What to show.</summary>
    [Parameter, EditorRequired]
    public required TModel Model { get; set; }

    /// <summary>The request the page answers.</summary>
    [CascadingParameter]
    public required PageRequest Request { get; set; }

    /// <inheritdoc cref="PageRequest.Url"/>
    protected string Url(string path) => Request.Url(path);
}
