using System.Diagnostics;
using System.Globalization;
using System.Text;
using EvalJobs.Domain;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Tests.Support;
using Receiver;

namespace EvalJobs.Tests.Jobs.Alerts;

/// <summary>The receivers of docs/guide/webhooks.md accept what the server sends, and nothing else.</summary>
public sealed class WebhookReceiverDocTests
{
    private const string Secret = "s3cret é";

    [Test]
    public void Receiver_InCSharp_EqualsTheTestedOne() =>
        DocPage.Read("guide/webhooks.md").Blocks("csharp").Single().Should().Be(Repository.Read("tests/EvalJobs.Tests/Jobs/Alerts/EvalJobsSignature.cs").ReplaceLineEndings("\n"));

    [Test]
    public async Task IsValid_MessageOfTheServer_IsAcceptedAndNothingElse()
    {
        var (timestamp, signature, body) = await SendAsync();
        var receiver = new EvalJobsSignature(Secret, TimeProvider.System);

        receiver.IsValid(timestamp, signature, body).Should().BeTrue();
        receiver.IsValid(timestamp, signature, [.. body, (byte)' ']).Should().BeFalse("the body was changed");
        receiver.IsValid($"{long.Parse(timestamp, CultureInfo.InvariantCulture) + 1}", signature, body).Should().BeFalse("the time was changed");
        receiver.IsValid(timestamp, signature[..^1] + "0", body).Should().Be(signature.EndsWith('0'));
        receiver.IsValid(null, signature, body).Should().BeFalse();
        receiver.IsValid(timestamp, null, body).Should().BeFalse();
        receiver.IsValid($"{long.MaxValue}", signature, body).Should().BeFalse();
        new EvalJobsSignature("another", TimeProvider.System).IsValid(timestamp, signature, body).Should().BeFalse();
        new EvalJobsSignature(Secret, new LaterClock(TimeSpan.FromMinutes(6))).IsValid(timestamp, signature, body).Should().BeFalse("it is a repeated one");
    }

    [Test]
    public async Task Receiver_InPython_AcceptsTheMessageOfTheServer()
    {
        var (timestamp, signature, body) = await SendAsync();
        var program = DocPage.Read("guide/webhooks.md").Blocks("python").Single() + """

            import sys
            secret, timestamp, signature = sys.argv[1:4]
            body = sys.stdin.buffer.read()
            print(is_valid(secret, timestamp, signature, body), is_valid(secret, timestamp, signature, body + b" "), is_valid(secret, "1", signature, body), is_valid(secret, None, None, body))
            """;

        (await PythonAsync(program, body, Secret, timestamp, signature)).Should().Be("True False False False");
    }

    private static async Task<(string Timestamp, string Signature, byte[] Body)> SendAsync()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var channel = new WebhookAlertChannel("ci", new WebhookOptions { Url = receiver.Url, Secret = Secret }, TimeProvider.System);
        await channel.SendAsync([new Alert { Id = 7, Topic = AlertTopic.Failure, Phase = AlertPhase.Raised, Text = "Run 17 failed permanently – “é”." }], CancellationToken.None);

        var (_, body, headers) = receiver.Posts.Single();
        return (headers[WebhookAlertChannel.TimestampHeader].ToString(), headers[WebhookAlertChannel.SignatureHeader].ToString(), Encoding.UTF8.GetBytes(body));
    }

    private static async Task<string> PythonAsync(string program, byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["-c", program, .. arguments])
            start.ArgumentList.Add(argument);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("No python3 here.");
            throw;
        }

        using (process)
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return output.Trim();
        }
    }

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
