using System.Text;

namespace EvalJobs.Execution.Agents;

/// <summary>Takes the JSON events out of a body that holds several: server-sent events, or JSON by lines.</summary>
internal static class EventStream
{
    /// <summary>The end that chat endpoints send as data; no event.</summary>
    private const string Done = "[DONE]";

    /// <returns>The data of each server-sent event, in order, without comments and the final <c>[DONE]</c>; lines of one event joined by line ends.</returns>
    public static IEnumerable<string> ServerSent(string body)
    {
        var data = new StringBuilder();
        var hasData = false;
        foreach (var line in Lines(body).Append(""))
        {
            if (line.Length == 0)
            {
                if (hasData && data.ToString() is var text && text.Trim() is not ("" or Done))
                    yield return text;
                data.Clear();
                hasData = false;
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal) || line == "data")
            {
                if (hasData)
                    data.Append('\n');
                var value = line.Length > 5 ? line[5..] : "";
                data.Append(value.StartsWith(' ') ? value[1..] : value);
                hasData = true;
            }
        }
    }

    /// <returns>The lines that are not blank, in order.</returns>
    public static IEnumerable<string> ByLines(string body) => Lines(body).Where(line => !string.IsNullOrWhiteSpace(line));

    private static IEnumerable<string> Lines(string body)
    {
        using var reader = new StringReader(body);
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
