using System.Globalization;
using System.Text;
using System.Xml;

namespace EvalJobs.Application;

/// <summary>Writes test results as JUnit XML, the form that build servers show.</summary>
internal static class JunitExport
{
    private const int MaxText = 4000;

    /// <param name="suiteName">The name of the one test suite.</param>
    /// <param name="tests">The tests, read as they are written.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    public static async Task WriteAsync(string suiteName, IAsyncEnumerable<JunitTest> tests, Stream target, CancellationToken cancellationToken)
    {
        var form = new XmlWriterSettings { Async = true, Encoding = new UTF8Encoding(false), Indent = true, CloseOutput = false, NewLineChars = "\n" };
        await using var xml = XmlWriter.Create(target, form);
        await xml.WriteStartDocumentAsync();
        await xml.WriteStartElementAsync(null, "testsuites", null);
        await xml.WriteStartElementAsync(null, "testsuite", null);
        await AttributeAsync(xml, "name", suiteName);
        await foreach (var test in tests.WithCancellation(cancellationToken))
            await WriteAsync(xml, test);
        await xml.WriteEndElementAsync();
        await xml.WriteEndElementAsync();
        await xml.WriteEndDocumentAsync();
        await xml.FlushAsync();
    }

    private static async Task WriteAsync(XmlWriter xml, JunitTest test)
    {
        await xml.WriteStartElementAsync(null, "testcase", null);
        await AttributeAsync(xml, "classname", test.ClassName);
        await AttributeAsync(xml, "name", test.Name);
        await AttributeAsync(xml, "time", (test.Milliseconds / 1000.0).ToString("0.000", CultureInfo.InvariantCulture));
        if (test.Outcome is { } outcome)
        {
            await xml.WriteStartElementAsync(null, outcome.IsError ? "error" : "failure", null);
            await AttributeAsync(xml, "type", outcome.Type);
            await AttributeAsync(xml, "message", Cut(outcome.Message));
            await xml.WriteStringAsync(Allowed(outcome.Details));
            await xml.WriteEndElementAsync();
        }

        await xml.WriteEndElementAsync();
    }

    private static Task AttributeAsync(XmlWriter xml, string name, string value) => xml.WriteAttributeStringAsync(null, name, null, Allowed(value));

    /// <returns>The beginning of a text; a whole reply would make reports of megabytes that no build server shows.</returns>
    public static string Cut(string? text) => text is null ? "" : text.Length <= MaxText ? text : $"{text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)]}…";

    /// <returns>The text with U+FFFD where it has a character that XML does not allow, such as most control characters.</returns>
    private static string Allowed(string text)
    {
        var allowed = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (at + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[at + 1], text[at]))
                allowed.Append(text[at]).Append(text[++at]);
            else
                allowed.Append(XmlConvert.IsXmlChar(text[at]) ? text[at] : '\uFFFD');
        }

        return allowed.ToString();
    }
}

/// <summary>One test of a JUnit report.</summary>
/// <param name="ClassName">What it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Outcome">Why it did not pass; null when it did.</param>
internal sealed record JunitTest(string ClassName, string Name, long Milliseconds, JunitOutcome? Outcome);

/// <summary>Why a test did not pass.</summary>
/// <param name="IsError">Whether it could not be decided; false when it is wrong.</param>
/// <param name="Type">The verdict's word.</param>
/// <param name="Message">One line.</param>
/// <param name="Details">Further details.</param>
internal sealed record JunitOutcome(bool IsError, string Type, string Message, string Details);
