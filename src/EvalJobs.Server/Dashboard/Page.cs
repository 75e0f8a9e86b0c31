using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EvalJobs.Server.Dashboard;

/// <summary>The answers of our endpoints.</summary>
internal static class Page
{
    /// <returns>A view with its model, in the layout the view names.</returns>
    public static IResult Of<TView, TModel>(TModel model, int status = StatusCodes.Status200OK) where TView : PageView, IViewOf<TModel> where TModel : notnull =>
        new RazorComponentResult<TView>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(PageView.ViewModel)] = model }) { StatusCode = status };

    /// <returns>A page with one sentence.</returns>
    public static IResult Notice(string title, string message, int status, params IEnumerable<Domain.Remedy> remedies) =>
        Of<NoticeView, Notice>(new Notice(title, message, [.. remedies.Select(RemedyLink.Of).OfType<(string Path, string Words)>()]), status);

    /// <returns>A confirmation page; its form is posted to the address of the page.</returns>
    public static IResult Confirm(Confirmation confirmation) => Of<ConfirmView, Confirmation>(confirmation);

    /// <returns>An untrusted text as Markdown.</returns>
    public static IResult Markdown(string title, string? text, string path, string back) =>
        text is null ? throw new Domain.NotFoundException("The case has no such text.") : Of<MarkdownView, MarkdownPage>(new MarkdownPage(title, text, path, back));

    /// <returns>Plain text that a browser does not interpret.</returns>
    public static IResult Text(string? text) => text is null ? throw new Domain.NotFoundException("The case has no such text.") : Results.Text(text, "text/plain; charset=utf-8");
}

/// <summary>The base of our views, and of the parts of views that show one model: what to show, and the request for links and rights.</summary>
/// <remarks>
/// Views only show: all data are loaded into the model before. A Razor component is always public and so are its parameters, but models are
/// internal, so the parameter has no type. A view says the type by <see cref="IViewOf{TModel}"/> and reads it by <see cref="ModelOf"/>.
/// </remarks>
public abstract class PageView : ComponentBase
{
    /// <summary>What to show.</summary>
    [Parameter, EditorRequired]
    public required object ViewModel { get; set; }

    /// <summary>The request the page answers.</summary>
    [Inject]
    internal PageRequest Request { get; set; } = null!;

    /// <inheritdoc cref="PageRequest.Url"/>
    private protected string Url(string path) => Request.Url(path);

    /// <returns>What to show, as the type the view is of.</returns>
    private protected static TModel ModelOf<TModel>(IViewOf<TModel> view) where TModel : notnull => (TModel)((PageView)view).ViewModel;
}

/// <summary>The model of a view; <see cref="Page.Of"/> checks its type.</summary>
internal interface IViewOf<TModel> where TModel : notnull;

/// <summary>A view that shows the errors of the query next to its filter, and then lists nothing; its answer gets the status 400.</summary>
internal interface IShowsQueryErrors;

/// <summary>A page with one sentence.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Message">The sentence, as plain text.</param>
/// <param name="Links">Dashboard paths of pages that help, with the texts of the links.</param>
internal sealed record Notice(string Title, string Message, IReadOnlyList<(string Path, string Words)> Links);

/// <summary>A text as Markdown.</summary>
/// <param name="Title">What text it is.</param>
/// <param name="Text">The text.</param>
/// <param name="Path">The dashboard path of the plain text.</param>
/// <param name="Back">The dashboard path of the page it belongs to.</param>
internal sealed record MarkdownPage(string Title, string Text, string Path, string Back);

/// <summary>The content of a confirmation page.</summary>
/// <param name="Question">What the person is about to do.</param>
/// <param name="Consequence">What follows from it.</param>
/// <param name="Button">The words on the button that does it.</param>
/// <param name="Back">The dashboard path to return to without doing it.</param>
internal sealed record Confirmation(string Question, string Consequence, string Button, string Back)
{
    /// <summary>Fields to post again with the answer.</summary>
    public IReadOnlyList<(string Name, string? Value)> Fields { get; init; } = [];

    /// <summary>The longest reason, in characters, when one is required; null when none is.</summary>
    public int? MaxReasonLength { get; init; }
}
