namespace EvalJobs.Server.Dashboard;

/// <summary>What came of an action.</summary>
public abstract record ActionOutcome
{
    /// <returns>It was done: the browser goes on to a page that says so.</returns>
    /// <param name="message">What happened, as a sentence.</param>
    /// <param name="goTo">The dashboard path to go to; null means back where the button was.</param>
    public static ActionOutcome Done(string message, string? goTo = null) => new DoneOutcome(new FlashMessage(message), goTo);

    /// <inheritdoc cref="Done(string, string?)"/>
    public static ActionOutcome Done(FlashMessage message, string? goTo = null) => new DoneOutcome(message, goTo);

    /// <returns>Ask first. The same action is posted again with <see cref="PageRequest.IsConfirmed"/> when the sender says yes.</returns>
    /// <param name="question">What they are about to do, as a question.</param>
    /// <param name="consequence">What follows from it.</param>
    /// <param name="button">The words on the button that does it.</param>
    public static ActionOutcome Confirm(string question, string consequence, string button) => new ConfirmOutcome(new(question, consequence, button));

    /// <returns>Show a page instead, such as the form again with its faults.</returns>
    public static ActionOutcome Show(PageContent content) => new ShowOutcome(content);

    internal sealed record DoneOutcome(FlashMessage Message, string? GoTo) : ActionOutcome;

    internal sealed record ConfirmOutcome(Confirmation Confirmation) : ActionOutcome;

    internal sealed record ShowOutcome(PageContent Content) : ActionOutcome;
}

/// <summary>A question put before an action.</summary>
/// <param name="Question">What they are about to do.</param>
/// <param name="Consequence">What follows from it.</param>
/// <param name="Button">The words on the button that does it.</param>
public sealed record Confirmation(string Question, string Consequence, string Button);
