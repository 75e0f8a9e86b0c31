using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EvalJobs.Server.Dashboard;

/// <summary>The answers of our endpoints.</summary>
internal static class Page
{
    /// <returns>A view with its model, in the layout the view names.</returns>
    public static IResult Of<TView, TModel>(TModel model, int status = StatusCodes.Status200OK) where TView : PageView<TModel> =>
        new RazorComponentResult<TView>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(PageView<>.Model)] = model }) { StatusCode = status };

    /// <returns>A page with one sentence.</returns>
    public static IResult Notice(string title, string message, int status) => Of<NoticeView, Notice>(new Notice(title, message), status);

    /// <returns>A question before an action; its answer is posted to the address of the page.</returns>
    public static IResult Confirm(Confirmation confirmation) => Of<ConfirmView, Confirmation>(confirmation);

    /// <returns>Plain text that a browser takes for nothing else.</returns>
    public static IResult Text(string? text) => text is null ? throw new Domain.NotFoundException("The case has no such text.") : Results.Text(text, "text/plain; charset=utf-8");
}

/// <summary>The base of our views: a model, and the request for links and rights.</summary>
/// <remarks>Views only show: whatever they need is loaded into the model before.</remarks>
public abstract class PageView<TModel> : ComponentBase
{
    /// <summary>What to show.</summary>
    [Parameter, EditorRequired]
    public required TModel Model { get; set; }

    /// <summary>The request the page answers.</summary>
    [Inject]
    public required PageRequest Request { get; set; }

    /// <inheritdoc cref="PageRequest.Url"/>
    protected string Url(string path) => Request.Url(path);
}

/// <summary>A page with one sentence.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Message">The sentence, as plain text.</param>
public sealed record Notice(string Title, string Message);

/// <summary>A question before an action.</summary>
/// <param name="Question">What the person is about to do.</param>
/// <param name="Consequence">What follows from it.</param>
/// <param name="Button">The words on the button that does it.</param>
/// <param name="Back">The dashboard path to return to without doing it.</param>
public sealed record Confirmation(string Question, string Consequence, string Button, string Back)
{
    /// <summary>Fields to post again with the answer.</summary>
    public IReadOnlyList<(string Name, string? Value)> Fields { get; init; } = [];
}
