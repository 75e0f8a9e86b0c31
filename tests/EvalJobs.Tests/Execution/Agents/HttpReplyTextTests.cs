using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Agents;

/// <summary>Character sets, literal braces, paths, headers and certificates of <c>http</c> targets.</summary>
public sealed class HttpReplyTextTests
{
    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync();

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("utf8", "utf-8")]
    [TestCase("UTF8", "utf-8")]
    [TestCase("\"utf-8\"", "utf-8")]
    [TestCase("utf_8", "utf-8")]
    [TestCase("windows-1252", "windows-1252")]
    [TestCase("ISO-8859-1", "iso-8859-1")]
    [TestCase("shift_jis", null)]
    [TestCase("cp1250", "windows-1250")]
    public async Task Ask_Charset_IsUsedToReadTheReply(string charset, string? encoding)
    {
        var text = encoding is null ? "東京" : "Zürich";
        var bytes = (encoding is null ? CodePagesEncodingProvider.Instance.GetEncoding(932)! : CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding))
            .GetBytes($$"""{"answer":"{{text}}"}""");
        _server.Reply(async (context, _) =>
        {
            context.Response.Headers.ContentType = $"application/json; charset={charset}";
            await context.Response.Body.WriteAsync(bytes);
        });
        await using var host = Host();

        (await host.AskAsync(Genome("\"replyPath\":\"answer\""))).Output.Should().Be(text);
    }

    [Test]
    public async Task Ask_UnknownCharset_IsAnErrorThatNamesIt()
    {
        _server.Reply(Behave.Text("x", "text/plain; charset=klingon"));
        await using var host = Host();

        await FluentActions.Awaiting(() => host.AskAsync(Genome())).Should().ThrowAsync<AgentCallException>().WithMessage("*'klingon'*");
    }

    [Test]
    public async Task Ask_KeysOfTheBody_AreSentInTheirAuthorsOrder()
    {
        await using var host = Host();

        await host.AskAsync(Genome("""
            "body":{"z":"{{input}}","a":{"y":1,"b":[{"n":2,"m":3}]}}
            """));

        _server.Requests.Single().Body.Should().Be("""{"z":"2\u002B2?","a":{"y":1,"b":[{"n":2,"m":3}]}}""");
    }

    [Test]
    public async Task Ask_FourBraces_AreLiteralBraces()
    {
        await using var host = Host();

        await host.AskAsync(Genome("""
            "body":{"prompt":"Dear {{{{customer}}}}, {{input}} {{{{input}}}} {{{{secret:x}}}}"}
            """));

        _server.Requests.Single().Json.GetProperty("prompt").GetString().Should().Be("Dear {{customer}}, 2+2? {{input}} {{secret:x}}");
    }

    [Test]
    public async Task Validate_UnknownPlaceholder_SaysHowToWriteItLiterally()
    {
        await using var host = Host();

        FluentActions.Invoking(() => host.Agents.Validate(EvalJobs.Domain.Genome.Parse(Genome("""
            "body":"Dear {{customer}}"
            """)))).Should().Throw<InvalidInputException>().WithMessage("*{{customer}}*{{{{customer}}}}*");
    }

    [TestCase("a/../b", "/ask/a%2F..%2Fb/x")]
    [TestCase("..\\..", "/ask/..%5C../x")]
    [TestCase("%2e%2e", "/ask/%2e%2e/x")] // the server decodes one encoding
    [TestCase("...", "/ask/.../x")]
    public async Task Ask_InputInThePath_StaysOneSegment(string input, string path)
    {
        await using var host = Host();

        await host.AskAsync(PathGenome("ask/{{input}}/x"), input);

        _server.Requests.Single().PathAndQuery.Should().Be(path);
    }

    [TestCase("ask/{{input}}/x", "..", "c")]
    [TestCase("ask/{{input}}/x", ".", "c")]
    [TestCase("ask/{{input}}", "..", "c")]
    [TestCase("ask/.{{input}}/x", ".", "c")]
    [TestCase("ask/{{input}}{{caseKey}}/x", ".", ".")]
    [TestCase("ask/{{caseKey}}/x", "q", "..")]
    public async Task Ask_InputThatWouldChangeThePath_IsAnErrorWithoutACall(string path, string input, string caseKey)
    {
        await using var host = Host();

        await FluentActions.Awaiting(() => host.AskAsync(PathGenome(path), input, caseKey)).Should().ThrowAsync<AgentCallException>().WithMessage("*path of target.url*");

        _server.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task Validate_TooManyHeaders_IsAnErrorWithTheLimit()
    {
        await using var host = Host();
        var headers = JsonSerializer.Serialize(Enumerable.Range(0, 20_000).ToDictionary(number => $"X-{number}", _ => "v", StringComparer.Ordinal));

        FluentActions.Invoking(() => host.Agents.Validate(EvalJobs.Domain.Genome.Parse(Genome($"\"headers\":{headers}"))))
            .Should().Throw<InvalidInputException>().WithMessage("target.headers contains 20000 headers; at most 64*");
    }

    [Test]
    public async Task Ask_SelfSignedCertificate_IsAnErrorThatSaysSoAndIsNotRetried()
    {
        using var certificate = SelfSigned("localhost");
        await using var server = await TestAgentServer.StartAsync(certificate: certificate);
        await using var host = new AgentTestHost(AgentTestHost.Allowing(server) with { AllowedHosts = ["localhost"] });

        var asking = () => host.AskAsync(HttpsGenome(server));

        (await asking.Should().ThrowAsync<AgentCallException>().WithMessage("The certificate of localhost is not trusted: it is self-signed*TrustedCertificates*"))
            .Which.Message.Should().NotContain("inner exception");
    }

    [Test]
    public async Task Ask_CertificateTheOperatorTrustsForTheHost_IsAccepted()
    {
        using var certificate = SelfSigned("localhost");
        var file = Path.Join(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        try
        {
            await using var server = await TestAgentServer.StartAsync(certificate: certificate);
            await using var host = new AgentTestHost(AgentTestHost.Allowing(server) with
            {
                AllowedHosts = ["localhost"],
                TrustedCertificates = [new TrustedCertificate { Host = "localhost", File = file }],
            });

            (await host.AskAsync(HttpsGenome(server))).Output.Should().Contain("ok");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task Ask_CertificateForAnotherName_IsAnErrorThatNamesIt()
    {
        using var certificate = SelfSigned("elsewhere.example");
        await using var server = await TestAgentServer.StartAsync(certificate: certificate);
        await using var host = new AgentTestHost(AgentTestHost.Allowing(server) with { AllowedHosts = ["localhost"] });

        await FluentActions.Awaiting(() => host.AskAsync(HttpsGenome(server))).Should().ThrowAsync<AgentCallException>()
            .WithMessage("The certificate of localhost is not trusted: it is for another name (elsewhere.example)*");
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static string HttpsGenome(TestAgentServer server) => $$$"""{"target":{"type":"http","url":"https://localhost:{{{server.Url.Port}}}/"}}""";

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server));

    private string PathGenome(string path) => $$$"""{"target":{"type":"http","url":"{{{_server.Url}}}{{{path}}}"}}""";

    private string Genome(string more = "") => $$$"""{"target":{"type":"http","url":"{{{_server.Url}}}"{{{(more.Length > 0 ? "," : "")}}}{{{more}}}}}""";
}
